//! What Exchange Online does with a message that it has taken.

use crate::platforms;
use crate::platforms::exchange_online::choose::ClientStatus;
use crate::platforms::exchange_online::{self, OutboundConnector, TransportRule};
use crate::routes::accepted_directory;
use crate::topology::Directory;
use crate::values::Address;
use crate::walk::conditions::Truth;
use crate::walk::handover::Handing;
use crate::walk::state::{Guess, Message, State, Step};
use crate::walk::tls::Expects;
use crate::walk::{Home, Model};

impl Model<'_> {
    /// Exchange Online: rules first, then everything else.
    pub(crate) fn in_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: State,
        known: bool,
    ) -> Vec<Step> {
        let at_home = state.home == Home::At(state.at);
        let detour = self
            .lookup
            .detour(state.at)
            .filter(|_| !state.detoured && (!at_home || !known))
            .map(|connector| self.detour(connector, at_home));
        let mut steps = Vec::new();
        let mut guesses = Guesses::default();
        let mut ended = Vec::new();
        // Rules that may act, and what they make of the message.
        let mut followed: Vec<(&TransportRule, State)> = Vec::new();
        let mut goes_on = true;
        for applied in tenant.rules.iter().filter(|rule| rule.enabled) {
            let Some(acts) = self.acting(applied, message, &state) else {
                continue;
            };
            let known = |(other, after): &(&TransportRule, State)| {
                *after == acts.state && does_the_same(other, applied)
            };
            // A thousand rules for a thousand cities that choose one connector are one way, not a thousand.
            if !acts.doubtful || !followed.iter().any(known) {
                let mut guesses = guesses.clone();
                if acts.doubtful {
                    let mut others = tenant.rules.iter().filter(|other| {
                        other.enabled && other.rule != applied.rule && does_the_same(other, applied)
                    });
                    let may_act = |other: &TransportRule| {
                        let acting = self.acting(other, message, &state);
                        acting.is_some_and(|other| other.doubtful && other.state == acts.state)
                    };
                    let word = if others.any(may_act) {
                        "or another that does the same acts"
                    } else {
                        "acts"
                    };
                    guesses.add(applied, &state.person, true, word);
                }
                let connector = tenant.outbound.iter().find(|connector| {
                    connector.is_transport_rule_scoped
                        && connector.enabled
                        && connector.name == applied.connector
                });
                if let Some(connector) = connector {
                    let by_rule = self.by_rule(applied, connector);
                    let acted = self.over_rule(message, &acts.state, by_rule, detour.as_ref());
                    steps.extend(guesses.assumed(acted));
                } else if applied.set_header.is_some() {
                    // Its connector is switched off: it chooses nothing, and ends the rules and leaves its header all the same.
                    ended.push((acts.state.clone(), guesses));
                } else {
                    ended.push((state.clone(), guesses));
                }
            }
            if !acts.doubtful {
                goes_on = false;
                break;
            }
            guesses.add(applied, &state.person, false, "does not act");
            followed.push((applied, acts.state));
        }
        if goes_on {
            ended.push((state, guesses));
        }
        for (state, guesses) in ended {
            let rest = self.after_rules(tenant, message, &state, detour.clone());
            steps.extend(guesses.assumed(rest));
        }
        steps
    }

    /// What a rule makes of a message; `None` where it does not act.
    fn acting(&self, applied: &TransportRule, message: &Message, state: &State) -> Option<Acting> {
        let rule = self.plan.topology.rules.get(applied.rule)?;
        let truth = self.fires(rule, message, state);
        if truth == Truth::No {
            return None;
        }
        let mut state = state.clone();
        // A header that the rule itself is to stamp is left by what is written of it alone.
        let by_others = rule.unless_header.iter().any(|mark| !mark.set);
        let is_left = applied.set_header.is_some() || by_others;
        state.ruled.extend(self.mark_of(rule).filter(|_| is_left));
        state.ruled.sort_unstable();
        state.ruled.dedup();
        Some(Acting {
            state,
            doubtful: truth == Truth::Maybe,
        })
    }

    /// The connector that a rule has chosen, against the detour where it would make that.
    fn over_rule(
        &self,
        message: &Message,
        state: &State,
        mut by_rule: Handing,
        detour: Option<&Handing>,
    ) -> Vec<Step> {
        let Some(detour) = detour else {
            return self.hand(message, state, &by_rule);
        };
        let mut steps = Vec::new();
        let mut detour = detour.clone();
        if state.forwarded.is_some() && state.home != Home::At(state.at) {
            let mut directly = by_rule.clone();
            directly.readings.push(("R6", "direct"));
            steps.extend(self.hand(message, state, &directly));
            by_rule.readings.push(("R6", "detour"));
            detour.readings.push(("R6", "detour"));
        }
        by_rule.readings.push(("R10", "rule"));
        detour.readings.push(("R10", "centralized"));
        steps.extend(self.hand(message, state, &detour));
        steps.extend(self.hand(message, state, &by_rule));
        steps
    }

    /// Exchange Online, where no rule acts: the mailbox, centralized transport, connectors, the MX.
    fn after_rules(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: &State,
        detour: Option<Handing>,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        let at_home = state.home == Home::At(state.at);
        let may_leave_directly = detour.is_some() && state.forwarded.is_some() && !at_home;
        if let Some(mut detour) = detour {
            if may_leave_directly {
                detour.readings.push(("R6", "detour"));
            }
            steps.extend(self.hand(message, state, &detour));
            if !may_leave_directly {
                return steps;
            }
        }
        if at_home {
            steps.extend(self.deliver(state));
            return steps;
        }
        let reached = self.as_mail_user(state);
        let state = reached.as_ref().unwrap_or(state);
        let name = state.recipient.domain();
        let standing = match self.accepted(state.at, name) {
            Some((_, false)) => ClientStatus::Named,
            Some((_, true)) => ClientStatus::Subdomain,
            None => ClientStatus::Foreign,
        };
        let fitting = self.lookup.at(state.at, name);
        for choice in
            platforms::exchange_online::choose::select(&tenant.outbound, &fitting, standing, name)
        {
            let label = |index: usize| {
                tenant
                    .outbound
                    .get(index)
                    .map(|connector| self.route_by(connector.route))
            };
            let mut handing = match choice.winner.and_then(|at| tenant.outbound.get(at)) {
                Some(connector) => self.outbound(connector),
                None => Handing {
                    rewrites_sender: true,
                    ..Handing::mx(name)
                },
            };
            handing.chosen(&choice, label);
            if may_leave_directly {
                handing.readings.push(("R6", "direct"));
            }
            steps.extend(self.hand(message, state, &handing));
        }
        steps
    }
}

impl Model<'_> {
    /// The message under the external address of a mail user: a mailbox elsewhere, at a location with a routing domain.
    fn as_mail_user(&self, state: &State) -> Option<State> {
        let Home::At(home) = state.home else {
            return None;
        };
        let (accepted, _) = self.accepted(state.at, state.recipient.domain())?;
        let topology = &self.plan.topology;
        let domain = topology.domain(topology.domain_named(&accepted.domain)?);
        if accepted_directory(topology, domain, state.at) == Directory::Own {
            return None;
        }
        let recipient = self.people.routing_address(&state.person, home)?;
        Some(State {
            recipient,
            ..state.clone()
        })
    }
}

/// What a rule makes of a message.
struct Acting {
    /// The message with what the rule leaves on it.
    state: State,
    /// Only the product can tell whether it acts.
    doubtful: bool,
}

/// What is taken to be so of rules that only the product can decide.
#[derive(Clone, Default)]
struct Guesses {
    list: Vec<Guess>,
    words: Vec<String>,
}

impl Guesses {
    fn add(&mut self, applied: &TransportRule, person: &Address, acts: bool, word: &str) {
        self.list.push(Guess {
            rule: applied.rule,
            person: person.clone(),
            acts,
        });
        self.words
            .push(format!("rule `{}` {word} on it", applied.name));
    }

    fn assumed(&self, mut steps: Vec<Step>) -> Vec<Step> {
        for step in &mut steps {
            step.guesses.extend(self.list.iter().cloned());
            step.assuming.extend(self.words.iter().cloned());
        }
        steps
    }
}

/// Whether two rules do the same to whatever message they act on, and ask the same of it but for what only the directory
/// knows of its recipient, which stays as it is on the whole way.
fn does_the_same(a: &TransportRule, b: &TransportRule) -> bool {
    let asks_for_message = |name: &str| {
        let name = name.strip_prefix("ExceptIf").unwrap_or(name);
        !["SentToMemberOf", "RecipientADAttributeContainsWords"].contains(&name)
    };
    let asked = [a, b].map(|rule| {
        let predicates = rule.predicates.iter();
        predicates.filter(|(name, _)| asks_for_message(name))
    });
    let [of_a, of_b] = asked;
    a.connector == b.connector && a.set_header == b.set_header && of_a.eq(of_b)
}

impl Model<'_> {
    fn by_rule(&self, applied: &TransportRule, connector: &OutboundConnector) -> Handing {
        let mut handing = self.outbound(connector);
        handing.by = format!("rule:{}", applied.name);
        handing.why = format!("the rule chooses connector `{}`", connector.name);
        handing
    }

    /// Centralized transport: the way through our own servers.
    fn detour(&self, connector: &OutboundConnector, at_home: bool) -> Handing {
        let mut handing = self.outbound(connector);
        handing.detour = true;
        handing.why = if at_home {
            "centralized transport: mail from outside makes the detour too".to_owned()
        } else {
            "centralized transport: all mail for others makes the detour".to_owned()
        };
        handing
    }

    fn outbound(&self, connector: &OutboundConnector) -> Handing {
        let mut handing = self.over(connector.route);
        handing.mx = self.follows_mx(connector.route, &connector.smart_hosts);
        handing.headers = connector.cloud_services_mail_enabled;
        handing.rewrites_sender = connector.rewrites_sender();
        handing.tls = connector.level();
        if let Some(name) = &connector.tls_domain {
            handing.expects = Expects::Names(vec![name.clone()]);
        }
        handing
    }
}
