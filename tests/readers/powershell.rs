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

/// A value of a data file, as `Import-PowerShellDataFile` reads it
/// (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_data_files>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Map(BTreeMap<String, Data>),
    List(Vec<Data>),
    Text(String),
    /// `$true`, `$false` or a number.
    Word(String),
    /// `$null`
    Nothing,
}

impl Data {
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }

    /// The texts and words in it; none for nothing.
    pub(crate) fn texts(&self) -> Vec<String> {
        match self {
            Self::List(list) => list.iter().flat_map(Self::texts).collect(),
            Self::Text(text) | Self::Word(text) => vec![text.clone()],
            Self::Map(_) | Self::Nothing => Vec::new(),
        }
    }
}

/// The value of a data file; nothing where it is none.
pub(crate) fn data(text: &str) -> Option<Data> {
    let mut chars = text.chars().peekable();
    value(&mut chars)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips what separates values: white space, comments and commas.
fn skip(chars: &mut Chars<'_>) {
    while let Some(&char) = chars.peek() {
        if char == '#' {
            while chars.next_if(|char| *char != '\n').is_some() {}
        } else if char.is_whitespace() || matches!(char, ',' | ';') {
            chars.next();
        } else {
            return;
        }
    }
}

fn value(chars: &mut Chars<'_>) -> Option<Data> {
    skip(chars);
    match chars.peek()? {
        '\'' => {
            chars.next();
            let mut text = String::new();
            while let Some(char) = chars.next() {
                // A quote in a text is written twice.
                if char == '\'' && chars.next_if_eq(&'\'').is_none() {
                    return Some(Data::Text(text));
                }
                text.push(char);
            }
            None
        }
        '@' => {
            chars.next();
            match chars.next()? {
                '(' => {
                    let mut list = Vec::new();
                    loop {
                        skip(chars);
                        if chars.next_if_eq(&')').is_some() {
                            return Some(Data::List(list));
                        }
                        list.push(value(chars)?);
                    }
                }
                '{' => {
                    let mut map = BTreeMap::new();
                    loop {
                        skip(chars);
                        if chars.next_if_eq(&'}').is_some() {
                            return Some(Data::Map(map));
                        }
                        let (Data::Text(key) | Data::Word(key)) = value(chars)? else {
                            return None;
                        };
                        skip(chars);
                        chars.next_if_eq(&'=')?;
                        map.insert(key, value(chars)?);
                    }
                }
                _ => None,
            }
        }
        _ => {
            let mut word = String::new();
            let is_in = |char: &char| !char.is_whitespace() && !"'@(){}=,;".contains(*char);
            while let Some(char) = chars.next_if(is_in) {
                word.push(char);
            }
            match word.as_str() {
                "" => None,
                "$null" => Some(Data::Nothing),
                _ => Some(Data::Word(word)),
            }
        }
    }
}
