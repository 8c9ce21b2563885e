//! Commands: functions of the script, script blocks, and what the shell or the organization has.

use super::expression::cast;
use super::shell::{Outcome, Shell, Stop, error};
use super::tree::{Node, child, children, named};
use super::value::{Value, get};
use std::collections::HashMap;

/// A parameter of a function or script.
pub(super) struct Parameter<'t> {
    pub name: String,
    pub kind: Option<String>,
    pub default: Value<'t>,
}

/// Arguments as they stand: with names, and by position.
#[derive(Default)]
pub(super) struct Arguments<'t> {
    pub named: Vec<(String, Value<'t>)>,
    pub positional: Vec<Value<'t>>,
}

impl<'t> Arguments<'t> {
    /// The argument of this name, or the one at this position.
    pub fn get(&self, name: &str, position: usize) -> Option<Value<'t>> {
        get(&self.named, name).or_else(|| self.positional.get(position).cloned())
    }

    pub fn has(&self, name: &str) -> bool {
        get(&self.named, name).is_some()
    }
}

impl<'t> Shell<'t, '_> {
    /// Runs one stage of a pipeline and gives what it writes.
    pub(super) fn command(
        &mut self,
        node: Node<'t>,
        input: Option<Vec<Value<'t>>>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        let name = node.child_by_field_name("command_name").expect("a name");
        let arguments = self.arguments(node)?;
        if child(node, "command_invokation_operator").is_some() {
            let Value::Block(block) = self.expression(named(name)[0])? else {
                return Err(error("this is no script block"));
            };
            self.scopes.push(HashMap::new());
            let result = self.script_block(block);
            self.scopes.pop();
            return result;
        }
        let name = self.source(name).trim();
        if let Some(function) = self.functions.get(&name.to_lowercase()).copied() {
            assert!(input.is_none(), "not interpreted: input of {name}");
            return self.function(name, function, arguments);
        }
        self.built_in(name, arguments, input)
    }

    fn arguments(&mut self, node: Node<'t>) -> Outcome<'t, Arguments<'t>> {
        let mut arguments = Arguments::default();
        let mut parameter: Option<String> = None;
        let elements = child(node, "command_elements")
            .map(children)
            .unwrap_or_default();
        let mut listed = false;
        for element in elements {
            let value = match element.kind() {
                "command_argument_sep" => continue,
                "," => {
                    listed = true;
                    continue;
                }
                "command_parameter" => {
                    arguments
                        .named
                        .extend(parameter.take().map(|name| (name, Value::Bool(true))));
                    parameter = Some(self.source(element).trim_start_matches('-').to_owned());
                    continue;
                }
                "generic_token" => {
                    let token = self.source(element);
                    token
                        .parse()
                        .map_or_else(|_| Value::Text(token.to_owned()), Value::Int)
                }
                _ => match self
                    .source(element)
                    .strip_prefix('@')
                    .filter(|rest| rest.starts_with(char::is_alphabetic))
                {
                    Some(splatted) => {
                        let Value::Hash(table) = self.variable(splatted)? else {
                            return Err(error(&format!("@{splatted} is no table")));
                        };
                        arguments.named.extend(table.borrow().iter().cloned());
                        continue;
                    }
                    None => self.expression(element)?,
                },
            };
            // `A, B` is one argument.
            if std::mem::take(&mut listed) {
                let before = arguments
                    .named
                    .last_mut()
                    .map(|(_, value)| value)
                    .expect("a list");
                *before = Value::List([before.clone().unrolled(), vec![value]].concat());
                continue;
            }
            match parameter.take() {
                Some(name) => arguments.named.push((name, value)),
                None => arguments.positional.push(value),
            }
        }
        arguments
            .named
            .extend(parameter.map(|name| (name, Value::Bool(true))));
        for (index, (name, _)) in arguments.named.iter().enumerate() {
            let twice = arguments.named[..index]
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name));
            if twice {
                return Err(error(&format!(
                    "the parameter {name} is given twice: {}",
                    self.source(node)
                )));
            }
        }
        Ok(arguments)
    }

    pub(super) fn parameters(&mut self, node: Node<'t>) -> Vec<Parameter<'t>> {
        let list = child(node, "parameter_list").map(named).unwrap_or_default();
        list.into_iter()
            .map(|parameter| {
                let name = self.source(child(parameter, "variable").expect("a variable"));
                // Attributes such as [Parameter(…)] have parentheses, types have none.
                let kind = child(parameter, "attribute_list")
                    .map(named)
                    .unwrap_or_default();
                let kind = kind
                    .into_iter()
                    .map(|attribute| self.source(attribute).trim().to_owned());
                let kind = kind.into_iter().find(|text| !text.contains('('));
                let default =
                    child(parameter, "script_parameter_default").map(|default| named(default)[0]);
                let default = default.and_then(|default| self.expression(default).ok());
                let default = default.unwrap_or(match kind.as_deref() {
                    Some("[switch]") => Value::Bool(false),
                    Some("[string]") => Value::Text(String::new()),
                    _ => Value::Null,
                });
                Parameter {
                    name: name.trim_start_matches('$').to_owned(),
                    kind,
                    default,
                }
            })
            .collect()
    }

    fn function(
        &mut self,
        name: &str,
        node: Node<'t>,
        arguments: Arguments<'t>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        let declared = child(node, "function_parameter_declaration");
        let parameters = declared
            .map(|declared| self.parameters(declared))
            .unwrap_or_default();
        for (given, _) in &arguments.named {
            if !parameters
                .iter()
                .any(|parameter| parameter.name.eq_ignore_ascii_case(given))
            {
                return Err(error(&format!("{name} has no parameter {given}")));
            }
        }
        let mut positional = arguments.positional.into_iter();
        let mut scope = HashMap::new();
        for parameter in parameters {
            let given = get(&arguments.named, &parameter.name).or_else(|| positional.next());
            let value = match (given, &parameter.kind) {
                (Some(value), Some(kind)) => cast(kind, value),
                (Some(value), None) => value,
                (None, _) => parameter.default,
            };
            scope.insert(parameter.name.to_lowercase(), value);
        }
        if positional.next().is_some() {
            return Err(error(&format!("{name} takes fewer arguments")));
        }
        self.scopes.push(scope);
        let result = match child(node, "script_block") {
            Some(body) => self.body(body),
            None => Ok(Vec::new()),
        };
        self.scopes.pop();
        result
    }

    /// The statements of a script block, in the scope that is there.
    pub(super) fn script_block(&mut self, block: Node<'t>) -> Outcome<'t, Vec<Value<'t>>> {
        match child(block, "script_block") {
            Some(body) => self.body(body),
            None => Ok(Vec::new()),
        }
    }

    fn body(&mut self, script_block: Node<'t>) -> Outcome<'t, Vec<Value<'t>>> {
        let mut out = Vec::new();
        let Some(body) = child(script_block, "script_block_body") else {
            return Ok(out);
        };
        match self.block(body, &mut out) {
            Ok(()) | Err(Stop::Return) => Ok(out),
            Err(stop) => Err(stop),
        }
    }
}
