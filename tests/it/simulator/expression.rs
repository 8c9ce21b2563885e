//! Expressions.

use super::operator;
use super::shell::{Outcome, Shell, error};
use super::tree::{Node, child, children, named};
use super::value::{Value, get};

impl<'t> Shell<'t, '_> {
    pub(super) fn expression(&mut self, node: Node<'t>) -> Outcome<'t, Value<'t>> {
        match node.kind() {
            "path_command_name" | "command_name_expr" => self.expression(named(node)[0]),
            "parenthesized_expression" => self.value(named(node)[0]),
            "array_expression" => {
                let mut out = Vec::new();
                if let Some(list) = child(node, "statement_list") {
                    self.statements(list, &mut out)?;
                }
                Ok(Value::List(out))
            }
            "script_block_expression" => Ok(Value::Block(node)),
            "hash_literal_expression" => self.hash(node),
            "string_literal" => Ok(Value::Text(self.string(node))),
            "integer_literal" => Ok(Value::Int(
                self.source(node).trim().parse().expect("a number"),
            )),
            "type_literal" => Ok(Value::Type(
                self.source(node).trim_matches(['[', ']']).to_owned(),
            )),
            "real_literal" => Ok(Value::Text(self.source(node).trim().to_owned())),
            "variable" => {
                let name = self.source(node).trim_start_matches('$');
                self.variable(name)
            }
            "member_access" => self.member(node),
            "element_access" => self.element(node),
            "invokation_expression" => self.invocation(node),
            "post_increment_expression" => {
                let name = self.source(named(node)[0]).trim_start_matches('$');
                let old = self.variable(name)?;
                let new = operator::apply("+", old.clone(), Value::Int(1)).0;
                self.set(name, new);
                Ok(old)
            }
            "cast_expression" => {
                let parts = named(node);
                let value = self.expression(parts[1])?;
                Ok(cast(self.source(parts[0]), value))
            }
            "expression_with_unary_operator" => {
                let parts = children(node);
                let inner = *parts.last().expect("an operand");
                if parts.len() == 1 {
                    return self.expression(inner);
                }
                let value = self.expression(inner)?;
                match self.source(parts[0]).to_lowercase().as_str() {
                    "-not" | "!" => Ok(Value::Bool(!value.is_true())),
                    other => panic!("not interpreted: {other}"),
                }
            }
            kind if kind.ends_with("_expression") => self.binary(node),
            other => panic!("not interpreted: {other}: {}", self.source(node)),
        }
    }

    /// Every level of precedence is a node of its own; most hold one thing.
    fn binary(&mut self, node: Node<'t>) -> Outcome<'t, Value<'t>> {
        let parts = children(node);
        if let [only] = parts.as_slice() {
            return self.expression(*only);
        }
        if node.kind() == "array_literal_expression" {
            let items: Outcome<'t, Vec<_>> = named(node)
                .into_iter()
                .map(|item| self.expression(item))
                .collect();
            return items.map(Value::List);
        }
        let [left, operator, right] = parts.as_slice() else {
            panic!("not interpreted: {}", self.source(node));
        };
        let operator = self.source(*operator).trim().to_lowercase();
        let left = self.expression(*left)?;
        match operator.as_str() {
            "-and" if !left.is_true() => return Ok(Value::Bool(false)),
            "-or" if left.is_true() => return Ok(Value::Bool(true)),
            "-and" | "-or" => return Ok(Value::Bool(self.expression(*right)?.is_true())),
            _ => {}
        }
        let right = self.expression(*right)?;
        let (value, groups) = operator::apply(&operator, left, right);
        if let Some(groups) = groups {
            self.set(
                "matches",
                Value::List(groups.into_iter().map(Value::Text).collect()),
            );
        }
        Ok(value)
    }

    fn hash(&mut self, node: Node<'t>) -> Outcome<'t, Value<'t>> {
        let mut table = Vec::new();
        for entry in child(node, "hash_literal_body")
            .map(named)
            .unwrap_or_default()
        {
            let parts = named(entry);
            let key = named(parts[0])[0];
            let key = match key.kind() {
                "simple_name" => self.source(key).to_owned(),
                _ => self.expression(key)?.text(),
            };
            let value = self.value(parts[1])?;
            assert!(get(&table, &key).is_none(), "{key} stands twice in a table");
            table.push((key, value));
        }
        Ok(Value::hash(table))
    }

    fn string(&self, node: Node<'t>) -> String {
        let source = self.source(node);
        if let Some(inner) = source
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
        {
            assert!(
                !inner.contains(['$', '`', '"']),
                "not interpreted: {source}"
            );
            return inner.to_owned();
        }
        crate::powershell::reader::single_quoted(source).expect("a string in single quotes")
    }

    fn member(&mut self, node: Node<'t>) -> Outcome<'t, Value<'t>> {
        let parts = children(node);
        let name = self.source(parts[2]).trim();
        if self.source(parts[1]) == "::" {
            return Ok(Value::Type(name.to_owned()));
        }
        let value = self.expression(parts[0])?;
        let lower = name.to_lowercase();
        let found = match (&value, lower.as_str()) {
            (Value::List(items), "count") => {
                Some(Value::Int(i64::try_from(items.len()).expect("fits")))
            }
            (Value::Hash(table), "count") => Some(Value::Int(
                i64::try_from(table.borrow().len()).expect("fits"),
            )),
            (Value::Hash(table), "keys") => {
                let keys = table
                    .borrow()
                    .iter()
                    .map(|(key, _)| Value::Text(key.clone()))
                    .collect();
                Some(Value::List(keys))
            }
            (Value::Object(table), "psobject") => Some(Value::Properties(table.clone())),
            (Value::Properties(_), "properties") => Some(value.clone()),
            (Value::Hash(table) | Value::Object(table), _) => get(&table.borrow(), name),
            (Value::Parameters(cmdlet), "keys") => {
                let names = self.organization.parameters(cmdlet);
                Some(Value::List(names.into_iter().map(Value::Text).collect()))
            }
            (Value::Command(name), "parameters") => Some(Value::Parameters(name.clone())),
            _ => None,
        };
        found.ok_or_else(|| {
            error(&format!(
                "there is no property {name}: {}",
                self.source(node)
            ))
        })
    }

    fn element(&mut self, node: Node<'t>) -> Outcome<'t, Value<'t>> {
        let parts = named(node);
        let of = self.expression(parts[0])?;
        let index = self.expression(parts[1])?;
        Ok(match (of, index) {
            (Value::List(items), Value::Int(index)) => usize::try_from(index)
                .ok()
                .and_then(|index| items.get(index).cloned())
                .unwrap_or(Value::Null),
            (Value::Hash(table), key) => get(&table.borrow(), &key.text()).unwrap_or(Value::Null),
            (Value::Properties(table), key) => match get(&table.borrow(), &key.text()) {
                Some(value) => Value::object(vec![("Value".to_owned(), value)]),
                None => Value::Null,
            },
            (Value::Null, _) => return Err(error("cannot index into a null array")),
            _ => panic!("not interpreted: {}", self.source(node)),
        })
    }

    fn invocation(&mut self, node: Node<'t>) -> Outcome<'t, Value<'t>> {
        let parts = children(node);
        let name = self.source(parts[2]).trim().to_lowercase();
        let mut arguments = Vec::new();
        if let Some(list) = child(parts[3], "argument_expression_list") {
            for argument in named(list) {
                arguments.push(self.expression(argument)?);
            }
        }
        let text = |index: usize, arguments: &[Value<'t>]| arguments[index].text();
        if self.source(parts[1]) == "::" {
            assert_eq!(name, "join", "not interpreted: {}", self.source(node));
            let items: Vec<String> = arguments[1]
                .clone()
                .unrolled()
                .iter()
                .map(Value::text)
                .collect();
            return Ok(Value::Text(items.join(&text(0, &arguments))));
        }
        let on = self.expression(parts[0])?;
        Ok(match (&on, name.as_str()) {
            (Value::Hash(table), "containskey") => {
                Value::Bool(get(&table.borrow(), &text(0, &arguments)).is_some())
            }
            (Value::Parameters(cmdlet), "containskey") => {
                Value::Bool(self.organization.has(cmdlet, &text(0, &arguments)))
            }
            (Value::Text(own), "startswith") => {
                // Without the second argument the comparison would depend on the language of the machine.
                assert_eq!(arguments.len(), 2, "not interpreted: {}", self.source(node));
                Value::Bool(own.starts_with(&text(0, &arguments)))
            }
            (Value::Text(own), "endswith") => {
                assert_eq!(arguments.len(), 2, "not interpreted: {}", self.source(node));
                Value::Bool(own.ends_with(&text(0, &arguments)))
            }
            (Value::Text(own), "tolowerinvariant") => Value::Text(own.to_lowercase()),
            (Value::Text(own), "trim") => Value::Text(own.trim().to_owned()),
            (Value::Text(own), "trimend") => {
                Value::Text(own.trim_end_matches(&text(0, &arguments)).to_owned())
            }
            // A date; it is as good as any that is never the same twice.
            (Value::Int(number), "tostring") => Value::Text(number.to_string()),
            (Value::Object(table), "translate") => Value::object(vec![(
                "Value".to_owned(),
                get(&table.borrow(), "Account").expect("an account"),
            )]),
            (Value::Type(own), "shouldprocess") if own == "PSCmdlet" => {
                if self.what_if {
                    let what = format!("What if: {} {}", text(1, &arguments), text(0, &arguments));
                    self.run.said.push(what);
                }
                Value::Bool(!self.what_if)
            }
            _ => panic!("not interpreted: {}", self.source(node)),
        })
    }
}

/// A value as another type.
pub(super) fn cast<'t>(to: &str, value: Value<'t>) -> Value<'t> {
    let inner = to.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner.expect("a type").to_lowercase().as_str() {
        "string" => Value::Text(value.text()),
        "string[]" => {
            if value.is_null() {
                return value;
            }
            Value::List(
                value
                    .unrolled()
                    .iter()
                    .map(|item| Value::Text(item.text()))
                    .collect(),
            )
        }
        "int" | "long" => match value {
            Value::Null => Value::Int(0),
            other => Value::Int(other.text().parse().expect("a number")),
        },
        "bool" => Value::Bool(value.is_true()),
        "scriptblock" | "switch" => value,
        other => panic!("not interpreted: [{other}]"),
    }
}
