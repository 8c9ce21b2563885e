//! Days of the Gregorian calendar, without a clock or a time zone.

use crate::values::bad_value::{BadValue, shown};
use std::fmt;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year, 1 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        let shape = || {
            BadValue::new(format!("{} is no date", shown(text)))
                .help("write year, month and day, such as `2027-03-31`")
        };
        let bytes = text.as_bytes();
        let well_formed = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, b)| {
                if matches!(at, 4 | 7) {
                    *b == b'-'
                } else {
                    b.is_ascii_digit()
                }
            });
        if !well_formed {
            return Err(shape());
        }
        let mut parts = text.split('-');
        let mut next = || parts.next().and_then(|part| part.parse::<u16>().ok());
        let (Some(year), Some(month), Some(day)) = (next(), next(), next()) else {
            return Err(shape());
        };
        let none = |what: String| BadValue::new(format!("{} is no date: {what}", shown(text)));
        let month = u8::try_from(month).ok().filter(|m| (1..=12).contains(m));
        let Some(month) = month else {
            return Err(none("months go from 01 to 12".to_owned()));
        };
        if year == 0 {
            return Err(none("there is no year 0".to_owned()));
        }
        let most = days_of_month(year, month);
        match u8::try_from(day).ok().filter(|d| (1..=most).contains(d)) {
            Some(day) => Ok(Self { year, month, day }),
            None => Err(none(format!("that month has {most} days"))),
        }
    }

    /// Days since 1970-01-01, negative before.
    pub fn days(self) -> i64 {
        // Years are counted from March, so that the leap day is the last of its year.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
            - 719_468
    }

    /// The day that many days after 1970-01-01, where it lies in the years 1 to 9999.
    pub fn from_days(days: i64) -> Option<Self> {
        let shifted = days.checked_add(719_468)?;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Some(Self {
            year: u16::try_from(year)
                .ok()
                .filter(|y| (1..=9999).contains(y))?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }

    /// How many days the other lies after this one.
    pub fn days_until(self, other: Self) -> i64 {
        other.days() - self.days()
    }
}

fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_days_that_exist() {
        for text in ["2024-02-29", "2000-02-29", "2027-12-31", "0001-01-01"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-04-31",
            "2027-1-1",
            "27-01-01",
            "2027/01/01",
            "",
            "0000-01-01",
            "2027-01-01 ",
            "+027-01-01",
        ] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
        assert_eq!(Date::parse("1970-01-01").unwrap().days(), 0);
        assert_eq!(Date::parse("2000-03-01").unwrap().days(), 11_017);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}", days: i64) {
            let _ = (Date::parse(&text), Date::from_days(days));
        }

        #[test]
        fn days_count_on(days in -719_162i64..2_932_896) {
            let date = Date::from_days(days).unwrap();
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
            prop_assert!(date < Date::from_days(days + 1).unwrap());
        }
    }
}
