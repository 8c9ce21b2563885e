//! A domain more.

use super::Change;
use super::corpus::Sample;
use serde_yaml::{Mapping, Value};

/// One that sorts before, and one that sorts behind all others.
const NAMES: [&str; 2] = ["0nobody.example", "zznobody.example"];

/// A parked domain: nobody sends or receives with it.
pub(crate) fn parked(sample: &Sample, number: usize) -> Option<Change> {
    let parked = Mapping::from_iter([("parked".into(), true.into())]);
    with_domain(sample, NAMES[number % 2], parked.into()).map(Change::plain)
}

/// A domain with mailboxes and records like another's: what is derived for the one is derived for the other.
pub(crate) fn twin(sample: &Sample, _: usize) -> Option<Change> {
    let main = sample.main();
    if main.get("routing").is_some_and(|word| word != "derived") || main.get("include").is_some() {
        return None;
    }
    let is_plain = |settings: &Value| {
        let known = |key: &Value| matches!(key.as_str(), Some("mailboxes" | "mx"));
        let settings = settings.as_mapping();
        settings.is_some_and(|map| {
            map.keys().all(known) && map.get("mailboxes").is_some_and(Value::is_string)
        })
    };
    let domains = main.get("domains")?.as_mapping()?;
    let like = domains.iter().find(|(_, settings)| is_plain(settings))?;
    let (name, like) = (like.0.as_str()?, like.1.clone());
    // What a domain above it says of all names below is not said of the other.
    let is_above = |(other, settings): (&Value, &Value)| {
        let other = other.as_str().unwrap_or_default();
        settings.get("subdomains").is_some() && name.ends_with(&format!(".{other}"))
    };
    if domains.iter().any(is_above) {
        return None;
    }
    // Whatever else names the domain would have to name the other too.
    let named = format!("{main:?}").matches(&format!("\"{name}\"")).count();
    let forwarded = forwards(main).filter(|map| map.contains_key(name)).count();
    if named > 1 + forwarded || sample.documents.len() > 1 {
        return None;
    }
    let mut sample = with_domain(sample, NAMES[1], like)?;
    for map in sample.documents.values_mut().flat_map(forwards_mut) {
        if let Some(to) = map.get(name).cloned() {
            map.insert(NAMES[1].into(), to);
        }
    }
    Some(Change {
        messages: false,
        ..Change::plain(sample)
    })
}

fn with_domain(sample: &Sample, name: &str, settings: Value) -> Option<Sample> {
    let mut main = sample.main().clone();
    let domains = main.get_mut("domains")?.as_mapping_mut()?;
    domains.insert(name.into(), settings);
    Some(sample.with_main(main))
}

/// What the gateways do with mail.
fn forwards(main: &Value) -> impl Iterator<Item = &Mapping> {
    let locations = main.get("locations").and_then(Value::as_mapping);
    let locations = locations.into_iter().flat_map(Mapping::values);
    locations.filter_map(|location| location.get("forwards")?.as_mapping())
}

fn forwards_mut(main: &mut Value) -> impl Iterator<Item = &mut Mapping> {
    let locations = main.get_mut("locations").and_then(Value::as_mapping_mut);
    let locations = locations.into_iter().flat_map(|map| map.iter_mut());
    locations.filter_map(|(_, location)| location.get_mut("forwards")?.as_mapping_mut())
}
