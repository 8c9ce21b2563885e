//! A change that its author announces: which domains it concerns and how their mail ends afterwards.

use crate::diff::Diff;
use crate::yaml::Value;

/// What an author says will change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    /// Patterns of the only domains whose mail changes.
    pub(crate) only: Vec<String>,
    /// How that mail ends afterwards.
    pub(crate) becomes: Option<String>,
}

impl Announced {
    /// Reads `expect: {only: ["*.contoso.com"], becomes: "delivered cloud", others: unchanged}`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = "write `expect: {only: [\"*.contoso.com\"], becomes: \"delivered cloud\", others: unchanged}`";
        let document = Value::parse(text).ok_or_else(|| format!("it is no YAML; {shape}"))?;
        let Some(Value::Mapping(expect)) = document.get("expect") else {
            return Err(format!("it has no `expect`; {shape}"));
        };
        let mut announced = Self {
            only: Vec::new(),
            becomes: None,
        };
        for (key, value) in expect {
            match (key.as_str(), value) {
                ("only", Value::List(items)) => {
                    announced
                        .only
                        .extend(items.iter().filter_map(Value::text).map(str::to_owned));
                }
                ("only", Value::Scalar(text, _)) => announced.only.push(text.clone()),
                ("becomes", Value::Scalar(text, _)) => announced.becomes = Some(text.clone()),
                ("others", Value::Scalar(text, _)) if text == "unchanged" => {}
                _ => return Err(format!("it has no meaning for `{key}`; {shape}")),
            }
        }
        Ok(announced)
    }

    /// Ticks off every change that it announces; whether all are.
    pub(crate) fn tick(&self, diff: &mut Diff) -> bool {
        for change in &mut diff.changes {
            let is_inside = change
                .domains
                .iter()
                .all(|domain| self.only.contains(domain));
            let ends = change.new.ends.iter();
            let becomes = |end: &String| self.becomes.as_ref().is_none_or(|wanted| end == wanted);
            change.announced = Some(is_inside && ends.clone().all(becomes));
        }
        let all = diff
            .changes
            .iter()
            .all(|change| change.announced == Some(true));
        all && diff.sources_added.is_empty() && diff.sources_removed.is_empty()
    }
}
