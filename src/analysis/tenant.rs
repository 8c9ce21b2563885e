//! What Exchange Online does with a message that it has taken.

use super::conditions::Truth;
use super::hand::Handing;
use super::state::{Guess, Message, State, Step};
use super::{Home, Model};
use crate::plan::exchange_online::{self, OutboundConnector, TlsSettings};
use crate::policy;
use crate::policy::exchange_online::Standing;
use crate::values::TlsLevel;

impl Model<'_> {
    /// Exchange Online: rules first, then everything else.
    pub(super) fn in_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: State,
        known: bool,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut guesses = Guesses::default();
        let at_home = state.home == Home::At(state.at);
        let detour = tenant
            .outbound
            .iter()
            .find(|connector| connector.enabled && connector.route_all_messages_via_on_premises)
            .filter(|_| !state.detoured && (!at_home || !known))
            .map(|connector| detour(connector, at_home));
        for applied in tenant.rules.iter().filter(|rule| rule.enabled) {
            let Some(rule) = self.plan.topology.rules.get(applied.rule) else {
                continue;
            };
            let truth = self.fires(rule, message, &state);
            let connector = tenant.outbound.iter().find(|connector| {
                connector.is_transport_rule_scoped
                    && connector.enabled
                    && connector.name == applied.connector
            });
            let (Some(connector), true) = (connector, truth > Truth::No) else {
                continue;
            };
            let guess = |acts| Guess {
                rule: applied.rule,
                person: state.person.clone(),
                acts,
            };
            let doubtful = truth == Truth::Maybe;
            let mut ruled = state.clone();
            ruled.ruled.push(applied.rule);
            ruled.ruled.sort_unstable();
            ruled.ruled.dedup();
            let mut handing = outbound(connector);
            handing.by = format!("rule:{}", applied.name);
            handing.why = format!("the rule chooses connector `{}`", connector.name);
            let mut acted = Vec::new();
            if let Some(mut detour) = detour.clone() {
                handing.readings.push(("R10", "rule"));
                detour.readings.push(("R10", "centralized"));
                acted.extend(self.hand(message, &ruled, &detour));
            }
            acted.extend(self.hand(message, &ruled, &handing));
            for step in &mut acted {
                guesses.assume(step);
                if doubtful {
                    step.guesses.push(guess(true));
                    step.assuming
                        .push(format!("rule `{}` acts on it", applied.name));
                }
            }
            steps.extend(acted);
            if !doubtful {
                return steps;
            }
            guesses.list.push(guess(false));
            guesses
                .words
                .push(format!("rule `{}` does not act on it", applied.name));
        }
        let mut rest = self.after_rules(tenant, message, &state, detour);
        for step in &mut rest {
            guesses.assume(step);
        }
        steps.extend(rest);
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
        let may_leave_directly = detour.is_some() && state.forwarded && !at_home;
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
        let name = state.recipient.domain();
        let standing = match self.accepted(state.at, name) {
            Some((_, false)) => Standing::Named,
            Some((_, true)) => Standing::Subdomain,
            None => Standing::Foreign,
        };
        let among = self.lookup.at(state.at, name);
        for choice in
            policy::exchange_online::select_among(&tenant.outbound, &among, standing, name)
        {
            let label = |index: usize| {
                tenant
                    .outbound
                    .get(index)
                    .map(|connector| format!("route:{}", connector.name))
            };
            let mut handing = match choice.winner.and_then(|at| tenant.outbound.get(at)) {
                Some(connector) => outbound(connector),
                None => Handing::mx(name),
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

/// Rules that are taken not to act.
#[derive(Default)]
struct Guesses {
    list: Vec<Guess>,
    words: Vec<String>,
}

impl Guesses {
    fn assume(&self, step: &mut Step) {
        step.guesses.extend(self.list.iter().cloned());
        step.assuming.extend(self.words.iter().cloned());
    }
}

/// Centralized transport: the way through our own servers.
fn detour(connector: &OutboundConnector, at_home: bool) -> Handing {
    let mut handing = outbound(connector);
    handing.detour = true;
    handing.why = if at_home {
        "centralized transport: mail from outside makes the detour too".to_owned()
    } else {
        "centralized transport: all mail for others makes the detour".to_owned()
    };
    handing
}

fn outbound(connector: &OutboundConnector) -> Handing {
    let mut handing = Handing::over(connector.route, &connector.name);
    handing.mx = connector.smart_hosts.is_empty();
    handing.headers = connector.cloud_services_mail_enabled;
    handing.tls = match connector.tls_settings {
        Some(TlsSettings::DomainValidation) => TlsLevel::Verified,
        Some(TlsSettings::CertificateValidation) => TlsLevel::CaVerified,
        Some(TlsSettings::EncryptionOnly) => TlsLevel::Encrypted,
        None => TlsLevel::Opportunistic,
    };
    handing
}
