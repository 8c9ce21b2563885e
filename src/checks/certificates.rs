//! Names on certificates against names that are looked for.

/// How a name on a certificate, or in the place of one, stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// It is that name, or a wildcard for its first label.
    Covered,
    /// It would be, if a wildcard stood for several labels (RFC 9525, 6.3).
    TooDeep,
}

/// Whether a name, perhaps with a wildcard, covers another; case does not matter.
pub(super) fn covers(pattern: &str, name: &str) -> Option<Cover> {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    if pattern == name {
        return Some(Cover::Covered);
    }
    let base = pattern.strip_prefix("*.")?;
    let label = name.strip_suffix(base)?.strip_suffix('.')?;
    match label {
        "" | "*" => None,
        _ if label.contains('.') => Some(Cover::TooDeep),
        _ => Some(Cover::Covered),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cover, covers};

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (pattern, name, expected) in [
            ("mail.contoso.com", "Mail.Contoso.com", Some(Cover::Covered)),
            ("*.contoso.com", "mail.contoso.com", Some(Cover::Covered)),
            ("*.contoso.com", "*.contoso.com", Some(Cover::Covered)),
            ("*.contoso.com", "mx.eu.contoso.com", Some(Cover::TooDeep)),
            ("*.contoso.com", "contoso.com", None),
            ("*.contoso.com", "mail.notcontoso.com", None),
            ("mail.contoso.com", "contoso.com", None),
        ] {
            assert_eq!(covers(pattern, name), expected, "{pattern} {name}");
        }
    }
}
