//! Reads the calls of cmdlets out of the text of a script, with the grammar of tree-sitter.
//!
//! It knows the few forms that mailtopo writes: literals and script blocks. What it cannot read it says, rather than
//! passing it by.

use mailtopo::testing::platforms::exchange::call::Call;
use mailtopo::testing::writer::powershell::PsValue;
use tree_sitter::{Node, Parser, Tree};

/// A call as it stands in a script.
#[derive(Debug)]
pub(crate) struct ReadCall {
    /// The call; a value that is no literal is a variable named `dynamic`.
    pub call: Call,
    /// A splatted variable holds more parameters than the text shows.
    pub partial: bool,
    /// Counted from one.
    pub line: usize,
}

/// A script, read.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Every command that is named like a cmdlet, in the order of the text.
    pub calls: Vec<ReadCall>,
    /// Functions that the script defines, in lower case.
    pub functions: Vec<String>,
}

/// Reads a script, or says at which lines it is not PowerShell.
pub(crate) fn read(text: &str) -> Result<Script, String> {
    let tree = parse(text)?;
    let mut reader = Reader {
        text,
        script: Script::default(),
    };
    reader.walk(tree.root_node());
    Ok(reader.script)
}

fn parse(text: &str) -> Result<Tree, String> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .map_err(|error| error.to_string())?;
    let tree = parser.parse(text, None).ok_or("the parser gave up")?;
    let mut wrong = Vec::new();
    mistakes(tree.root_node(), &mut wrong);
    if wrong.is_empty() {
        return Ok(tree);
    }
    let line = |row: &usize| {
        format!(
            "{}: {}",
            row + 1,
            text.lines().nth(*row).unwrap_or_default()
        )
    };
    Err(wrong.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn mistakes(node: Node, rows: &mut Vec<usize>) {
    if node.is_error() || node.is_missing() {
        rows.push(node.start_position().row);
    }
    children(node).for_each(|child| mistakes(child, rows));
}

struct Reader<'t> {
    text: &'t str,
    script: Script,
}

impl Reader<'_> {
    fn walk(&mut self, node: Node) {
        match node.kind() {
            "command" => self.command(node),
            "function_statement" => {
                if let Some(name) = children(node).find(|child| child.kind() == "function_name") {
                    self.script.functions.push(self.source(name).to_lowercase());
                }
            }
            _ => {}
        }
        children(node).for_each(|child| self.walk(child));
    }

    fn command(&mut self, node: Node) {
        let Some(name) = children(node).find(|child| child.kind() == "command_name") else {
            return;
        };
        let name = self.source(name);
        if !name.contains('-') {
            return;
        }
        let mut read = ReadCall {
            call: Call::new(leak(name)),
            partial: false,
            line: node.start_position().row + 1,
        };
        let elements = children(node).find(|child| child.kind() == "command_elements");
        let mut parameter: Option<&'static str> = None;
        for element in elements.iter().flat_map(|elements| children(*elements)) {
            match element.kind() {
                "command_parameter" => {
                    self.finish(&mut read, parameter.take());
                    parameter = Some(leak(
                        self.source(element)
                            .trim_start_matches('-')
                            .trim_end_matches(':'),
                    ));
                }
                "array_literal_expression" => {
                    let source = self.source(element);
                    let splatted = source.strip_prefix('@');
                    if splatted.is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
                        read.partial = true;
                    } else {
                        let value = self
                            .value(element)
                            .unwrap_or(PsValue::Variable("dynamic".to_owned()));
                        let name = parameter.take().unwrap_or("(by position)");
                        read.call.parameters.push((name, value));
                    }
                }
                _ => {}
            }
        }
        self.finish(&mut read, parameter);
        self.script.calls.push(read);
    }

    /// A parameter that no value followed is a switch.
    #[allow(clippy::unused_self)]
    fn finish(&self, read: &mut ReadCall, parameter: Option<&'static str>) {
        read.call
            .parameters
            .extend(parameter.map(|name| (name, PsValue::Switch(true))));
    }

    /// A literal; `None` for whatever is worked out while the script runs.
    fn value(&self, node: Node) -> Option<PsValue> {
        let source = self.source(node);
        match node.kind() {
            "variable" => Some(match source.to_lowercase().as_str() {
                "$true" => PsValue::Bool(true),
                "$false" => PsValue::Bool(false),
                "$null" => PsValue::Null,
                _ => PsValue::Variable(source.trim_start_matches('$').to_owned()),
            }),
            "member_access" => Some(PsValue::Variable(source.trim_start_matches('$').to_owned())),
            "string_literal" => single_quoted(source).map(PsValue::String),
            "integer_literal" => source.parse().ok().map(PsValue::Int),
            "array_expression" => self.array(node),
            "hash_literal_expression" => self.hash(node),
            _ => {
                let mut named = children(node).filter(Node::is_named);
                let only = named.next()?;
                if named.next().is_some() || children(node).any(|child| !child.is_named()) {
                    return None;
                }
                self.value(only)
            }
        }
    }

    fn array(&self, node: Node) -> Option<PsValue> {
        let mut list = node;
        while list.kind() != "array_literal_expression" {
            match children(list).find(Node::is_named) {
                Some(inner) => list = inner,
                None => return Some(PsValue::Array(Vec::new())),
            }
        }
        let items: Option<Vec<PsValue>> = children(list)
            .filter(Node::is_named)
            .map(|item| self.value(item))
            .collect();
        items.map(PsValue::Array)
    }

    fn hash(&self, node: Node) -> Option<PsValue> {
        let body = children(node).find(|child| child.kind() == "hash_literal_body");
        let mut entries = Vec::new();
        for entry in body
            .iter()
            .flat_map(|body| children(*body))
            .filter(|child| child.kind() == "hash_entry")
        {
            let mut parts = children(entry).filter(Node::is_named);
            let (key, value) = (parts.next()?, parts.next()?);
            let key = self.source(key);
            let value = self
                .value(value)
                .unwrap_or(PsValue::Variable("dynamic".to_owned()));
            entries.push((leak(key), value));
        }
        Some(PsValue::Hash(entries))
    }

    fn source(&self, node: Node) -> &str {
        &self.text[node.byte_range()]
    }
}

/// The text between single quotes, in which two of the five quoting characters stand for one.
/// Gives nothing for what is no such string.
pub(crate) fn single_quoted(source: &str) -> Option<String> {
    const QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
    let inner = source.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.push(c);
        if QUOTES.contains(&c) {
            chars.next()?;
        }
    }
    Some(text)
}

fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    (0..node.child_count()).filter_map(move |index| node.child(index))
}

/// Calls hold static names, as all of mailtopo's own do; a test may keep what it read.
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
