//! The YAML 1.2 core schema: what a scalar without quotes stands for.
//!
//! <https://yaml.org/spec/1.2.2/#103-core-schema>: `no`, `on` and `yes` are text.

/// What a scalar without quotes stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text,
}

/// Resolves a scalar without quotes.
pub(super) fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return Scalar::Text;
    }
    integer(text)
        .or_else(|| float(text))
        .unwrap_or(Scalar::Text)
}

fn integer(text: &str) -> Option<Scalar> {
    let based = |digits: &str, radix| {
        // `from_str_radix` takes a sign, YAML does not take one here.
        if digits.starts_with(['+', '-']) {
            return None;
        }
        u64::from_str_radix(digits, radix)
            .ok()
            .map(Scalar::Unsigned)
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return based(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return based(digits, 8);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.starts_with('-') {
        return text.parse().ok().map(Scalar::Signed);
    }
    digits.parse().ok().map(Scalar::Unsigned)
}

fn float(text: &str) -> Option<Scalar> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let infinite = if text.starts_with('-') {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
        return Some(Scalar::Float(infinite));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Scalar::Float(f64::NAN));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let some = |text: &str| !text.is_empty() && digits(text);
    let exponent_fits =
        exponent.is_none_or(|exponent| some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let mantissa_fits = digits(whole) && digits(fraction) && (some(whole) || some(fraction));
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    text.parse().ok().map(Scalar::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema() {
        for (text, scalar) in [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("nULL", Scalar::Text),
            ("yes", Scalar::Text),
            ("on", Scalar::Text),
            ("True", Scalar::Bool(true)),
            ("2019", Scalar::Unsigned(2019)),
            ("007", Scalar::Unsigned(7)),
            ("0x1F", Scalar::Unsigned(31)),
            ("0o17", Scalar::Unsigned(15)),
            ("0x", Scalar::Text),
            ("0x-1", Scalar::Text),
            ("-5", Scalar::Signed(-5)),
            ("+5", Scalar::Unsigned(5)),
            ("1.2", Scalar::Float(1.2)),
            (".5", Scalar::Float(0.5)),
            ("5.", Scalar::Float(5.0)),
            ("1e3", Scalar::Float(1000.0)),
            ("1e", Scalar::Text),
            (".", Scalar::Text),
            ("-", Scalar::Text),
            ("-.inf", Scalar::Float(f64::NEG_INFINITY)),
            ("203.0.113.10", Scalar::Text),
            ("12:30", Scalar::Text),
            ("2027-03-31", Scalar::Text),
            ("99999999999999999999", Scalar::Float(1e20)),
        ] {
            assert_eq!(resolve(text), scalar, "{text}");
        }
    }
}
