//! Tables of patterns (`regexp_table(5)`), for what no key can say: every address of every name below a domain.

use crate::writer::postfix::table_value;
use crate::writer::{Refused, shown, visible};
use std::fmt::Write as _;

/// A table of patterns, of which the first that matches decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RegexpTable(String);

impl RegexpTable {
    /// Adds a line for every address of every name below `base`, but for addresses of exactly these names.
    pub(crate) fn push_below(
        &mut self,
        base: &str,
        except: &[String],
        result: &str,
    ) -> Result<(), Refused> {
        let result = table_value(result)?;
        let pattern = format!("/@.+[.]{}$/  {result}\n", literal(base)?);
        if except.is_empty() {
            self.0.push_str(&pattern);
            return Ok(());
        }
        let names: Vec<String> = except
            .iter()
            .map(|name| literal(name))
            .collect::<Result<_, _>>()?;
        let _ = write!(self.0, "if !/@({})$/\n{pattern}endif\n", names.join("|"));
        Ok(())
    }

    /// Whether there is no line.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines in the order they were added.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// A domain name as a pattern that matches nothing else.
fn literal(name: &str) -> Result<String, Refused> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !visible(name)?.chars().all(|c| plain(c) || c == '.') {
        return Err(Refused::new(format!(
            "`{}` cannot stand in a pattern",
            shown(name)
        )));
    }
    Ok(name.replace('.', "[.]"))
}
