//! Places between which nothing decides when they write, so that following the mail of one decides for all.
//!
//! A thousand branches that hand all mail for others to one place differ in their names and in what is said of each: its
//! own mailboxes, its own domains, routes that name some. Mail for a class of recipients that no object names together
//! with either of two branches takes the same way from both, if three things are equal: the first hop, what the next
//! place makes of the sending end, and what every place makes of the envelope sender. Each is asked of the functions that
//! the walk itself asks. Where the answer may depend on more than that, a place stands for itself.
//!
//! This module must not know what is wrong with a way: whoever uses it follows every place where anything is.

use crate::plan::Configuration;
use crate::platforms::postfix::{Key, Right};
use crate::topology::{LocationId, Party, Sender};
use crate::values::TlsLevel;
use crate::walk::Model;
use crate::walk::attribution::{AtPostfix, AtServer, Attribution};
use crate::walk::classes::{Class, Population};
use crate::walk::groups::ClassKind;
use crate::walk::state::{Arrival, Cause, Envelope, Message, Next, Shows, State, Step};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeMap;

/// Groups of places that write alike.
pub(crate) struct Alike {
    groups: Vec<Vec<LocationId>>,
    group_of: HashMap<LocationId, usize>,
}

/// What two places that write alike have in common in one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Likeness {
    tls: TlsLevel,
    first: First,
    /// What every object that looks at envelope senders sees in this one.
    sender: String,
}

/// Where all mail for others goes first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum First {
    /// To a place of ours.
    Reached {
        to: LocationId,
        headers: bool,
        plain: bool,
        inside: bool,
        standing: SenderStatus,
    },
    /// Nowhere: it cannot be handed over as is demanded.
    Waits { to: Option<String>, cause: Cause },
}

/// What a place makes of a sending end, whatever it brings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum SenderStatus {
    /// A connector of its own at Exchange Online.
    Own {
        internal: bool,
        headers: bool,
        relays: bool,
    },
    /// The Receive connectors of Exchange Server that it comes in at.
    Received(AtServer),
    /// The tables of access of Postfix.
    Client(AtPostfix),
}

impl Alike {
    /// The groups among these places, each of more than one.
    pub(crate) fn of(model: &Model<'_>, population: &Population, places: &[LocationId]) -> Self {
        let mut found: BTreeMap<LocationId, Vec<LocationId>> = BTreeMap::new();
        let mut first_with: HashMap<Vec<Likeness>, LocationId> = HashMap::new();
        for &at in places {
            if let Some(likeness) = likeness(model, population, at) {
                let first = *first_with.entry(likeness).or_insert(at);
                found.entry(first).or_default().push(at);
            }
        }
        let groups: Vec<Vec<LocationId>> = found
            .into_values()
            .filter(|group| group.len() > 1)
            .collect();
        let members = groups.iter().enumerate();
        let group_of = members
            .flat_map(|(index, group)| group.iter().map(move |&at| (at, index)))
            .collect();
        Self { groups, group_of }
    }

    /// The groups.
    pub(super) fn groups(&self) -> &[Vec<LocationId>] {
        &self.groups
    }

    /// Whether the place is in any group.
    pub(super) fn holds(&self, at: LocationId) -> bool {
        self.group_of.contains_key(&at)
    }

    /// The group that a place is in.
    pub(crate) fn group_of(&self, party: Party) -> &[LocationId] {
        let index = party.location().and_then(|at| self.group_of.get(&at));
        let group = index.and_then(|index| self.groups.get(*index));
        group.map_or(&[], Vec::as_slice)
    }
}

/// Whether mail for the class may take the same way from all places of a group that it is not about.
pub(crate) fn is_common(class: &Class) -> bool {
    let ours = matches!(
        class.kind,
        ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_)
    );
    ours && class.is_plain && !class.by_provider
}

/// Of each message that a place writes, whatever order it writes them in.
fn likeness(model: &Model<'_>, population: &Population, at: LocationId) -> Option<Vec<Likeness>> {
    if !has_own_aliases_only(model, at) {
        return None;
    }
    let mut common = population.classes.iter().filter(|class| is_common(class));
    let class = common.find(|class| !class.is_about(at))?;
    let messages = model.messages(&Sender::Party(Party::Location(at)));
    let all = messages
        .iter()
        .map(|message| likeness_of(model, at, message, class));
    let mut all = all.collect::<Option<Vec<Likeness>>>()?;
    all.sort_unstable_by(|one, other| one.sender.cmp(&other.sender));
    Some(all)
}

fn likeness_of(
    model: &Model<'_>,
    at: LocationId,
    message: &Message,
    class: &Class,
) -> Option<Likeness> {
    let step = first_step(model, at, message, class)?;
    let first = match &step.next {
        Next::State(State {
            at: to,
            arrival: Arrival::From { headers, shows, .. },
            inside,
            ..
        }) => First::Reached {
            to: *to,
            headers: *headers,
            plain: *shows == Shows::Nothing,
            inside: *inside,
            standing: standing(model, *to, at, message, *shows)?,
        },
        Next::State(_) => return None,
        // Nobody is reached who could make anything of the sending end.
        Next::End(end) => First::Waits {
            to: step.hop.as_ref().map(|hop| hop.to.clone()),
            cause: end.cause,
        },
    };
    Some(Likeness {
        tls: step.tls,
        first,
        sender: model.told_apart_by(message),
    })
}

/// Aliases for other domains than those that are accepted at a Postfix would decide about classes that it says nothing of.
fn has_own_aliases_only(model: &Model<'_>, at: LocationId) -> bool {
    let Configuration::Postfix(tables) = &model.plan.place(at).configuration else {
        return true;
    };
    tables.aliases.keys().all(|key| {
        let domain = match key {
            Key::Address(address) => address.domain(),
            Key::Domain(domain) | Key::Below(domain) => domain,
        };
        model.accepted(at, domain).is_some()
    })
}

/// The first hop of mail for a class that no object of the place names, where there is one way alone, to a place of ours,
/// over a route, and nothing else happens to the message.
fn first_step(model: &Model<'_>, at: LocationId, message: &Message, class: &Class) -> Option<Step> {
    let has_choice = model.has_choice(at, class.witness.domain());
    if has_choice || model.plan.topology.location(at).tenant().is_some() {
        return None;
    }
    let meanings = std::slice::from_ref(&class.meaning);
    let from = Sender::Party(Party::Location(at));
    let steps = model.first_steps(&from, message, &class.witness, meanings);
    let Next::State(written) = only(steps)?.next else {
        return None;
    };
    let step = only(model.steps(message, &written))?;
    let same = match &step.next {
        Next::State(state) => {
            state.recipient == written.recipient
                && state.person == written.person
                && state.home == written.home
                && !state.detoured
                && state.forwarded.is_none()
                && state.envelope == Envelope::Kept
                && state.ruled.is_empty()
        }
        Next::End(end) => matches!(end.cause, Cause::Tls(_)),
    };
    let plain = step.readings.is_empty()
        && step.guesses.is_empty()
        && step.redirect.is_none()
        && step.hop.is_some()
        && step.gap.is_none()
        && step.claimed.is_none()
        && !step.bypass
        && !step.detour;
    (same && plain).then_some(step)
}

fn only<T>(list: Vec<T>) -> Option<T> {
    let mut list = list.into_iter();
    let first = list.next()?;
    list.next().is_none().then_some(first)
}

fn standing(
    model: &Model<'_>,
    to: LocationId,
    at: LocationId,
    message: &Message,
    shows: Shows,
) -> Option<SenderStatus> {
    let party = Party::Location(at);
    // Whose session it is may depend on what it brings.
    if !model.claims_toward(party, to, shows).is_empty() {
        return None;
    }
    let (client, _) = only(model.seen_as(party, to, shows))?;
    match (&model.plan.place(to).configuration, client) {
        (Configuration::ExchangeOnline(tenant), Attribution::Tenant(client)) => {
            let [(own, by_certificate)] = client.own[..] else {
                return None;
            };
            let own = tenant.inbound.get(own)?;
            if !own.associated_accepted_domains.is_empty() {
                return None;
            }
            Some(SenderStatus::Own {
                internal: own.treat_messages_as_internal,
                headers: own.cloud_services_mail_enabled && by_certificate,
                relays: model.may_relay(to, &client, message),
            })
        }
        (_, Attribution::Server(client)) => Some(SenderStatus::Received(client)),
        // What it may do with a limited right depends on what it brings.
        (_, Attribution::Postfix(client)) if !matches!(client.right, Some(Right::Limited(_))) => {
            Some(SenderStatus::Client(client))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
