//! Configurations that `Export-M365DSCConfiguration` writes, read as data: nothing of them is ever run.
//!
//! Values are read where they are written out: texts, truth values, whole numbers, and lists of these. What is known only when
//! the configuration runs is lost, but for the name of the organization: it stands beside the resources, or in
//! `ConfigurationData.psd1`. Until it is known its symbol stays in the texts.
//! Sources: <https://learn.microsoft.com/powershell/dsc/configurations/configurations>,
//! <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>

use crate::import::resource::{DOUBT, kind, object};
use crate::import::room::Room;
use crate::import::{DEEPEST, Export, Live, LiveObject};
use std::collections::BTreeMap;

/// The organization, as a configuration names it, and the first label of its name.
const ORGANIZATION: &str = "$OrganizationName";
const FIRST_LABEL: &str = "$($OrganizationName.Split('.')[0])";

/// Whether a text looks like a configuration: a line of it imports resources.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| {
        let word = line.split_whitespace().next().unwrap_or_default();
        word.eq_ignore_ascii_case("Import-DscResource")
    })
}

/// Whether a data file of PowerShell goes with a configuration.
pub(super) fn is_data(text: &str) -> bool {
    text.contains("NonNodeData")
}

/// Reads the data file of a configuration: the name of the organization.
pub(super) fn data(text: &str) -> Result<Export, String> {
    let mut reader = Reader::of(text);
    let mut tenant = None;
    while reader.is_open() {
        if let Some(word) = reader.word() {
            reader.gap();
            if word.eq_ignore_ascii_case("OrganizationName") && reader.taken("=") {
                reader.gap();
                if let Live::Text(name) = reader.value(0)? {
                    tenant = Some(name);
                }
            }
        } else {
            reader.skip_one()?;
        }
    }
    let tenant = tenant.ok_or("it names no organization (`OrganizationName`)")?;
    Ok(Export {
        product: Some("online".to_owned()),
        tenant: Some(tenant),
        ..Export::default()
    })
}

/// Reads a configuration.
pub(super) fn read(text: &str, room: &mut Room) -> Result<Export, String> {
    let mut reader = Reader::of(text);
    let mut export = Export {
        product: Some("online".to_owned()),
        omits_empty: true,
        doubts: vec![DOUBT.to_owned()],
        ..Export::default()
    };
    while reader.is_open() {
        let Some(word) = reader.word() else {
            let is_organization = reader.variable() == Some("OrganizationName");
            reader.skip_one()?;
            reader.gap();
            if is_organization && reader.taken("=") {
                reader.gap();
                reader.learn(&mut export)?;
            }
            continue;
        };
        reader.gap();
        if word.eq_ignore_ascii_case("-TenantId") {
            reader.learn(&mut export)?;
        }
        if let Some(object) = reader.resource(word, &mut export)? {
            for value in object.properties.values() {
                room.take("")?;
                for item in value.items() {
                    room.take(&item)?;
                }
            }
            export.objects.push(object);
        }
    }
    if export.objects.is_empty() {
        return Err("it has no resources".to_owned());
    }
    export.name_organization();
    Ok(export)
}

impl Export {
    /// Puts the name of the organization in place of its symbol, once it is known.
    pub(super) fn name_organization(&mut self) {
        let Some(tenant) = self.tenant.clone() else {
            return;
        };
        let first = tenant.split('.').next().unwrap_or_default().to_owned();
        let named = |text: &mut String| {
            if text.contains('$') {
                *text = text
                    .replace(FIRST_LABEL, &first)
                    .replace(ORGANIZATION, &tenant);
            }
        };
        for object in &mut self.objects {
            named(&mut object.name);
            for value in object.properties.values_mut() {
                match value {
                    Live::Text(text) => named(text),
                    Live::List(items) => items.iter_mut().for_each(named),
                    Live::Null | Live::Bool(_) | Live::Int(_) | Live::Lost => {}
                }
            }
        }
    }
}

/// The text of a configuration, and how far it is read.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// The quotes that PowerShell takes for one another.
const DOUBLE: [char; 4] = ['"', '\u{201c}', '\u{201d}', '\u{201e}'];
const SINGLE: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

impl<'t> Reader<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether something is left behind the gap that stands here.
    fn is_open(&mut self) -> bool {
        self.gap();
        !self.rest().is_empty()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn taken(&mut self, text: &str) -> bool {
        let is_there = self.rest().starts_with(text);
        if is_there {
            self.at += text.len();
        }
        is_there
    }

    /// Passes white space and comments.
    fn gap(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let length = if trimmed.starts_with("<#") {
                trimmed.find("#>").map_or(trimmed.len(), |end| end + 2)
            } else if trimmed.starts_with('#') {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("`\n") || trimmed.starts_with("`\r\n") {
                // A line that goes on.
                1
            } else {
                return;
            };
            self.at += length;
        }
    }

    /// Passes blanks of this line.
    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// A bare word: the name of a resource or property, a parameter or an identifier.
    fn word(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = rest.get(..end).filter(|word| !word.is_empty())?;
        self.at += end;
        Some(word)
    }

    /// The name of the variable that stands here.
    fn variable(&self) -> Option<&'t str> {
        let rest = self.rest().strip_prefix('$')?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest.get(..end.unwrap_or(rest.len()))
    }

    /// Passes what is of no use here: a text as a whole, else one character.
    fn skip_one(&mut self) -> Result<(), String> {
        let rest = self.rest();
        if rest.starts_with(DOUBLE) || rest.starts_with(SINGLE) || rest.starts_with('@') {
            if self.quoted()?.is_none() {
                self.next();
            }
        } else if rest.starts_with('`') {
            self.next();
            self.next();
        } else {
            self.next();
        }
        Ok(())
    }

    /// Takes the name of the organization, where a text says it.
    fn learn(&mut self, export: &mut Export) -> Result<(), String> {
        let is_text = self.rest().starts_with(DOUBLE) || self.rest().starts_with(SINGLE);
        if is_text
            && let Some(Live::Text(name)) = self.quoted()?
            && name.contains('.')
            && !name.contains('$')
        {
            export.tenant.get_or_insert(name);
        }
        Ok(())
    }

    /// A resource of this name, where one stands here: its own name, and its block.
    fn resource(
        &mut self,
        resource: &str,
        export: &mut Export,
    ) -> Result<Option<LiveObject>, String> {
        const AROUND: [&str; 3] = ["configuration", "node", "import-dscresource"];
        let began = self.at;
        let is_around = AROUND.contains(&resource.to_lowercase().as_str());
        let is_word = resource.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_around || !is_word {
            return Ok(None);
        }
        let name = match self.word() {
            Some(word) => Some(word.to_owned()),
            None => match self.quoted()? {
                Some(Live::Text(name)) => Some(name),
                _ => None,
            },
        };
        self.gap();
        let Some(name) = name.filter(|_| self.taken("{")) else {
            self.at = began;
            return Ok(None);
        };
        if kind(resource).is_none() {
            self.skip_block(1)?;
            return object(resource, &name, BTreeMap::new()).map(Some);
        }
        let mut properties = BTreeMap::new();
        loop {
            self.gap();
            if self.taken("}") {
                break;
            }
            if self.taken(";") {
                continue;
            }
            let Some(property) = self.word() else {
                let line = self.line();
                return Err(format!(
                    "line {line}: `{name}` has something that is no property"
                ));
            };
            self.blanks();
            if !self.taken("=") {
                let line = self.line();
                return Err(format!("line {line}: a property of `{name}` has no value"));
            }
            self.blanks();
            let value = self.value(0)?;
            if property.eq_ignore_ascii_case("TenantId")
                && let Live::Text(tenant) = &value
                && tenant.contains(".onmicrosoft.")
            {
                export.tenant.get_or_insert_with(|| tenant.clone());
            }
            properties.insert(spelled(property), value);
        }
        object(resource, &name, properties).map(Some)
    }

    fn line(&self) -> usize {
        let before = self.text.get(..self.at).unwrap_or_default();
        1 + before.matches('\n').count()
    }

    /// Passes a block up to its end, whatever stands in it.
    fn skip_block(&mut self, open: usize) -> Result<(), String> {
        let mut depth = open;
        while depth > 0 {
            self.gap();
            match self.rest().chars().next() {
                Some('{' | '(') => depth += 1,
                Some('}' | ')') => depth -= 1,
                Some(_) => {}
                None => return Err("it ends before its last block does".to_owned()),
            }
            self.skip_one()?;
        }
        Ok(())
    }

    /// A value, up to the end of its line or statement. What is computed is lost.
    fn value(&mut self, depth: usize) -> Result<Live, String> {
        if depth > DEEPEST {
            return Err(format!(
                "its lists stand more than {DEEPEST} deep in each other"
            ));
        }
        let value = self.plain(depth)?;
        self.blanks();
        let rest = self.rest();
        let is_end = rest.is_empty()
            || rest.starts_with([';', '\n', '\r', '}', ')', ',', '#'])
            || rest.starts_with("<#");
        // Outside a list a comma makes one.
        if is_end && !(depth == 0 && rest.starts_with(',')) {
            return Ok(value);
        }
        self.skip_statement()?;
        Ok(Live::Lost)
    }

    fn plain(&mut self, depth: usize) -> Result<Live, String> {
        let rest = self.rest();
        if self.taken("@(") {
            return self.list(depth);
        }
        if let Some(text) = self.quoted()? {
            return Ok(text);
        }
        if let Some(name) = self.variable() {
            self.at += 1 + name.len();
            let known = [
                ("true", Live::Bool(true)),
                ("false", Live::Bool(false)),
                ("null", Live::Null),
                ("OrganizationName", Live::Text(ORGANIZATION.to_owned())),
            ];
            let mut known = known.into_iter();
            let found = known.find(|(known, _)| known.eq_ignore_ascii_case(name));
            if let Some((_, value)) = found {
                return Ok(value);
            }
            self.skip_statement()?;
            return Ok(Live::Lost);
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '-');
        let number = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if let Ok(whole) = number.parse() {
            self.at += number.len();
            return Ok(Live::Int(whole));
        }
        self.skip_statement()?;
        Ok(Live::Lost)
    }

    /// The items of a list, behind its beginning.
    fn list(&mut self, depth: usize) -> Result<Live, String> {
        let mut items = Vec::new();
        let mut is_whole = true;
        loop {
            self.gap();
            if self.taken(")") {
                break;
            }
            if self.taken(",") || self.taken(";") {
                continue;
            }
            if self.rest().is_empty() {
                return Err("it ends before its last list does".to_owned());
            }
            match self.value(depth + 1)? {
                Live::Text(text) => items.push(text),
                value @ (Live::Bool(_) | Live::Int(_)) => items.extend(value.items()),
                Live::Null => {}
                Live::List(_) | Live::Lost => is_whole = false,
            }
            if self.rest().starts_with('}') {
                return Err(format!("line {}: a list is not closed", self.line()));
            }
        }
        Ok(if is_whole {
            Live::List(items)
        } else {
            Live::Lost
        })
    }

    /// Passes the rest of a statement or item, with the blocks in it.
    fn skip_statement(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with([';', '\n', '}', ')']) {
                return Ok(());
            }
            if rest.starts_with(['{', '(']) {
                self.next();
                self.skip_block(1)?;
            } else if rest.starts_with([' ', '\t', '\r']) {
                self.next();
            } else {
                self.skip_one()?;
            }
        }
    }

    /// A text in quotes, where one stands here; it is lost where it is known only when the configuration runs.
    fn quoted(&mut self) -> Result<Option<Live>, String> {
        let rest = self.rest();
        let (is_here, quotes) = (rest.starts_with('@'), rest.trim_start_matches('@'));
        let Some(quote) = quotes.chars().next() else {
            return Ok(None);
        };
        let expands = DOUBLE.contains(&quote);
        if !expands && !SINGLE.contains(&quote) || rest.starts_with("@@") {
            return Ok(None);
        }
        if is_here {
            return self.here(expands).map(Some);
        }
        self.next();
        let same: &[char] = if expands { &DOUBLE } else { &SINGLE };
        let mut text = String::new();
        let mut is_whole = true;
        loop {
            let c = self.next().ok_or("it ends before its last text does")?;
            if same.contains(&c) {
                // Written twice it is a part of the text.
                if !self.rest().starts_with(same) {
                    break;
                }
                self.next();
                text.push(c);
            } else if expands && c == '`' {
                match self.next() {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some('0') => text.push('\0'),
                    Some(c) => text.push(c),
                    None => {}
                }
            } else if expands && c == '$' {
                is_whole &= self.symbol(&mut text);
            } else {
                text.push(c);
            }
        }
        Ok(Some(if is_whole {
            Live::Text(text)
        } else {
            Live::Lost
        }))
    }

    /// A text between `@"` and `"@`, each at its line's end and beginning.
    fn here(&mut self, expands: bool) -> Result<Live, String> {
        let rest = self.rest();
        let body = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let end = if expands { "\n\"@" } else { "\n'@" };
        let inside = rest.get(body.saturating_sub(1)..).unwrap_or_default();
        let length = inside
            .find(end)
            .ok_or("it ends before its last text does")?;
        let text = inside.get(1..length).unwrap_or_default();
        let text = text.trim_end_matches('\r').to_owned();
        self.at += body.saturating_sub(1) + length + end.len();
        Ok(if expands && text.contains(['$', '`']) {
            Live::Lost
        } else {
            Live::Text(text)
        })
    }

    /// What stands behind a `$` in a text: the organization, or something that is computed. Says whether it is known.
    fn symbol(&mut self, text: &mut String) -> bool {
        let rest = self.rest();
        let forms = [
            ("($OrganizationName.Split('.')[0])", FIRST_LABEL),
            ("($OrganizationName)", ORGANIZATION),
            ("OrganizationName", ORGANIZATION),
        ];
        for (form, symbol) in forms {
            let start = rest.get(..form.len());
            if start.is_some_and(|start| start.eq_ignore_ascii_case(form)) {
                self.at += form.len();
                text.push_str(symbol);
                return true;
            }
        }
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '{' | '(' | ':');
        text.push('$');
        !rest.starts_with(is_name)
    }
}

/// A property as the cmdlets spell it: PowerShell does not regard case, and the examples of the resources write this otherwise.
fn spelled(property: &str) -> String {
    const OTHERWISE: &str = "UseMXRecord";
    let is_it = property.eq_ignore_ascii_case(OTHERWISE);
    (if is_it { OTHERWISE } else { property }).to_owned()
}
