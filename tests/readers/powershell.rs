//! Commands of a PowerShell script: the cmdlet and its parameters, as the grammar of literals has them.

use std::collections::BTreeMap;

/// A call with what is given to it.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub cmdlet: String,
    pub parameters: BTreeMap<String, Vec<String>>,
}

impl Command {
    /// The values of a parameter; none where it is not given or `$null`.
    pub(crate) fn get(&self, name: &str) -> &[String] {
        self.parameters.get(name).map_or(&[], Vec::as_slice)
    }

    /// The one value of a parameter.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.get(name).first().map_or("", String::as_str)
    }
}

/// Every call of a script that only gives literals.
pub(crate) fn commands(text: &str) -> Vec<Command> {
    let mut all = Vec::new();
    let mut line = String::new();
    for part in text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        if let Some(more) = part.trim_end().strip_suffix('`') {
            line.push_str(more);
            continue;
        }
        line.push_str(part);
        all.extend(command(&std::mem::take(&mut line)));
    }
    all
}

fn command(line: &str) -> Option<Command> {
    let mut words = words(line).into_iter().peekable();
    let (cmdlet, _) = words.next()?;
    if !cmdlet.contains('-') {
        return None;
    }
    let mut parameters = BTreeMap::new();
    while let Some((word, is_text)) = words.next() {
        let Some(name) = word.strip_prefix('-').filter(|_| !is_text) else {
            continue;
        };
        let mut values = Vec::new();
        while let Some((value, _)) =
            words.next_if(|(word, is_text)| *is_text || !word.starts_with('-'))
        {
            if value != "$null" {
                values.push(value);
            }
        }
        parameters.insert(name.to_owned(), values);
    }
    Some(Command { cmdlet, parameters })
}

/// Words, and whether each was a quoted text. Lists are flat: `@(`, `)` and commas are left out.
fn words(line: &str) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\'' => {
                let mut word = String::new();
                while let Some(char) = chars.next() {
                    // A quote in a text is written twice.
                    if char == '\'' && chars.next_if_eq(&'\'').is_none() {
                        break;
                    }
                    word.push(char);
                }
                words.push((word, true));
            }
            '@' | '(' | ')' | ',' => {}
            _ if char.is_whitespace() => {}
            _ => {
                let mut word = String::from(char);
                while let Some(char) =
                    chars.next_if(|char| !char.is_whitespace() && !"'(),".contains(*char))
                {
                    word.push(char);
                }
                words.push((word, false));
            }
        }
    }
    words
}
