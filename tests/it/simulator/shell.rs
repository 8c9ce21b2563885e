//! The shell: variables, functions, and a script from its first line to its exit code.

use super::datum::Datum;
use super::organization::Organization;
use super::tree::{Arena, Node, child, named};
use super::value::{Value, get};
use std::collections::{BTreeMap, HashMap};
use tree_sitter::Parser;

/// What ends a statement early.
pub(super) enum Stop<'t> {
    Return,
    Break,
    Continue,
    Throw(Value<'t>),
    Exit(i64),
}

pub(super) type Outcome<'t, T> = Result<T, Stop<'t>>;

/// A script that ran.
#[derive(Debug, Default)]
pub struct Run {
    /// Its exit code.
    pub code: i64,
    /// What it wrote to the screen.
    pub said: Vec<String>,
    /// Its warnings.
    pub warned: Vec<String>,
    /// Its output.
    pub output: Vec<String>,
}

impl Run {
    /// Everything that it said, for messages of tests.
    pub fn all(&self) -> String {
        [
            self.said.join("\n"),
            self.warned.join("\n"),
            self.output.join("\n"),
        ]
        .join("\n")
    }
}

/// A shell that is connected to an organization.
pub(super) struct Shell<'t, 'o> {
    pub text: &'t str,
    pub organization: &'o mut Organization,
    /// Variables by their names in lower case, the innermost scope last.
    pub scopes: Vec<HashMap<String, Value<'t>>>,
    pub functions: BTreeMap<String, Node<'t>>,
    pub what_if: bool,
    pub run: Run,
}

/// A script and its tree.
pub struct Script {
    text: String,
    tree: Arena,
}

impl Script {
    /// Reads a script; a test fails where it is no PowerShell.
    pub fn new(text: String) -> Self {
        let mut parser = Parser::new();
        parser
            .set_language(&tree_sitter_powershell::LANGUAGE.into())
            .expect("the grammar loads");
        let tree = parser.parse(&text, None).expect("parsed");
        assert!(!tree.root_node().has_error(), "not PowerShell");
        let tree = Arena::new(&tree);
        Self { text, tree }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Runs a script with these arguments against an organization.
pub fn run(script: &Script, arguments: &[(&str, Datum)], organization: &mut Organization) -> Run {
    let what_if = arguments.iter().any(|(name, _)| *name == "WhatIf");
    let mut shell = Shell {
        text: &script.text,
        organization,
        scopes: vec![HashMap::new()],
        functions: BTreeMap::new(),
        what_if,
        run: Run::default(),
    };
    shell.set("WhatIfPreference", Value::Bool(what_if));
    shell.set("PSCmdlet", Value::Type("PSCmdlet".to_owned()));
    shell.set("HOME", Value::Text("home".to_owned()));
    shell.script(script.tree.root(), arguments);
    shell.run
}

impl<'t> Shell<'t, '_> {
    fn script(&mut self, root: Node<'t>, arguments: &[(&str, Datum)]) {
        if let Some(parameters) = child(root, "param_block") {
            for parameter in self.parameters(parameters) {
                let given = arguments
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(&parameter.name));
                let value = match given {
                    Some((_, value)) => Value::of(value),
                    None => parameter.default,
                };
                self.set(&parameter.name, value);
            }
        }
        let statements = child(root, "statement_list").expect("statements");
        let mut out = Vec::new();
        let stop = self.statements(statements, &mut out);
        let trap = named(statements)
            .into_iter()
            .find(|statement| statement.kind() == "trap_statement");
        let stop = match (stop, trap) {
            (Err(Stop::Throw(error)), Some(trap)) => {
                self.set("_", error);
                let body = child(trap, "statement_block").expect("a body");
                self.block(body, &mut out)
            }
            (stop, _) => stop,
        };
        self.run.code = match stop {
            Ok(()) => 0,
            Err(Stop::Exit(code)) => code,
            Err(Stop::Throw(error)) => panic!("nobody caught: {}", message(&error)),
            Err(Stop::Return | Stop::Break | Stop::Continue) => panic!("a script ends by exit"),
        };
        self.run.output = out.iter().map(Value::text).collect();
    }

    pub(super) fn source(&self, node: Node<'t>) -> &'t str {
        &self.text[node.byte_range()]
    }

    /// The variable of the nearest scope that has it.
    pub(super) fn variable(&mut self, name: &str) -> Outcome<'t, Value<'t>> {
        let lower = name.to_lowercase();
        match lower.as_str() {
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "null" => return Ok(Value::Null),
            "env:computername" => return Ok(Value::Text(self.organization.computer.clone())),
            _ => {}
        }
        let found = match lower.strip_prefix("script:") {
            Some(name) => self.scopes[0].get(name),
            None => self.scopes.iter().rev().find_map(|scope| scope.get(&lower)),
        };
        found
            .cloned()
            .ok_or_else(|| error(&format!("the variable ${name} was never set")))
    }

    /// Sets a variable of the innermost scope, or of the script.
    pub(super) fn set(&mut self, name: &str, value: Value<'t>) {
        let lower = name.to_lowercase();
        match lower.strip_prefix("script:") {
            Some(name) => self.scopes[0].insert(name.to_owned(), value),
            None => self
                .scopes
                .last_mut()
                .expect("a scope")
                .insert(lower, value),
        };
    }
}

/// An error as `catch` and `trap` find it in `$_`.
pub(super) fn error<'t>(message: &str) -> Stop<'t> {
    let inner = Value::object(vec![(
        "Message".to_owned(),
        Value::Text(message.to_owned()),
    )]);
    Stop::Throw(Value::object(vec![("Exception".to_owned(), inner)]))
}

fn message(error: &Value<'_>) -> String {
    let Value::Object(table) = error else {
        return error.text();
    };
    match get(&table.borrow(), "Exception") {
        Some(Value::Object(inner)) => get(&inner.borrow(), "Message")
            .map(|m| m.text())
            .unwrap_or_default(),
        _ => String::new(),
    }
}
