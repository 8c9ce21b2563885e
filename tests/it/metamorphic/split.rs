//! A route for several patterns as several routes.

use super::Change;
use super::corpus::Sample;
use serde_yaml::Value;

/// What the second and later parts of a route are called more than the first.
const MORE: &str = " 00q";

pub(crate) fn by_domains(sample: &Sample, _: usize) -> Option<Change> {
    let mut main = sample.main().clone();
    let routes = main.get_mut("routes")?.as_sequence_mut()?;
    let whole = routes.len();
    *routes = std::mem::take(routes).into_iter().flat_map(parts).collect();
    if routes.len() == whole {
        return None;
    }
    let mut change = Change::plain(sample.with_main(main));
    change.back = Box::new(|text| text.replace(MORE, ""));
    Some(change)
}

fn parts(route: Value) -> Vec<Value> {
    let list = route
        .get("recipients")
        .and_then(Value::as_sequence)
        .cloned();
    let is_for_rules = route.get("only_by_rule") == Some(&Value::Bool(true));
    let Some(list) = list.filter(|list| list.len() > 1 && !is_for_rules) else {
        return vec![route];
    };
    let parts = list.into_iter().enumerate().map(|(number, pattern)| {
        let mut part = route.clone();
        if let Some(map) = part.as_mapping_mut() {
            map.insert("recipients".into(), Value::Sequence(vec![pattern]));
            if number > 0 {
                map.remove("renamed_from");
                let name = map.get("name").and_then(Value::as_str).unwrap_or_default();
                let name = format!("{name}{}", MORE.repeat(number));
                map.insert("name".into(), name.into());
            }
        }
        part
    });
    parts.collect()
}
