//! How far a connection is protected.

use crate::finding::nearest;
use crate::values::bad_value::{BadValue, shown};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt;

/// How much TLS a connection must have, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsLevel {
    /// STARTTLS is not tried.
    None,
    /// Encrypted where the other side offers it.
    Opportunistic,
    /// Always encrypted; the certificate is not looked at.
    Encrypted,
    /// The certificate comes from a trusted authority.
    CaVerified,
    /// The certificate is trusted, and its name is checked too.
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
