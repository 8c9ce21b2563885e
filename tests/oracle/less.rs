//! A spec with something taken out of it: a key, an entry or an item of a list.

use crate::random::Random;
use serde_yaml::Value;

/// The text without one thing, which the number chooses.
pub(crate) fn less(text: &str, seed: u64) -> String {
    let mut value: Value = serde_yaml::from_str(text).expect("YAML");
    let count = removable(&value);
    take_out(&mut value, Random::new(!seed).below(count));
    serde_yaml::to_string(&value).expect("YAML")
}

/// How many things can be taken out of a value.
fn removable(value: &Value) -> usize {
    match value {
        Value::Mapping(entries) => entries.values().map(|value| 1 + removable(value)).sum(),
        Value::Sequence(items) => items.iter().map(|value| 1 + removable(value)).sum(),
        _ => 0,
    }
}

/// Takes the thing with this number out, in the order of the text.
fn take_out(value: &mut Value, mut at: usize) {
    let parts: Vec<(Value, usize)> = match value {
        Value::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), removable(value)))
            .collect(),
        Value::Sequence(items) => (0..)
            .zip(items.iter())
            .map(|(index, value)| (Value::from(index), removable(value)))
            .collect(),
        _ => return,
    };
    for (key, below) in parts {
        if at == 0 {
            match value {
                Value::Mapping(entries) => drop(entries.shift_remove(&key)),
                Value::Sequence(items) => {
                    items.remove(index(&key));
                }
                _ => {}
            }
            return;
        }
        if at <= below {
            let inner = match value {
                Value::Mapping(entries) => entries.get_mut(&key),
                _ => value.get_mut(index(&key)),
            };
            return take_out(inner.expect("was there"), at - 1);
        }
        at -= below + 1;
    }
}

fn index(key: &Value) -> usize {
    let number = key.as_u64().expect("an index");
    usize::try_from(number).expect("is small")
}
