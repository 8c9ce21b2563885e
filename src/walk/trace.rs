//! The ways of one message, hop by hop, with the reason for every hop.

use crate::finding::{Certainty, TraceHop};
use crate::platforms::Assumption;
use crate::topology::{LocationId, Party, Sender};
use crate::values::{Address, DomainName, TlsLevel};
use crate::walk::claims::Claimed;
use crate::walk::classes::Class;
use crate::walk::egress::Leaving;
use crate::walk::expect::who;
use crate::walk::graph::{Graph, Move};
use crate::walk::recipients::Meaning;
use crate::walk::state::{
    Arrival, Cause, End, Ends, Envelope, Gap, Guess, Message, Redirect, State, Step,
};
use crate::walk::way::{Trace, Way};
use crate::walk::{Home, Model};
use foldhash::{HashSet, HashSetExt};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Ways that are followed at most; of a message with more it is said that there are.
pub(crate) const MOST_WAYS: usize = 1024;

/// Follows the message from this sender, with each envelope sender that it may have.
pub fn trace(model: &Model<'_>, from: &Sender, to: &Address) -> Trace {
    joined(model, from, to, traces(model, from, to))
}

/// The same to an address that nobody has, even where the spec leaves that open.
pub(crate) fn trace_to_nobody(model: &Model<'_>, from: &Sender, to: &Address) -> Trace {
    let nobody = Meaning {
        person: to.clone(),
        home: Home::Nobody,
        assuming: None,
    };
    let nobody = std::slice::from_ref(&nobody);
    let messages = model.messages(from).into_iter();
    let traces =
        messages.map(|message| follow(model, &mut Graph::default(), from, &message, to, nobody));
    joined(model, from, to, traces.collect())
}

fn joined(model: &Model<'_>, from: &Sender, to: &Address, traces: Vec<Trace>) -> Trace {
    let mut traces = traces.into_iter();
    let mut all = traces.next().unwrap_or_else(|| Trace {
        from: who(&model.plan.topology, from),
        sender: None,
        to: to.clone(),
        ways: Vec::new(),
        cut: false,
    });
    for trace in traces {
        all.cut |= trace.cut;
        for way in trace.ways {
            if !all.ways.contains(&way) {
                all.ways.push(way);
            }
        }
    }
    all
}

/// The same, for each envelope sender alone.
pub fn traces(model: &Model<'_>, from: &Sender, to: &Address) -> Vec<Trace> {
    let messages = model.messages(from).into_iter();
    messages
        .map(|message| trace_as(model, from, message.sender, to))
        .collect()
}

/// The same, for this envelope sender, whether or not it is the sender's own.
pub(crate) fn trace_as(
    model: &Model<'_>,
    from: &Sender,
    sender: Option<Address>,
    to: &Address,
) -> Trace {
    let meanings = model.people.meanings(model.plan, to);
    let mut graph = Graph::default();
    follow(model, &mut graph, from, &Message { sender }, to, &meanings)
}

/// The ways of a message that a host of nobody in the spec hands straight to a location, whatever the records of the
/// recipient's domain say.
pub fn trace_straight(model: &Model<'_>, at: LocationId, sender: &Address, to: &Address) -> Trace {
    let meanings = model.people.meanings(model.plan, to);
    let message = Message {
        sender: Some(sender.clone()),
    };
    let by = format!("location:{}", model.name(at));
    let first = model.enter(
        &message,
        "internet",
        Party::Internet,
        at,
        (&by, "any host can connect to any server"),
        to,
        &meanings,
    );
    walked(
        model,
        &mut Graph::default(),
        &Sender::Party(Party::Internet),
        &message,
        to,
        first,
    )
}

/// Follows one message of a sender to a class of recipients.
pub(crate) fn class_trace(
    model: &Model<'_>,
    from: &Sender,
    message: &Message,
    class: &Class,
) -> Trace {
    class_trace_in(model, &mut Graph::default(), from, message, class)
}

/// The same over states that are known already: `graph` is of the class, and of messages like this one.
pub(crate) fn class_trace_in(
    model: &Model<'_>,
    graph: &mut Graph,
    from: &Sender,
    message: &Message,
    class: &Class,
) -> Trace {
    let meanings = std::slice::from_ref(&class.meaning);
    follow(model, graph, from, message, &class.witness, meanings)
}

fn follow(
    model: &Model<'_>,
    graph: &mut Graph,
    from: &Sender,
    message: &Message,
    to: &Address,
    meanings: &[Meaning],
) -> Trace {
    let first = model.first_steps(from, message, to, meanings);
    walked(model, graph, from, message, to, first)
}

fn walked(
    model: &Model<'_>,
    graph: &mut Graph,
    from: &Sender,
    message: &Message,
    to: &Address,
    first: Vec<Step>,
) -> Trace {
    let starts = graph.follow(model, message, first);
    let (ways, cut) = ways(model, graph, message, &starts);
    Trace {
        from: who(&model.plan.topology, from),
        sender: message.sender.clone(),
        to: to.clone(),
        ways,
        cut,
    }
}

fn ways(model: &Model<'_>, graph: &Graph, message: &Message, starts: &[Move]) -> (Vec<Way>, bool) {
    let mut finder = Finder {
        model,
        graph,
        message,
        ways: Vec::new(),
        cut: false,
        last_seen: vec![0; graph.states.len()],
    };
    for first in starts {
        finder.follow(first, Path::default());
    }
    let mut kept: Vec<Way> = Vec::new();
    for way in finder.ways {
        // A way past a gateway that is refused is none.
        let refused = way.bypass && matches!(way.end.ends, Ends::Rejected(_));
        if !refused && !kept.contains(&way) {
            kept.push(way);
        }
    }
    (kept, finder.cut)
}

#[derive(Clone, Default)]
struct Path {
    states: Vec<usize>,
    readings: BTreeMap<&'static str, &'static str>,
    assuming: Vec<String>,
    guesses: Vec<Guess>,
    hops: Vec<Arc<TraceHop>>,
    tls: Option<TlsLevel>,
    first_tls: Option<TlsLevel>,
    bypass: bool,
    gap: Option<Gap>,
    left_as: Option<DomainName>,
    claimed: Option<Arc<Claimed>>,
    detour_again: bool,
    /// Hops that had been made when each state was reached.
    hops_before: Vec<usize>,
    redirects: bool,
    forwards: Vec<(usize, Redirect)>,
    /// The envelope sender after the last move.
    envelope: Envelope,
}

impl Path {
    /// The path with one more move; `None` where it would need two answers to one question.
    fn with(mut self, step: &Step) -> Option<Self> {
        if self.contradicts(step) {
            return None;
        }
        self.readings.extend(step.readings.iter().copied());
        let new = step.guesses.iter().enumerate();
        let new = new.filter(|(at, guess)| self.known(*at, guess).is_none());
        let new: Vec<Guess> = new.map(|(_, guess)| guess.clone()).collect();
        self.guesses.extend(new);
        if !step.assuming.is_empty() {
            let mut known = HashSet::with_capacity(self.assuming.len() + step.assuming.len());
            known.extend(self.assuming.iter().map(String::as_str));
            let new = step.assuming.iter();
            let new = new.filter(|word| known.insert(word.as_str()));
            let new: Vec<String> = new.cloned().collect();
            self.assuming.extend(new);
        }
        let redirect = step.redirect.iter().cloned();
        self.forwards
            .extend(redirect.map(|it| (self.hops.len(), it)));
        if let Some(hop) = &step.hop {
            self.hops.push(Arc::clone(hop));
            self.first_tls.get_or_insert(step.tls);
            self.tls = Some(self.tls.map_or(step.tls, |tls| tls.min(step.tls)));
        }
        self.envelope.clone_from(&step.envelope);
        self.bypass |= step.bypass;
        self.gap = self.gap.or_else(|| step.gap.clone());
        self.left_as = self.left_as.or_else(|| step.left_as.clone());
        self.claimed = self.claimed.or_else(|| step.claimed.clone());
        Some(self)
    }

    /// What is taken to be so already of the same rule and mailbox. Rules are asked in their order, so that a guess nearly
    /// always stands where it stood the last time.
    fn known(&self, at: usize, guess: &Guess) -> Option<&Guess> {
        let same = |known: &&Guess| known.rule == guess.rule && known.person == guess.person;
        let there = self.guesses.get(at).filter(same);
        there.or_else(|| self.guesses.iter().find(same))
    }

    /// Whether the move needs another answer than the path has to a reading, or to whether a rule acts. The rule that acts
    /// comes last on either side.
    fn contradicts(&self, step: &Step) -> bool {
        let guesses = &step.guesses;
        let mut answers: BTreeMap<&str, &str> = BTreeMap::new();
        let mut readings = step.readings.iter();
        let is_other = |(id, word): &Assumption| {
            let before = self.readings.get(id).copied();
            let known = before.unwrap_or_else(|| answers.entry(id).or_insert(word));
            known != *word
        };
        if readings.any(is_other) {
            return true;
        }
        if self.guesses.is_empty() {
            return false;
        }
        let is_other = |at: usize| {
            guesses.get(at).is_some_and(|guess| {
                let known = self.known(at, guess);
                known.is_some_and(|known| known.acts != guess.acts)
            })
        };
        let last = [self.guesses.len(), guesses.len()].map(|count| count.saturating_sub(1));
        last.into_iter().chain(0..guesses.len()).any(is_other)
    }
}

/// So many hops a message makes before Postfix takes it for one that goes round; Exchange Server documents 30 and shows 60.
/// <https://www.postfix.org/postconf.5.html#hopcount_limit>
const MOST_HOPS: usize = 50;

/// So many hops no server takes for a way that leads anywhere: a threshold should be "at least 100".
/// <https://www.rfc-editor.org/rfc/rfc5321#section-6.3>
const NO_MORE_HOPS: usize = 100;

struct Finder<'a> {
    model: &'a Model<'a>,
    graph: &'a Graph,
    message: &'a Message,
    ways: Vec<Way>,
    cut: bool,
    /// Where each state stood on the last path that came to it; on the present one it is if it stands there.
    last_seen: Vec<usize>,
}

impl Finder<'_> {
    fn follow(&mut self, step: &Move, before: Path) {
        if self.ways.len() >= MOST_WAYS {
            self.cut = true;
            return;
        }
        let Some(mut path) = before.with(&step.step) else {
            return;
        };
        let graph = self.graph;
        match (step.to, step.end()) {
            (Some(state), _) => {
                let at = |state: usize| graph.states.get(state).map(|state| state.at);
                path.detour_again |=
                    step.step.detour && path.states.iter().any(|&seen| at(seen) == at(state));
                let first = self.last_seen.get(state).copied();
                let first = first.filter(|&at| path.states.get(at) == Some(&state));
                if let Some(first) = first {
                    let without_hop = path.hops_before.get(first) == Some(&path.hops.len());
                    let round = path.states.iter().skip(first);
                    path.redirects = without_hop || self.is_forwarded(round.clone());
                    let cycle: Vec<LocationId> = round
                        .filter_map(|&at| Some(graph.states.get(at)?.at))
                        .collect();
                    self.finish(path, End {
                        ends: Ends::Loop(cycle),
                        cause: Cause::Round,
                        why: "it returns unchanged, and loops until the hop limit (5.4.6, 5.4.14)".to_owned(),
                        route: None,
                    });
                    return;
                }
                if let Some(seen) = self.last_seen.get_mut(state) {
                    *seen = path.states.len();
                }
                path.states.push(state);
                path.hops_before.push(path.hops.len());
                let hops = path.hops.len();
                let is_too_far = step.step.hop.is_some() && hops == MOST_HOPS + 1;
                if let (Some(here), true) = (at(state), is_too_far || hops > NO_MORE_HOPS) {
                    self.finish(path.clone(), End {
                        ends: Ends::Bounced(here),
                        cause: Cause::HopLimit,
                        why: format!("it has passed more than {} servers, and many servers take that for a loop (5.4.0, 5.4.6)", hops - 1),
                        route: None,
                    });
                }
                if hops > NO_MORE_HOPS {
                    return;
                }
                let mut moves = graph.moves.get(state).into_iter().flatten().peekable();
                while let Some(next) = moves.next() {
                    // Nearly every path goes on in one way alone.
                    if moves.peek().is_none() {
                        return self.follow(next, path);
                    }
                    if !path.contradicts(&next.step) {
                        self.follow(next, path.clone());
                    }
                }
            }
            (None, Some(end)) => self.finish(path, end.clone()),
            (None, None) => {}
        }
    }

    /// Whether a mailbox on the round forwards to another one on it.
    fn is_forwarded<'s>(&self, round: impl Iterator<Item = &'s usize> + Clone) -> bool {
        let states = &self.graph.states;
        let recipients = round.filter_map(|&at| Some(&states.get(at)?.recipient));
        recipients.clone().any(|one| {
            let forwards = self.model.people.forwards(one).iter();
            forwards
                .map(|forward| &forward.target)
                .any(|target| recipients.clone().any(|other| other == target))
        })
    }

    /// The hops of a path that a receiver judges by the envelope sender.
    fn leavings(&self, path: &Path, end: &End) -> Vec<Leaving> {
        let states: Vec<&State> = path
            .states
            .iter()
            .filter_map(|&at| self.graph.states.get(at))
            .collect();
        let mut found = Vec::new();
        let mut add = |passed: &[&State], sender: &Envelope, outside: bool| {
            let Some(last) = passed.last() else { return };
            let mut places: Vec<LocationId> = passed.iter().map(|state| state.at).collect();
            places.dedup();
            found.push(Leaving {
                by: last.at,
                outside,
                sender: sender.clone(),
                passed: places,
                forwarded: outside && !path.forwards.is_empty(),
            });
        };
        for (number, state) in states.iter().enumerate().skip(1) {
            if self.model.judges(self.message, state) {
                let passed = states.get(..number).unwrap_or_default();
                add(passed, &state.envelope, false);
            }
        }
        if matches!(
            end.ends,
            Ends::Internet | Ends::HandedOff(_) | Ends::LeftModel(Some(_))
        ) {
            add(&states, &path.envelope, true);
        }
        found
    }

    fn finish(&mut self, path: Path, end: End) {
        let mut places: Vec<LocationId> = path
            .states
            .iter()
            .filter_map(|&at| Some(self.graph.states.get(at)?.at))
            .collect();
        places.dedup();
        let certainty = if !path.readings.is_empty() {
            Certainty::Possible
        } else if path.assuming.is_empty() {
            Certainty::Certain
        } else {
            Certainty::Assumed
        };
        let first = path
            .states
            .first()
            .and_then(|&at| self.graph.states.get(at));
        let client = first.and_then(|state| match state.arrival {
            Arrival::From { party, .. } => Some(party),
            Arrival::Submitted => None,
        });
        let recipient = path
            .states
            .last()
            .and_then(|&at| Some(self.graph.states.get(at)?.recipient.clone()));
        let egress = match (&end.ends, places.last()) {
            (Ends::Internet | Ends::HandedOff(_), Some(&last)) => self.model.shown_outside(last),
            _ => Vec::new(),
        };
        let leavings = self.leavings(&path, &end);
        // The hops of a long way are most of what is kept of it.
        let mut hops = path.hops;
        hops.shrink_to_fit();
        places.shrink_to_fit();
        self.ways.push(Way {
            end,
            certainty,
            readings: path.readings,
            assuming: path.assuming,
            tls: path.tls.unwrap_or(TlsLevel::Verified),
            first_tls: path.first_tls.unwrap_or(TlsLevel::Verified),
            egress,
            leavings,
            places,
            hops,
            client,
            bypass: path.bypass,
            gap: path.gap,
            left_as: path.left_as,
            claimed: path.claimed,
            detour_again: path.detour_again,
            redirects: path.redirects,
            forwards: path.forwards,
            recipient,
        });
    }
}
