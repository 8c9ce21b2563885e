//! One parameter of a cmdlet, and which values it takes.

use crate::platforms::exchange::call::{Call, items};
use crate::platforms::exchange::catalogue::Cmdlet;
use crate::platforms::exchange::catalogue::products::{Product, Products};
use crate::writer::powershell::PsValue;
use serde::Deserialize;
use std::net::Ipv4Addr;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
    pub(crate) r#type: String,
    /// Where it differs from the cmdlet's.
    pub(crate) products: Option<Products>,
    /// The sets it is in; all of them where the key is missing.
    pub(crate) sets: Option<Vec<String>>,
    /// Required in every set it is in.
    #[serde(default)]
    pub(crate) required: bool,
    /// Required in these sets only.
    #[serde(default)]
    pub(crate) required_in: Vec<String>,
    /// Takes several values.
    #[serde(default)]
    pub(crate) many: bool,
    /// `$null` is a value of its own, not only a way to clear.
    #[serde(default)]
    pub(crate) null: bool,
    #[serde(default)]
    pub(crate) values: Vec<String>,
    /// Characters.
    pub(crate) max_length: Option<usize>,
    pub(crate) range: Option<(i64, i64)>,
    /// Shortest and longest IPv4 prefix.
    pub(crate) prefix: Option<(u8, u8)>,
}

impl Parameter {
    pub(crate) fn exists_in(&self, product: Product, cmdlet: &Cmdlet) -> bool {
        self.products
            .as_ref()
            .unwrap_or(&cmdlet.products)
            .include(product)
    }

    pub(crate) fn is_in(&self, set: &str) -> bool {
        self.sets
            .as_ref()
            .is_none_or(|sets| sets.iter().any(|one| one == set))
    }

    pub(crate) fn required_in(&self, set: &str) -> bool {
        self.is_in(set) && (self.required || self.required_in.iter().any(|one| one == set))
    }

    pub(crate) fn refuses(&self, value: &PsValue, call: &Call) -> Option<String> {
        if matches!(value, PsValue::Array(_)) && !self.many {
            return Some("takes one value, not a list".to_owned());
        }
        if !items(value).is_empty() {
            return items(value).iter().find_map(|item| self.refuses_one(item));
        }
        // New- leaves out what is not set; only Set- has something to clear.
        match self.kind() {
            _ if self.null => None,
            _ if call.is_new() => Some("cannot be empty on a new object".to_owned()),
            ParameterKind::Text | ParameterKind::Size => None,
            _ => Some(format!("a {} cannot be $null", self.r#type)),
        }
    }

    fn refuses_one(&self, value: &PsValue) -> Option<String> {
        let text = match (self.kind(), value) {
            (_, PsValue::Variable(_))
            // Looked up in the organization.
            | (ParameterKind::Text, PsValue::Hash(_))
            | (ParameterKind::Bool, PsValue::Bool(_))
            | (ParameterKind::Switch, PsValue::Switch(_) | PsValue::Bool(_))
            | (ParameterKind::Size, PsValue::Int(_)) => return None,
            (ParameterKind::Int, PsValue::Int(number)) => {
                let (least, most) = self.range.unwrap_or((0, i64::MAX));
                let fits = (least..=most).contains(number);
                return (!fits).then(|| format!("{number} is not between {least} and {most}"));
            }
            (ParameterKind::Size, PsValue::String(text)) if is_size(text) => return None,
            (ParameterKind::Text, PsValue::String(text)) => text.as_str(),
            _ => return Some(format!("{value:?} is no {}", self.r#type)),
        };
        if !self.values.is_empty() && !self.values.iter().any(|one| one == text) {
            return Some(format!("`{text}` is none of {}", self.values.join(", ")));
        }
        if let Some(most) = self.max_length.filter(|most| text.chars().count() > *most) {
            return Some(format!("`{text}` is longer than {most} characters"));
        }
        match self.prefix {
            Some((shortest, longest)) if !is_ipv4_network(text, shortest, longest) => Some(
                format!("`{text}` is no IPv4 address or network from /{shortest} to /{longest}"),
            ),
            _ => None,
        }
    }

    fn kind(&self) -> ParameterKind {
        match self.r#type.as_str() {
            "Boolean" => ParameterKind::Bool,
            "SwitchParameter" => ParameterKind::Switch,
            "Int16" | "Int32" | "Int64" | "UInt16" | "UInt32" => ParameterKind::Int,
            "Unlimited" | "ByteQuantifiedSize" => ParameterKind::Size,
            _ => ParameterKind::Text,
        }
    }
}

/// What a value has to look like; everything that is typed as text is one kind.
enum ParameterKind {
    Bool,
    Switch,
    Int,
    Size,
    Text,
}

fn is_size(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_uppercase());
    text == "Unlimited"
        || (number.parse::<u64>().is_ok()
            && matches!(&text[number.len()..], "" | "B" | "KB" | "MB" | "GB" | "TB"))
}

fn is_ipv4_network(text: &str, shortest: u8, longest: u8) -> bool {
    let (address, length) = text
        .split_once('/')
        .map_or((text, "32"), |(address, length)| (address, length));
    address.parse::<Ipv4Addr>().is_ok()
        && length
            .parse()
            .is_ok_and(|length| (shortest..=longest).contains(&length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("25MB", true),
            ("Unlimited", true),
            ("0B", true),
            ("25 MB", false),
            ("MB", false),
            ("25XB", false),
            ("", false),
        ] {
            assert_eq!(is_size(text), expected, "{text}");
        }
    }
}
