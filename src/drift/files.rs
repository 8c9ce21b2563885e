//! What exists as files, a Postfix host or zones, against the files that were compiled. One reader read both.
//!
//! What differs is named with what should be there; that mail follows it is said where what exists is put into the plan.

use crate::dns::same_meaning;
use crate::drift::Target;
use crate::drift::objects::{Effect, ObjectDrift, PropertyDrift, State};
use crate::drift::tables;
use crate::import::{Export, Live, LiveObject, takes_mail};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Whether no mail depends on a parameter that has this value.
pub(crate) type Free<'f> = &'f dyn Fn(&str, &str) -> bool;

/// The parameters and tables of a Postfix host. Of parameters that are `free` no mail depends.
pub(super) fn host(at: Target, wanted: &Export, live: &Export, free: Free<'_>) -> Vec<ObjectDrift> {
    // The same table may have another type, which `main.cf` says.
    let last = tables::last;
    let one = |object: &LiveObject| {
        let mut all = live.of_kind(&object.kind);
        let other = all.find(|other| last(&other.name) == last(&object.name));
        let mut drift = ObjectDrift::new(at, &object.kind, object.name.clone(), State::Missing);
        let Some(other) = other else {
            return drift;
        };
        drift.live = Some(other.clone());
        let is_main = object.kind == "main.cf";
        if is_main {
            drift.strange.extend(of_services(live, free));
            if !takes_mail(live) {
                drift
                    .strange
                    .insert("port 25, where nothing listens".to_owned());
            }
        }
        let is_lost = |object: &LiveObject| object.properties.values().any(|at| *at == Live::Lost);
        // The source of a table of secrets is in no output, so that nothing is said of it.
        if !is_lost(object) && is_lost(other) {
            drift.unshown.insert("its entries".to_owned());
        } else if !is_lost(object) {
            for (name, value) in &object.properties {
                drift.compared.insert(name.clone());
                let actual = other.properties.get(name).unwrap_or(&Live::Null);
                let (is, expected) = (words(actual), words(value));
                if is != expected {
                    let is_harmless = free(name, &is.join(" ")) && is_main
                        || are_refusals(&is) && are_refusals(&expected);
                    drift.properties.push(PropertyDrift {
                        name: name.clone(),
                        actual: Some(if name.contains("password") {
                            hidden()
                        } else {
                            is
                        }),
                        expected,
                        effect: if is_harmless {
                            Effect::Nothing
                        } else {
                            Effect::Open
                        },
                    });
                }
            }
            let more = other.properties.iter();
            let more = more.filter(|(name, _)| !object.properties.contains_key(*name));
            let is_free = |name: &str, value: &Live| {
                is_main && (value.is_empty() || free(name, &value.items().join(" ")))
            };
            for (name, value) in more.filter(|(name, value)| !is_free(name, value)) {
                if is_main {
                    drift.strange.insert(name.clone());
                } else {
                    let is_idle = is_idle_policy(live, &object.name, name, value);
                    drift.properties.push(PropertyDrift {
                        name: name.clone(),
                        actual: Some(words(value)),
                        expected: Vec::new(),
                        effect: if is_idle {
                            Effect::Nothing
                        } else {
                            Effect::Open
                        },
                    });
                }
            }
        }
        drift.settle();
        drift
    };
    wanted.objects.iter().map(one).collect()
}

/// The parameters of which a service that all mail passes has its own value, so that main.cf is not what counts.
fn of_services<'e>(
    live: &'e Export,
    free: &'e dyn Fn(&str, &str) -> bool,
) -> impl Iterator<Item = String> + 'e {
    const ALL_MAIL: [&str; 6] = [
        "25 inet",
        "relay unix",
        "rewrite unix",
        "smtp inet",
        "smtp unix",
        "smtpd pass",
    ];
    let services = live.of_kind("master.cf");
    let services = services.filter(|service| ALL_MAIL.contains(&service.name.as_str()));
    services.flat_map(move |service| {
        let counts = |name: &str, value: &Live| {
            let name = name.strip_prefix("-o ");
            name.is_some_and(|name| !free(name, &value.items().join(" ")))
        };
        let own = service.properties.iter();
        let own = own.filter(move |(name, value)| counts(name, value));
        own.map(|(name, _)| format!("{name} of {}", service.name))
    })
}

/// Whether an entry refuses mail for good: with which words is the same to the mail.
fn are_refusals(words: &[String]) -> bool {
    let text = words.join(" ");
    text.strip_prefix("error:")
        .is_some_and(|text| !text.starts_with('4'))
}

/// Whether a policy of TLS says what holds without it, or is about a next hop that no other table and no parameter names.
fn is_idle_policy(live: &Export, table: &str, key: &str, value: &Live) -> bool {
    let main = || live.of_kind("main.cf").flat_map(|main| &main.properties);
    let text = |value: &Live| value.items().join(" ");
    let name = tables::last(table);
    let is_policy = main().any(|(parameter, value)| {
        parameter == "smtp_tls_policy_maps" && text(value).contains(&name)
    });
    let level = main().find(|(parameter, _)| *parameter == "smtp_tls_security_level");
    let is_usual = level.is_some_and(|(_, level)| text(level) == text(value));
    let others = live.of_kind("table").filter(|it| it.name != *table);
    let others = others.filter(|it| tables::last(&it.name) != name);
    let mut all = others
        .flat_map(|it| it.properties.values())
        .chain(main().map(|(_, it)| it));
    is_policy && (is_usual || key.starts_with('[') && !all.any(|it| text(it).contains(key)))
}

/// What is not repeated: nobody knows what is secret.
fn hidden() -> Vec<String> {
    vec!["another value".to_owned()]
}

/// The words of a value.
fn words(value: &Live) -> Vec<String> {
    tables::words(&value.items().join(" "))
}

/// Types of records of which a set holds nothing but what the spec says.
const WHOLE: [&str; 6] = ["A", "AAAA", "CNAME", "MX", "SRV", "TLSA"];

/// The sets of records of zones.
pub(super) fn zones(at: Target, wanted: &Export, live: &Export) -> Vec<ObjectDrift> {
    let mut of: BTreeMap<(&str, &str), &LiveObject> = BTreeMap::new();
    of.extend(live.objects.iter().map(|set| (key(set), set)));
    let mut sets = live.objects.iter().flat_map(|set| set.properties.values());
    let is_cut = sets.any(|value| *value == Live::Lost);
    // The serial number of a zone is whoever publishes it.
    let own = wanted.objects.iter().filter(|set| set.kind != "SOA");
    let known: BTreeSet<(&str, &str)> = own.clone().map(key).collect();
    let compared = own.map(|set| {
        let missing = if is_cut {
            State::NotExported
        } else {
            State::Missing
        };
        let mut drift = ObjectDrift::new(at, &set.kind, set.name.clone(), missing);
        let Some(other) = of.get(&key(set)) else {
            return drift;
        };
        drift.live = Some((*other).clone());
        let (want, have) = (records(set), records(other));
        let is_whole = WHOLE.contains(&set.kind.as_str());
        let is_in = |record: &String, others: &BTreeSet<String>| {
            others.contains(record)
                || set.kind == "TXT" && others.iter().any(|other| same_meaning(record, other))
        };
        let mut more = have.iter().filter(|record| !is_in(record, &want));
        let mut missing = want.iter().filter(|record| !is_in(record, &have));
        // What stands beside them is kept as long as its owner likes.
        let same = have.iter().filter(|record| is_in(record, &want));
        let same: BTreeSet<String> = same.cloned().collect();
        let kept = (times(set, &want), times(other, &same));
        if missing.next().is_some() || more.any(|record| is_whole || is_of_mail(record)) {
            let is_order = set.kind == "MX" && in_order(&have) == in_order(&want);
            drift.properties.push(PropertyDrift {
                name: "records".to_owned(),
                actual: Some(have.into_iter().collect()),
                expected: want.into_iter().collect(),
                effect: if is_order {
                    Effect::Nothing
                } else {
                    Effect::Open
                },
            });
        }
        let (want, have) = kept;
        if !have.is_empty() && !want.is_empty() && want != have {
            drift.properties.push(PropertyDrift {
                name: "TTL".to_owned(),
                actual: Some(have.into_iter().collect()),
                expected: want.into_iter().collect(),
                effect: Effect::Nothing,
            });
        }
        drift.settle();
        drift
    });
    let mut found: Vec<ObjectDrift> = compared.collect();
    let is_unknown = |set: &&LiveObject| {
        let says_mail =
            set.kind == "MX" || set.kind == "TXT" && records(set).iter().any(|it| is_of_mail(it));
        says_mail && !known.contains(&key(set))
    };
    found.extend(
        live.objects
            .iter()
            .filter(is_unknown)
            .map(|set| ObjectDrift {
                live: Some(set.clone()),
                ..ObjectDrift::new(at, &set.kind, set.name.clone(), State::Unknown)
            }),
    );
    found
}

/// Whether mail follows what a set of records says: exchangers of a domain of the spec, or of the names below it that it has.
pub(super) fn is_followed(plan: &Plan, object: &ObjectDrift) -> bool {
    let name = object.name.trim_end_matches('.').to_lowercase();
    let (base, is_below) = match name.strip_prefix("*.") {
        Some(base) => (base, true),
        None => (name.as_str(), false),
    };
    let id = plan.topology.domain_named(base);
    object.kind == "MX" && id.is_some_and(|id| !is_below || plan.topology.domain(id).subdomains)
}

/// Puts the exchangers of a name as its zone exists into a plan, and says whether mail follows them.
pub(super) fn put_records<'e>(
    plan: &mut Plan,
    object: &mut ObjectDrift,
    mut zones: impl Iterator<Item = &'e Export>,
) {
    if !is_followed(plan, object) {
        return;
    }
    let name = object.name.trim_end_matches('.').to_lowercase();
    let records = object.live.as_ref().map(records).unwrap_or_default();
    let hosts = records.iter().filter_map(|record| {
        let (rank, host) = record.split_once(' ')?;
        let host = host.trim().trim_end_matches('.');
        let host = if host.is_empty() { "." } else { host };
        Some((rank.parse().ok()?, host.to_owned()))
    });
    let mut hosts: Vec<(u16, String)> = hosts.collect();
    // A name without MX records whose own address is known takes its mail itself (RFC 5321, section 5.1).
    let has_address = |set: &LiveObject| {
        matches!(set.kind.as_str(), "A" | "AAAA") && set.name.eq_ignore_ascii_case(&object.name)
    };
    if hosts.is_empty() && zones.any(|export| export.objects.iter().any(has_address)) {
        hosts.push((0, name.clone()));
    }
    plan.exchangers.insert(name, hosts);
    for property in &mut object.properties {
        if property.effect == Effect::Open {
            property.effect = Effect::Followed;
        }
    }
}

/// Exchangers in the order in which they are tried, whatever the numbers are.
fn in_order(records: &BTreeSet<String>) -> Vec<BTreeSet<&str>> {
    let mut by_rank: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for record in records {
        let (rank, host) = record.split_once(' ').unwrap_or_default();
        by_rank
            .entry(rank.parse().unwrap_or(0))
            .or_default()
            .insert(host);
    }
    by_rank.into_values().collect()
}

fn key(set: &LiveObject) -> (&str, &str) {
    (&set.kind, &set.name)
}

/// The records of a set, each with its TTL; names in small letters.
fn timed(set: &LiveObject) -> impl Iterator<Item = (String, String)> {
    let is_text = set.kind == "TXT";
    set.properties.values().filter_map(move |value| {
        let mut items = value.items().into_iter();
        let (time, data) = (items.next()?, items.next()?);
        Some((time, if is_text { data } else { data.to_lowercase() }))
    })
}

/// The data of the records of a set.
fn records(set: &LiveObject) -> BTreeSet<String> {
    timed(set).map(|(_, data)| data).collect()
}

/// How long these of its records are kept, where it says so.
fn times(set: &LiveObject, of: &BTreeSet<String>) -> BTreeSet<String> {
    let own = timed(set).filter(|(time, data)| !time.is_empty() && of.contains(data));
    own.map(|(time, _)| time).collect()
}

/// Whether a text is one of those that receivers of mail look for, of which there may be one.
fn is_of_mail(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["v=spf1", "v=dmarc1", "v=dkim1", "v=stsv1", "v=tlsrptv1"]
        .iter()
        .any(|start| lower.starts_with(start))
}
