//! Reads a data file: strings in single quotes, whole numbers, `$true`, `$false`, `$null`, `@( )` and `@{ }`.
//!
//! Written from the rules of the language and not from the writer, so that the two can be held against each other
//! (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_data_files>).

use serde_json::{Map, Value};

const QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

/// What a file holds, its keys in their order.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let chars = text.chars().collect();
    let mut reader = Reader { chars, at: 0 };
    let value = reader.value()?;
    reader.blank(true);
    match reader.peek() {
        None => Ok(value),
        Some(_) => reader.wrong("the end"),
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn takes(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate();
        let found = found
            .into_iter()
            .all(|(n, c)| self.chars.get(self.at + n) == Some(&c));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn wrong<T>(&self, wanted: &str) -> Result<T, String> {
        let line = self.chars[..self.at].iter().filter(|&&c| c == '\n').count() + 1;
        Err(format!(
            "line {line}: {wanted} is wanted, and there is {:?}",
            self.peek()
        ))
    }

    /// Passes blanks and comments, and line breaks where they mean nothing.
    fn blank(&mut self, lines: bool) {
        while let Some(c) = self.peek() {
            if c == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            } else if c == ' ' || (lines && c == '\n') {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.blank(true);
        let words = [
            ("$true", true.into()),
            ("$false", false.into()),
            ("$null", Value::Null),
        ];
        for (word, value) in words {
            if self.takes(word) {
                return Ok(value);
            }
        }
        if self.takes("@(") {
            return self.list();
        }
        if self.takes("@{") {
            return self.table();
        }
        match self.peek() {
            Some('\'') => self.text().map(Value::String),
            Some(c) if c.is_ascii_digit() => self.number(),
            _ => self.wrong("a value"),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        digits
            .parse::<i64>()
            .map(Value::from)
            .map_err(|why| why.to_string())
    }

    /// Any of five marks ends a text; two of them in a row are one, the second.
    fn text(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            if !QUOTES.contains(&c) {
                text.push(c);
                continue;
            }
            match self.peek().filter(|next| QUOTES.contains(next)) {
                Some(next) => text.push(next),
                None => return Ok(text),
            }
            self.at += 1;
        }
        self.wrong("the end of a text")
    }

    fn list(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        self.blank(true);
        while !self.takes(")") {
            if !items.is_empty() && !self.takes(",") {
                return self.wrong("a comma");
            }
            items.push(self.value()?);
            self.blank(true);
        }
        Ok(Value::Array(items))
    }

    fn table(&mut self) -> Result<Value, String> {
        let mut table = Map::new();
        self.blank(true);
        while !self.takes("}") {
            let key: String = self.chars[self.at..]
                .iter()
                .take_while(|c| c.is_ascii_alphanumeric())
                .collect();
            self.at += key.len();
            self.blank(false);
            if key.is_empty() || !self.takes("=") {
                return self.wrong("a key");
            }
            if table.contains_key(&key) {
                return self.wrong("a key that is new");
            }
            let value = self.value()?;
            table.insert(key, value);
            self.blank(false);
            if !matches!(self.peek(), Some('}' | '\n' | ';')) {
                return self.wrong("the end of an entry");
            }
            while self.takes(";") || self.takes("\n") {
                self.blank(true);
            }
        }
        Ok(Value::Object(table))
    }
}

#[test]
fn what_is_no_data_is_refused() {
    for text in [
        "",
        "@{ A = 1",
        "@{ A = Get-Date }",
        "@{ A = $x }",
        "@{ A = \"a\" }",
        "@{ A = 'a' B = 1 }",
        "@{ A = 1; A = 2 }",
        "@(1 2)",
        "@{ A = 'a'' }",
        "@{} more",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    let read = read(
        "\u{feff}# x\n@{\n    A = @('a''b‘‘', 2)  # y\n    B = @{ C = $null; D = $true }\n}\n",
    );
    let wanted = serde_json::json!({"A": ["a'b‘", 2], "B": {"C": null, "D": true}});
    assert_eq!(read, Ok(wanted));
}
