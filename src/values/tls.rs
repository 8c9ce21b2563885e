//! How far a connection is protected.

use crate::finding::nearest;
use crate::values::bad_value::{BadValue, shown};
use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// TLS levels, each demanding more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsLevel {
    /// STARTTLS is not tried.
    None,
    /// STARTTLS is used where the other side offers it (RFC 7435).
    Opportunistic,
    /// Without TLS no mail is handed over; whose certificate it is does not matter.
    Encrypted,
    /// The certificate must come from an authority that is trusted.
    CaVerified,
    /// The certificate must also hold the right name (RFC 9525).
    Verified,
}

impl TlsLevel {
    /// All levels, least first.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Opportunistic,
        Self::Encrypted,
        Self::CaVerified,
        Self::Verified,
    ];

    /// Reads a level.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        if let Some(level) = Self::ALL.into_iter().find(|level| level.as_str() == text) {
            return Ok(level);
        }
        let names = Self::ALL.map(Self::as_str);
        Err(
            BadValue::new(format!("{} is no TLS level", shown(text))).help(
                match nearest(text, names) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("write one of `{}`", names.join("`, `")),
                },
            ),
        )
    }

    /// The level as the language spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Opportunistic => "opportunistic",
            Self::Encrypted => "encrypted",
            Self::CaVerified => "ca-verified",
            Self::Verified => "verified",
        }
    }
}

impl fmt::Display for TlsLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<'de> Deserialize<'de> for TlsLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_spelled() {
        assert!(TlsLevel::ALL.is_sorted());
        for level in TlsLevel::ALL {
            assert_eq!(TlsLevel::parse(level.as_str()), Ok(level));
        }
        let error = TlsLevel::parse("verifed").unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `verified`?"));
        assert!(
            TlsLevel::parse("mandatory")
                .unwrap_err()
                .help
                .unwrap()
                .contains("`ca-verified`")
        );
    }
}
