//! The objects of a location: as compiled, missing, different, or not in the spec.

use crate::drift::compared::{ANY_RECIPIENT, CARRIERS, Known, texts};
use crate::drift::properties::is_for_everybody;
use crate::drift::{Target, doors, wizard};
use crate::import::{Export, LiveObject};
use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::desired;
use crate::platforms::exchange::call::items;
use crate::platforms::exchange::forms::parts;
use crate::platforms::exchange::kind::{ACCEPTED_DOMAIN, Identity, RECEIVE_CONNECTOR};
use crate::platforms::exchange::object::Object;
use crate::routes::Acceptance;
use crate::topology::LocationId;
use crate::writer::powershell::PsValue;
use std::collections::{BTreeMap, BTreeSet};

/// How an object stands to what was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is as compiled.
    AsCompiled,
    /// It does not exist.
    Missing,
    /// It exists, and some property differs.
    Differs,
    /// It exists, and the spec does not have it.
    Unknown,
    /// The export does not hold its kind.
    NotExported,
}

impl State {
    /// The word of the JSON form.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::AsCompiled => "as-compiled",
            Self::Missing => "missing",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
            Self::NotExported => "not-exported",
        }
    }

    /// Whether what exists is not what was compiled.
    pub(crate) const fn differs(self) -> bool {
        matches!(self, Self::Missing | Self::Differs | Self::Unknown)
    }
}

/// An object, and what differs of it.
#[derive(Clone, Debug)]
pub(crate) struct ObjectDrift {
    /// The location, or the zones.
    pub(crate) at: Target,
    /// Its noun.
    pub(crate) kind: String,
    /// Its name; of a receive connector with the server.
    pub(crate) name: String,
    /// The name of the object in the plan, without a server.
    pub(crate) planned: String,
    /// It is the hybrid wizard's.
    pub(crate) of_wizard: bool,
    /// How it stands.
    pub(crate) state: State,
    /// What differs.
    pub(crate) properties: Vec<PropertyDrift>,
    /// What exists, where it does.
    pub(crate) live: Option<LiveObject>,
    /// The properties that were compared.
    pub(crate) compared: BTreeSet<String>,
    /// Those of the spec that the export does not show.
    pub(crate) unshown: BTreeSet<String>,
    /// Those that exist and that nobody knows here.
    pub(crate) strange: BTreeSet<String>,
    /// What it lets clients do that the spec lets nobody do, in words.
    pub(crate) lets: BTreeSet<String>,
    /// Others manage it: the scripts do not change it.
    pub(crate) of_others: bool,
    /// Its comment has no mark of this location, as of all that others made; `apply.ps1` writes it.
    pub(crate) unmarked: bool,
}

/// A property that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PropertyDrift {
    /// Its name.
    pub(crate) name: String,
    /// What exists; `None`: the export does not hold it whole.
    pub(crate) actual: Option<Vec<String>>,
    /// What was compiled.
    pub(crate) expected: Vec<String>,
    /// What the difference does to mail.
    pub(crate) effect: Effect,
}

/// What a difference does to mail, as far as it was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It was followed.
    Followed,
    /// It chooses no path.
    Nothing,
    /// Nobody followed it.
    Open,
}

impl PropertyDrift {
    /// Whether it is the right to relay, which is no property of a connector.
    pub(crate) fn is_of_rights(&self) -> bool {
        self.name == ANY_RECIPIENT
    }
}

impl ObjectDrift {
    pub(super) fn new(at: impl Into<Target>, kind: &str, name: String, state: State) -> Self {
        Self {
            at: at.into(),
            kind: kind.to_owned(),
            planned: name.clone(),
            name,
            of_wizard: false,
            of_others: false,
            unmarked: false,
            state,
            properties: Vec::new(),
            live: None,
            compared: BTreeSet::new(),
            unshown: BTreeSet::new(),
            strange: BTreeSet::new(),
            lets: BTreeSet::new(),
        }
    }

    /// What it is once its properties were compared.
    pub(super) fn settle(&mut self) {
        self.state = if self.properties.is_empty() {
            State::AsCompiled
        } else {
            State::Differs
        };
    }

    /// Whether the scripts can make it as compiled again: what is not in the spec stays.
    pub(crate) const fn is_restored(&self) -> bool {
        matches!(self.state, State::Missing | State::Differs)
    }

    /// Whether the walk sees that it is otherwise.
    pub(crate) fn is_followed(&self) -> bool {
        let mut effects = self.properties.iter().map(|at| at.effect);
        self.state != State::Differs || effects.any(|effect| effect == Effect::Followed)
    }

    /// What it has otherwise than the spec says, as far as the export holds it.
    pub(crate) fn found(&self) -> Vec<(String, Vec<String>)> {
        let own = self.properties.iter();
        let held = own.filter_map(|at| Some((at.name.clone(), at.actual.clone()?)));
        held.collect()
    }

    /// Its properties that were not compared.
    pub(crate) fn not_compared(&self) -> impl Iterator<Item = &String> {
        self.unshown.iter().chain(&self.strange)
    }

    /// Whether it is this object of the plan.
    pub(crate) fn is_of(&self, kind: &str, planned: &str) -> bool {
        self.kind == kind && self.planned == planned
    }

    /// Its differences of which mail depends, or of which nobody knows.
    pub(crate) fn harmful(&self) -> usize {
        let all = self.properties.iter();
        all.filter(|at| at.effect != Effect::Nothing).count()
    }

    /// Kind and name.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

/// Compares the objects of a location with an export of it.
pub(crate) fn compare(plan: &Plan, at: LocationId, export: &Export) -> Vec<ObjectDrift> {
    let Some(wanted) = desired(plan, at, Sink::Files) else {
        return Vec::new();
    };
    let servers: Vec<String> = wanted
        .organization
        .iter()
        .filter(|(name, _)| *name == "Servers")
        .flat_map(|(_, value)| items(value))
        .filter_map(|value| match value {
            PsValue::String(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut by_name: BTreeMap<(&str, String), &LiveObject> = BTreeMap::new();
    let mut of_kind: BTreeMap<&str, Vec<&LiveObject>> = BTreeMap::new();
    for object in &export.objects {
        by_name
            .entry((&object.kind, object.name.to_lowercase()))
            .or_insert(object);
        of_kind.entry(&object.kind).or_default().push(object);
    }
    let is_held = |kind: &str| match &export.kinds {
        Some(kinds) => kinds.iter().any(|held| held == kind),
        None => of_kind.contains_key(kind),
    };
    let absent = export.objects.iter();
    let absent: BTreeSet<(&str, String)> = absent
        .filter_map(|object| Some((object.absent()?, object.name.to_lowercase())))
        .collect();
    let is_absent = |kind, name: &str| absent.contains(&(kind, name.to_lowercase()));
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut found = Vec::new();
    // Every tenant has its own names, some of them only in hybrid organizations.
    let own = plan.place(at).accepted.iter().filter(|it| {
        let key = (ACCEPTED_DOMAIN.name, it.domain.as_str().to_owned());
        it.why == Acceptance::TenantName && by_name.contains_key(&key)
    });
    let own = own.map(|it| Object {
        kept: true,
        properties: vec![
            ("DomainType", "Authoritative".into()),
            ("MatchSubDomains", it.subdomains.into()),
        ],
        ..Object::new(&ACCEPTED_DOMAIN, it.domain.as_str())
    });
    let own: Vec<Object> = own.collect();
    for object in wanted.objects.iter().chain(&own) {
        let kind = object.kind.name;
        let drift = |name: String| ObjectDrift {
            planned: object.name.clone(),
            of_wizard: object.found_by.is_some(),
            of_others: !object.is_written(),
            ..ObjectDrift::new(at, kind, name, State::AsCompiled)
        };
        if !is_held(kind) && !is_absent(kind, &object.name) {
            let mut drift = drift(object.name.clone());
            drift.state = State::NotExported;
            found.push(drift);
            continue;
        }
        let all = of_kind.get(kind).map_or(&[][..], Vec::as_slice);
        if object.takes {
            found.extend(taken(object, all).map(|(live, properties)| ObjectDrift {
                state: State::Differs,
                properties,
                live: Some(live.clone()),
                ..drift(live.name.clone())
            }));
            continue;
        }
        for (name, live) in candidates(object, &servers, all, &by_name) {
            let mut drift = drift(name);
            if let Some(live) = live {
                seen.insert((kind, live.name.to_lowercase()));
                let title = format!("{kind} {}", live.name);
                let found = plan.topology.found.0.iter();
                let found = found.filter(|found| !object.is_written() && found.at == at);
                let found = found
                    .filter(|found| found.object.value.eq_ignore_ascii_case(&title))
                    .flat_map(|found| &found.properties);
                let known = Known {
                    object,
                    product: wanted.product,
                    found: found
                        .map(|(name, values)| (name.as_str(), values))
                        .collect(),
                };
                known.compare(live, export, &mut drift);
                if object.found_by.is_some() {
                    known.compare_ends(live, wizard::ends(plan, at, live), &mut drift);
                }
                known.by_day(live, plan.today, &mut drift);
                // Nobody misses what an export does not show of the names that every tenant has.
                if object.kept && object.kind.name == ACCEPTED_DOMAIN.name {
                    drift.unshown.clear();
                }
                drift.live = Some(live.clone());
            }
            match live {
                Some(_) => drift.settle(),
                None => drift.state = State::Missing,
            }
            found.push(drift);
        }
    }
    found.extend(unknown(plan, at, export, &seen));
    let all = of_kind.get(RECEIVE_CONNECTOR.name);
    found.extend(doors::shut(plan, at, all.map_or(&[][..], Vec::as_slice)));
    found
}

/// The names under which an object of the plan exists, each with what exists under it.
fn candidates<'e>(
    object: &Object,
    servers: &[String],
    all: &[&'e LiveObject],
    by_name: &BTreeMap<(&str, String), &'e LiveObject>,
) -> Vec<(String, Option<&'e LiveObject>)> {
    let kind = object.kind.name;
    if let Some((property, value)) = &object.found_by {
        let wanted = parts(property, texts(value).iter().map(String::as_str));
        let fits = |live: &&&LiveObject| {
            let value = live.items(property);
            let shown = parts(property, value.iter().map(String::as_str));
            live.is_on("Enabled") && wanted.is_subset(&shown)
        };
        let mut fitting = all.iter().filter(fits);
        let (first, second) = (fitting.next(), fitting.next());
        let live = first.filter(|_| second.is_none()).copied();
        return vec![(object.name.clone(), live)];
    }
    let names: Vec<String> = if object.kind.per_server {
        servers
            .iter()
            .map(|server| format!("{server}\\{}", object.name))
            .collect()
    } else if object.kind.identity != Identity::Name {
        // There is one of the kind.
        return vec![(kind.to_owned(), all.first().copied())];
    } else {
        vec![object.name.clone()]
    };
    names
        .into_iter()
        .map(|name| {
            let key = |name: &str| (kind, name.to_lowercase());
            let server = name.split_once('\\').map(|(server, _)| server.to_owned());
            let former = object.former_names.iter().map(|former| match &server {
                Some(server) => format!("{server}\\{former}"),
                None => former.clone(),
            });
            let mut names = std::iter::once(name.clone()).chain(former);
            let live = names.find_map(|name| by_name.get(&key(&name)).copied());
            (name, live)
        })
        .collect()
}

/// Connectors for all addresses that still have what a lock takes from them.
fn taken<'e>(
    object: &Object,
    all: &[&'e LiveObject],
) -> impl Iterator<Item = (&'e LiveObject, Vec<PropertyDrift>)> {
    let mut found = Vec::new();
    for live in all {
        if !live.is_on("Enabled") || !is_for_everybody(live) {
            continue;
        }
        for (name, value) in &object.properties {
            let is = live.items(name);
            let has = parts(name, is.iter().map(String::as_str));
            let wanted = parts(name, texts(value).iter().map(String::as_str));
            if !has.is_disjoint(&wanted) {
                let without: Vec<String> = has.difference(&wanted).cloned().collect();
                let property = PropertyDrift {
                    name: (*name).to_owned(),
                    actual: Some(is),
                    expected: without,
                    effect: Effect::Open,
                };
                found.push((*live, vec![property]));
            }
        }
    }
    found.into_iter()
}

/// What exists and is not in the spec. The connectors for all addresses that servers have from the start are taken as known.
fn unknown(
    plan: &Plan,
    at: LocationId,
    export: &Export,
    seen: &BTreeSet<(&str, String)>,
) -> Vec<ObjectDrift> {
    let accepted = &plan.place(at).accepted;
    let is_unknown = |object: &&LiveObject| {
        let key = (object.kind.as_str(), object.name.to_lowercase());
        let is_known = match object.kind.as_str() {
            "AcceptedDomain" => accepted.named(object.name.to_lowercase()).is_some(),
            kind if kind == RECEIVE_CONNECTOR.name => is_for_everybody(object),
            _ => false,
        };
        CARRIERS.contains(&object.kind.as_str()) && !seen.contains(&key) && !is_known
    };
    let unknown = export.objects.iter().filter(is_unknown);
    unknown
        .map(|object| ObjectDrift {
            unshown: object.lost_end().map(str::to_owned).into_iter().collect(),
            live: Some(object.clone()),
            ..ObjectDrift::new(at, &object.kind, object.name.clone(), State::Unknown)
        })
        .collect()
}
