//! Postfix tables and main.cf.
//!
//! Rules of the text: `postmap(1)` "TABLE FORMAT", `cidr_table(5)`, `regexp_table(5)` and `postconf(5)`
//! (<https://www.postfix.org/postmap.1.html>). `postmap` warns and goes on where an entry is doubled, has no value or
//! stands at the wrong place, and the entry is then missing; so whatever it would warn about is refused here.

mod cidr;
mod main_cf;
mod regexp;
mod table;
#[cfg(test)]
mod tests;

pub use cidr::CidrTable;
pub use main_cf::{Part, list, parameter, value};
pub(crate) use main_cf::{Value, inline};
pub(crate) use regexp::RegexpTable;
pub use table::Table;
pub(crate) use table::fold;

use crate::writer::{Refused, visible};

/// A comment of one line, without the line end, for tables and main.cf.
pub(crate) fn comment(text: &str) -> Result<String, Refused> {
    Ok(format!("# {}", visible(text)?).trim_end().to_owned())
}

fn table_value(value: &str) -> Result<&str, Refused> {
    visible(value)?;
    if value.is_empty() {
        return Err(Refused::new(
            "an entry of a Postfix table has no value, and Postfix would skip it",
        ));
    }
    if value.trim() != value {
        return Err(Refused::new(format!(
            "`{value}` begins or ends with white space, which Postfix would drop"
        )));
    }
    Ok(value)
}

fn aligned(rows: &[(&str, &str)], gap: &str) -> String {
    let width = |key: &str| {
        if key.is_ascii() {
            key.len()
        } else {
            key.chars().count()
        }
    };
    let widest = rows.iter().map(|(key, _)| width(key)).max().unwrap_or(0);
    let size = |(_, value): &(&str, &str)| widest + gap.len() + value.len() + 1;
    let mut text = String::with_capacity(rows.iter().map(size).sum());
    for (key, value) in rows {
        text.push_str(key);
        text.extend(std::iter::repeat_n(' ', widest - width(key)));
        text.push_str(gap);
        text.push_str(value);
        text.push('\n');
    }
    text
}
