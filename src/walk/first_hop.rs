//! Where a message begins: who writes it, and where it first reaches one of ours.

use crate::finding::TraceHop;
use crate::plan::Configuration;
use crate::topology::{DeviceId, LocationId, Method, PartnerId, Party, Sender, SendsAs, SmtpAuth};
use crate::values::{Address, TlsLevel};
use crate::walk::claims::TakenIn;
use crate::walk::recipients::Meaning;
use crate::walk::state::{
    Arrival, Cause, Ends, Envelope, Message, Next, Reason, Shows, State, Step,
};
use crate::walk::{Home, Model};
use std::sync::Arc;

impl Model<'_> {
    /// First moves of a message to one of these meanings of the recipient; none where nobody can send so.
    pub(crate) fn first_steps(
        &self,
        from: &Sender,
        message: &Message,
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        match from {
            Sender::As(party, _) => self.first_steps(&Sender::Party(*party), message, to, meanings),
            Sender::Address(address) => self.entries_from_address(address, message, to, meanings),
            Sender::Party(Party::Location(at)) => self.submit(*at, to, meanings, None),
            Sender::Party(Party::Partner(id)) => {
                self.entries_from_partner(*id, message, to, meanings)
            }
            Sender::Party(Party::Device(id)) => {
                self.entries_from_device(*id, message, to, meanings)
            }
            Sender::Party(party @ Party::Network(at, _)) => {
                let who = self.party(*party);
                let by = format!("location:{}", self.name(*at));
                let why = format!(
                    "`{}` lets `{who}` relay (`trusted_networks`)",
                    self.name(*at)
                );
                self.enter(message, who, *party, *at, (&by, &why), to, meanings)
            }
            Sender::Party(Party::Internet) => self.entries_from_internet(message, to, meanings),
            Sender::Party(Party::Discard | Party::Reject) => Vec::new(),
        }
    }

    fn entries_from_address(
        &self,
        address: &Address,
        message: &Message,
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        for writer in self.people.meanings(self.plan, address) {
            if let Home::At(at) = writer.home {
                steps.extend(self.submit(at, to, meanings, writer.assuming));
            }
        }
        if !steps.is_empty() {
            return steps;
        }
        let device = self.plan.topology.devices().find(|(_, device)| {
            device
                .sends_as
                .iter()
                .any(|at| at.value == SendsAs::Address(address.clone()))
        });
        if let Some((id, _)) = device {
            return self.entries_from_device(id, message, to, meanings);
        }
        match self.partner_of(address.domain()) {
            Some(partner) => self.entries_from_partner(partner, message, to, meanings),
            None => self.entries_from_internet(message, to, meanings),
        }
    }

    /// From a mailbox at a place.
    fn submit(
        &self,
        at: LocationId,
        to: &Address,
        meanings: &[Meaning],
        assuming: Option<String>,
    ) -> Vec<Step> {
        meanings
            .iter()
            .map(|meaning| {
                let mut state = arriving(at, Arrival::Submitted, to, meaning);
                state.inside = true;
                state.taken = true;
                let mut step = Step::still(Next::State(state));
                step.assuming = assuming.iter().chain(&meaning.assuming).cloned().collect();
                step
            })
            .collect()
    }

    fn entries_from_partner(
        &self,
        id: PartnerId,
        message: &Message,
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let partner = self.plan.topology.partner(id);
        let party = Party::Partner(id);
        // A derived route says how a place takes its mail, a written one that it enters there.
        let mut entries: Vec<(LocationId, String)> = self
            .lookup
            .routes_from(party)
            .iter()
            .filter(|(_, route)| route.enabled && route.is_written())
            .filter_map(|(_, route)| Some((route.to.location()?, format!("route:{}", route.name))))
            .collect();
        if entries.is_empty() {
            entries.extend(
                partner
                    .via
                    .iter()
                    .map(|at| (at.value, format!("partner:{}", partner.name))),
            );
        }
        entries.sort();
        entries.dedup_by_key(|entry| entry.0);
        if entries.is_empty() {
            return self.over_mx(message, &partner.name, party, to, meanings);
        }
        let why = format!("mail of `{}` enters here", partner.name);
        entries
            .into_iter()
            .flat_map(|(at, by)| {
                self.enter(message, &partner.name, party, at, (&by, &why), to, meanings)
            })
            .collect()
    }

    fn entries_from_device(
        &self,
        id: DeviceId,
        message: &Message,
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let device = self.plan.topology.device(id);
        let at = device.via.value;
        let party = Party::Device(id);
        let by = format!("device:{}", device.name);
        let why = format!(
            "it hands its mail over by {}",
            device.method.value.keyword()
        );
        let mut steps = self.enter(message, &device.name, party, at, (&by, &why), to, meanings);
        if !device.method.value.logs_on() {
            return steps;
        }
        let plain = device
            .max_tls
            .as_ref()
            .is_some_and(|tls| tls.value == "none");
        let refusal = if plain {
            let why = format!("`{}` takes no login without TLS", self.name(at));
            Some(Cause::NotAllowed.because(why))
        } else {
            self.login_refused(at, device.method.value, to)
        };
        for step in &mut steps {
            // No connector is asked about whoever logs on, so that none demands more.
            step.tls = device.tls();
            if let Some(hop) = &mut step.hop {
                Arc::make_mut(hop).tls = Some(step.tls.to_string());
            }
            match (&refusal, &mut step.next) {
                (Some(reason), next) => {
                    *next = Next::End(reason.clone().end(Ends::Rejected(Some(at))));
                }
                (None, Next::State(state)) => {
                    state.arrival = Arrival::Submitted;
                    state.inside = true;
                }
                (None, Next::End(_)) => {}
            }
        }
        steps
    }

    fn login_refused(&self, at: LocationId, method: Method, to: &Address) -> Option<Reason> {
        let here = self.name(at);
        let Configuration::ExchangeOnline(tenant) = &self.plan.place(at).configuration else {
            return None;
        };
        if method == Method::HighVolume {
            return self.accepted(at, to.domain()).is_none().then(|| {
                Cause::NotAllowed.because(format!(
                    "accounts for high volume reach only recipients of `{here}`"
                ))
            });
        }
        let open = matches!(
            tenant.settings.smtp_auth,
            Some(SmtpAuth::PerMailbox | SmtpAuth::Enabled)
        );
        (!open).then(|| {
            Cause::Restricted.because(format!(
                "`{here}` takes no client submission with a login (`smtp_auth`)"
            ))
        })
    }

    fn entries_from_internet(
        &self,
        message: &Message,
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let mut steps = self.over_mx(message, "internet", Party::Internet, to, meanings);
        // Who may write to other names from inside a network that is nobody's alone is an external sender, too.
        if meanings.iter().any(|meaning| meaning.home == Home::Outside) {
            for party in self.plan.topology.networks_of_external_senders() {
                let Party::Network(at, _) = party else {
                    continue;
                };
                if !self.doors.contains(&at) || self.accepted(at, to.domain()).is_some() {
                    continue;
                }
                let by = format!("location:{}", self.name(at));
                let why = format!(
                    "`trusted_networks` of `{}` holds addresses of external senders (`{}`)",
                    self.name(at),
                    self.party(party)
                );
                steps.extend(self.enter(message, "internet", party, at, (&by, &why), to, meanings));
            }
        }
        steps
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is one fact of the first hop"
    )]
    pub(crate) fn enter(
        &self,
        message: &Message,
        who: &str,
        party: Party,
        host: LocationId,
        (by, why): (&str, &str),
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let level = match party {
            Party::Device(id) => self.plan.topology.device(id).tls(),
            _ => TlsLevel::Opportunistic,
        };
        let shows = match level {
            TlsLevel::None => Shows::Nothing,
            _ => Shows::Own,
        };
        let seen = self.seen_as(party, host, shows);
        let several = seen.len() > 1;
        let mut steps = Vec::new();
        for (client, address) in seen {
            let TakenIn {
                at,
                claimed,
                client,
            } = self.taken_in(
                (party, host, shows),
                (client, address),
                message,
                to.domain(),
            );
            let mut why = why.to_owned();
            if let Some(claimed) = &claimed {
                why = format!("{why}; {}", self.claim_in_words(claimed));
            }
            let demanded = self.demand(at, &client, message, to.domain());
            let tls = level.max(demanded);
            let refused = self.refuses_plain(at, level, demanded);
            let arrival = Arrival::From {
                party,
                address,
                headers: false,
                shows,
                early: false,
            };
            let assumed = self.assumed_address(party, address, several);
            steps.extend(meanings.iter().map(|meaning| Step {
                readings: Vec::new(),
                assuming: meaning.assuming.iter().chain(&assumed).cloned().collect(),
                guesses: Vec::new(),
                redirect: None,
                hop: Some(Arc::new(TraceHop {
                    at: who.to_owned(),
                    to: self.name(at).to_owned(),
                    by: by.to_owned(),
                    why: why.clone(),
                    instead_of: Vec::new(),
                    tls: Some(tls.to_string()),
                })),
                tls,
                bypass: false,
                gap: None,
                left_as: None,
                claimed: claimed.clone(),
                detour: false,
                envelope: Envelope::Kept,
                next: match &refused {
                    Some(reason) => Next::End(reason.clone().end(Ends::Rejected(Some(at)))),
                    None => Next::State(arriving(at, arrival, to, meaning)),
                },
            }));
        }
        steps
    }
}

fn arriving(at: LocationId, arrival: Arrival, to: &Address, meaning: &Meaning) -> State {
    State {
        at,
        arrival,
        recipient: to.clone(),
        person: meaning.person.clone(),
        home: meaning.home,
        inside: false,
        detoured: false,
        forwarded: None,
        envelope: Envelope::Kept,
        taken: false,
        ruled: Vec::new(),
    }
}
