//! Statements.

use super::shell::{Outcome, Shell, Stop, error};
use super::tree::{Node, child, children, named};
use super::value::{Value, put};

impl<'t> Shell<'t, '_> {
    pub(super) fn statements(
        &mut self,
        list: Node<'t>,
        out: &mut Vec<Value<'t>>,
    ) -> Outcome<'t, ()> {
        named(list)
            .into_iter()
            .try_for_each(|statement| self.statement(statement, out))
    }

    /// The statements between braces.
    pub(super) fn block(&mut self, block: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        match child(block, "statement_list") {
            Some(list) => self.statements(list, out),
            None => Ok(()),
        }
    }

    fn statement(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        match node.kind() {
            "pipeline" => self.pipeline(node, out),
            "if_statement" => self.if_statement(node, out),
            "foreach_statement" => self.foreach(node, out),
            "for_statement" => self.for_statement(node, out),
            "try_statement" => self.try_statement(node, out),
            "flow_control_statement" => self.flow_control(node, out),
            "function_statement" => {
                let name = self
                    .source(child(node, "function_name").expect("a name"))
                    .trim();
                self.functions.insert(name.to_lowercase(), node);
                Ok(())
            }
            "trap_statement" | "empty_statement" => Ok(()),
            other => panic!("not interpreted: {other}: {}", self.source(node)),
        }
    }

    fn if_statement(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        let condition = node.child_by_field_name("condition").expect("a condition");
        if self.value(condition)?.is_true() {
            return self.block(child(node, "statement_block").expect("a block"), out);
        }
        for clause in child(node, "elseif_clauses").map(named).unwrap_or_default() {
            let condition = clause
                .child_by_field_name("condition")
                .expect("a condition");
            if self.value(condition)?.is_true() {
                return self.block(child(clause, "statement_block").expect("a block"), out);
            }
        }
        match child(node, "else_clause") {
            Some(clause) => self.block(child(clause, "statement_block").expect("a block"), out),
            None => Ok(()),
        }
    }

    /// A missing value is no round; a list is one for each item.
    fn foreach(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        let variable = self
            .source(child(node, "variable").expect("a variable"))
            .trim_start_matches('$');
        let items = self.value(child(node, "pipeline").expect("a list"))?;
        let body = child(node, "statement_block").expect("a block");
        if items.is_null() {
            return Ok(());
        }
        for item in items.unrolled() {
            self.set(variable, item);
            match self.block(body, out) {
                Err(Stop::Break) => break,
                Err(Stop::Continue) | Ok(()) => {}
                stop => return stop,
            }
        }
        Ok(())
    }

    fn for_statement(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        let part = |name: &str| {
            node.child_by_field_name(name)
                .and_then(|part| child(part, "pipeline"))
        };
        let (first, condition, step) = (
            part("for_initializer"),
            part("for_condition"),
            part("for_iterator"),
        );
        let body = child(node, "statement_block").expect("a block");
        if let Some(first) = first {
            self.pipeline(first, &mut Vec::new())?;
        }
        loop {
            if let Some(condition) = condition
                && !self.value(condition)?.is_true()
            {
                return Ok(());
            }
            match self.block(body, out) {
                Err(Stop::Break) => return Ok(()),
                Err(Stop::Continue) | Ok(()) => {}
                stop => return stop,
            }
            if let Some(step) = step {
                self.pipeline(step, &mut Vec::new())?;
            }
        }
    }

    fn try_statement(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        let body = child(node, "statement_block").expect("a block");
        match self.block(body, out) {
            Err(Stop::Throw(error)) => {
                let clause = named(child(node, "catch_clauses").expect("a catch"))[0];
                self.set("_", error);
                self.block(child(clause, "statement_block").expect("a block"), out)
            }
            other => other,
        }
    }

    fn flow_control(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        let value = match child(node, "pipeline") {
            Some(pipeline) => Some(self.value(pipeline)?),
            None => None,
        };
        Err(
            match self.source(children(node)[0]).to_lowercase().as_str() {
                "break" => Stop::Break,
                "continue" => Stop::Continue,
                "throw" => match value {
                    Some(text @ Value::Text(_)) => error(&text.text()),
                    Some(other) => Stop::Throw(other),
                    None => Stop::Throw(self.variable("_")?),
                },
                "return" => {
                    out.extend(value.into_iter().flat_map(Value::unrolled));
                    Stop::Return
                }
                "exit" => match value {
                    Some(Value::Int(code)) => Stop::Exit(code),
                    _ => panic!("not interpreted: {}", self.source(node)),
                },
                other => panic!("not interpreted: {other}"),
            },
        )
    }

    /// What a pipeline puts out, as one value: an expression is itself, what commands write is collected.
    pub(super) fn value(&mut self, pipeline: Node<'t>) -> Outcome<'t, Value<'t>> {
        if pipeline.kind() != "pipeline" {
            let mut out = Vec::new();
            self.statement(pipeline, &mut out)?;
            return Ok(Value::collapsed(out));
        }
        if let [chain] = named(pipeline).as_slice()
            && chain.kind() == "pipeline_chain"
            && let [only] = named(*chain).as_slice()
            && only.kind() != "command"
        {
            return self.expression(*only);
        }
        let mut out = Vec::new();
        self.pipeline(pipeline, &mut out)?;
        Ok(Value::collapsed(out))
    }

    pub(super) fn pipeline(&mut self, node: Node<'t>, out: &mut Vec<Value<'t>>) -> Outcome<'t, ()> {
        let parts = named(node);
        let [only] = parts.as_slice() else {
            panic!("not interpreted: {}", self.source(node))
        };
        if only.kind() == "assignment_expression" {
            return self.assignment(*only);
        }
        let mut stages = named(*only).into_iter();
        let first = stages.next().expect("a first stage");
        let mut items = if first.kind() == "command" {
            self.command(first, None)?
        } else {
            let value = self.expression(first)?;
            // A number that is counted up is not put out.
            if self.source(first).trim_end().ends_with("++") {
                Vec::new()
            } else {
                value.unrolled()
            }
        };
        for stage in stages {
            items = self.command(stage, Some(items))?;
        }
        out.extend(items);
        Ok(())
    }

    fn assignment(&mut self, node: Node<'t>) -> Outcome<'t, ()> {
        let left = child(node, "left_assignment_expression").expect("a left side");
        let operator = self.source(child(node, "assignement_operator").expect("an operator"));
        let value = self.value(node.child_by_field_name("value").expect("a value"))?;
        let mut target = left;
        while !["variable", "element_access", "member_access"].contains(&target.kind()) {
            let inner = named(target);
            if inner.len() > 1 {
                self.several(&inner, value);
                return Ok(());
            }
            target = inner[0];
        }
        let value = match operator {
            "=" => value,
            "+=" => {
                let old = self.expression(target)?;
                super::operator::apply("+", old, value).0
            }
            other => panic!("not interpreted: {other}"),
        };
        if target.kind() == "variable" {
            let name = self.source(target).trim_start_matches('$');
            self.set(name, value);
            return Ok(());
        }
        assert_eq!(
            target.kind(),
            "element_access",
            "not interpreted: {}",
            self.source(node)
        );
        let parts = named(target);
        let key = self.expression(parts[1])?.text();
        match self.expression(parts[0])? {
            Value::Hash(table) => put(&mut table.borrow_mut(), &key, value),
            _ => panic!("not interpreted: {}", self.source(node)),
        }
        Ok(())
    }

    /// `$a, $b = …`: the last one takes what is left.
    fn several(&mut self, targets: &[Node<'t>], value: Value<'t>) {
        let mut items = value.unrolled().into_iter();
        for (index, target) in targets.iter().enumerate() {
            let name = self.source(*target).trim_start_matches('$');
            let value = if index + 1 == targets.len() {
                Value::collapsed(items.by_ref().collect())
            } else {
                items.next().unwrap_or(Value::Null)
            };
            self.set(name, value);
        }
    }
}
