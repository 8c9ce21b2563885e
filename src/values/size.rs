//! Message sizes.

use crate::values::bad_value::{BadValue, shown};
use std::fmt;

/// A number of octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];

impl Size {
    /// Reads a bare number of octets, or a number with `KB`, `MB` or `GB`, which are powers of 1024.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        if number.is_empty() {
            return Err(bad(text, "is no size"));
        }
        let factor = if unit.is_empty() {
            1
        } else {
            match UNITS.iter().find(|(name, _)| *name == unit) {
                Some(&(_, factor)) => factor,
                None => return Err(unknown_unit(text, number, unit)),
            }
        };
        number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| {
                BadValue::new(format!("{} is more than any message can have", shown(text)))
            })
    }

    /// The number of octets.
    pub const fn octets(self) -> u64 {
        self.0
    }
}

fn unknown_unit(text: &str, number: &str, unit: &str) -> BadValue {
    let meant = unit.trim().to_ascii_uppercase();
    let meant = meant.replace("IB", "B");
    let with_b = if meant.ends_with('B') {
        meant
    } else {
        format!("{meant}B")
    };
    if UNITS.iter().any(|(name, _)| *name == with_b) {
        BadValue::new(format!("{} is no size", shown(text)))
            .help(format!("write `{number}{with_b}`"))
    } else {
        bad(text, "is no size")
    }
}

fn bad(text: &str, why: &str) -> BadValue {
    BadValue::new(format!("{} {why}", shown(text)))
        .help("write a number of octets, or one with `KB`, `MB` or `GB`, such as `25MB`")
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS
            .iter()
            .find(|&&(_, factor)| self.0 > 0 && self.0.is_multiple_of(factor))
        {
            Some((name, factor)) => write!(f, "{}{name}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_are_powers_of_1024() {
        for (text, octets, shown) in [
            ("25MB", 25 << 20, "25MB"),
            ("1024KB", 1 << 20, "1MB"),
            ("1GB", 1 << 30, "1GB"),
            ("100", 100, "100"),
            ("0", 0, "0"),
        ] {
            let size = Size::parse(text).unwrap();
            assert_eq!((size.octets(), size.to_string().as_str()), (octets, shown));
        }
        for (text, help) in [
            ("25 MB", "write `25MB`"),
            ("25mb", "write `25MB`"),
            ("25M", "write `25MB`"),
            ("25MiB", "write `25MB`"),
        ] {
            assert_eq!(Size::parse(text).unwrap_err().help.as_deref(), Some(help));
        }
        for text in ["", "MB", "-1", "1.5MB", "99999999999GB", "1TB"] {
            assert!(Size::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,20}|[0-9]{1,22}[KMG]B") {
            let _ = Size::parse(&text);
        }

        #[test]
        fn is_stable(octets: u64) {
            prop_assert_eq!(Size::parse(&Size(octets).to_string()), Ok(Size(octets)));
        }
    }
}
