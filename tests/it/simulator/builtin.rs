//! What PowerShell itself brings along, and the way to the cmdlets of the organization.

use super::command::Arguments;
use super::datum::Datum;
use super::shell::{Outcome, Shell, error};
use super::value::Value;
use std::cmp::Ordering;

impl<'t> Shell<'t, '_> {
    pub(super) fn built_in(
        &mut self,
        name: &str,
        arguments: Arguments<'t>,
        input: Option<Vec<Value<'t>>>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        let items = input.unwrap_or_default();
        let text = |name: &str, position: usize| {
            arguments
                .get(name, position)
                .map(|value| value.text())
                .unwrap_or_default()
        };
        Ok(match name.to_lowercase().as_str() {
            "write-host" => {
                self.run.said.push(text("Object", 0));
                Vec::new()
            }
            "write-warning" => {
                self.run.warned.push(text("Message", 0));
                Vec::new()
            }
            "write-verbose" | "set-strictmode" | "start-sleep" | "out-null" => Vec::new(),
            "foreach-object" => self.each(arguments, items)?,
            "where-object" => self.filter(arguments, items)?,
            "sort-object" => self.sort(arguments, items)?,
            "select-object" => {
                let Some(Value::Int(first)) = arguments.get("First", 9) else {
                    panic!("not interpreted: {name}")
                };
                items
                    .into_iter()
                    .take(usize::try_from(first).expect("fits"))
                    .collect()
            }
            "out-string" => vec![Value::Text(items.iter().map(Value::text).collect())],
            "get-date" => {
                self.organization.clock += 1;
                vec![Value::Int(self.organization.clock)]
            }
            "join-path" => vec![Value::Text(format!(
                "{}/{}",
                text("Path", 0),
                text("ChildPath", 1)
            ))],
            "test-path" => vec![Value::Bool(
                self.organization
                    .files
                    .contains_key(&text("LiteralPath", 0)),
            )],
            "export-clixml" => {
                let data = arguments.get("InputObject", 9).expect("data").datum();
                self.organization.files.insert(text("Path", 0), data);
                Vec::new()
            }
            "import-clixml" => {
                let path = text("Path", 0);
                let data = self
                    .organization
                    .files
                    .get(&path)
                    .ok_or_else(|| error(&format!("{path} does not exist")))?;
                vec![Value::of(data)]
            }
            "new-object" => {
                assert_eq!(
                    text("", 0),
                    "System.Security.Principal.SecurityIdentifier",
                    "not interpreted"
                );
                let account = "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG";
                vec![Value::object(vec![(
                    "Account".to_owned(),
                    Value::Text(account.to_owned()),
                )])]
            }
            "get-credential" => vec![Value::Type("credential".to_owned())],
            "get-command" => {
                let wanted = text("Name", 0);
                if self.organization.has_cmdlet(&wanted) {
                    vec![Value::Command(wanted)]
                } else {
                    assert_eq!(
                        text("ErrorAction", 9),
                        "SilentlyContinue",
                        "a missing command is an error"
                    );
                    Vec::new()
                }
            }
            _ => self.cmdlet(name, &arguments)?,
        })
    }

    fn cmdlet(&mut self, name: &str, arguments: &Arguments<'t>) -> Outcome<'t, Vec<Value<'t>>> {
        if !arguments.positional.is_empty() {
            return Err(error(&format!("{name}: arguments have names")));
        }
        let parameters: Vec<(String, Datum)> = arguments
            .named
            .iter()
            .map(|(name, value)| (name.clone(), value.datum()))
            .collect();
        let quiet = parameters
            .iter()
            .any(|(name, value)| name == "ErrorAction" && value.text() == "SilentlyContinue");
        match self.organization.call(name, parameters) {
            Ok(objects) => Ok(objects.iter().map(Value::of_object).collect()),
            Err(_) if quiet => Ok(Vec::new()),
            Err(why) => Err(error(&why)),
        }
    }

    /// The block runs in the scope of the pipeline.
    fn with_item(
        &mut self,
        arguments: &Arguments<'t>,
        item: Value<'t>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        let Some(Value::Block(block)) = arguments.get("Process", 0) else {
            panic!("a block is missing")
        };
        self.set("_", item);
        self.script_block(block)
    }

    fn each(
        &mut self,
        arguments: Arguments<'t>,
        items: Vec<Value<'t>>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        let mut out = Vec::new();
        for item in items {
            out.extend(self.with_item(&arguments, item)?);
        }
        Ok(out)
    }

    fn filter(
        &mut self,
        arguments: Arguments<'t>,
        items: Vec<Value<'t>>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        let mut out = Vec::new();
        for item in items {
            let keeps = self.with_item(&arguments, item.clone())?;
            if Value::collapsed(keeps).is_true() {
                out.push(item);
            }
        }
        Ok(out)
    }

    fn sort(
        &mut self,
        arguments: Arguments<'t>,
        items: Vec<Value<'t>>,
    ) -> Outcome<'t, Vec<Value<'t>>> {
        assert!(!arguments.has("Descending"), "not interpreted");
        let mut keyed = Vec::new();
        for item in items {
            let key = if arguments.positional.is_empty() {
                item.clone()
            } else {
                Value::collapsed(self.with_item(&arguments, item.clone())?)
            };
            keyed.push((key, item));
        }
        keyed.sort_by(|(a, _), (b, _)| a.order(b));
        if arguments.has("Unique") {
            keyed.dedup_by(|(a, _), (b, _)| a.order(b) == Ordering::Equal);
        }
        Ok(keyed.into_iter().map(|(_, item)| item).collect())
    }
}
