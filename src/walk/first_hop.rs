//! Where a message begins: who writes it, and where it first reaches one of ours.

use crate::finding::Hop;
use crate::plan::Configuration;
use crate::topology::{
    DeviceId, LocationId, Method, PartnerId, Party, Sender, SendsAs, SendsInOurName, SmtpAuth,
};
use crate::values::{Address, Pattern, TlsLevel};
use crate::walk::recipients::Meaning;
use crate::walk::state::{Arrival, Cause, Ends, Message, Next, Reason, State, Step};
use crate::walk::{Home, Model};

impl Model<'_> {
    /// The message and its first moves; none where nobody can send so.
    pub(crate) fn begin(&self, from: &Sender, to: &Address) -> (Message, Vec<Step>) {
        let meanings = self.people.meanings(self.plan, to);
        self.begin_with(from, to, &meanings)
    }

    /// The same, with these meanings of the recipient.
    pub(crate) fn begin_with(
        &self,
        from: &Sender,
        to: &Address,
        meanings: &[Meaning],
    ) -> (Message, Vec<Step>) {
        match from {
            Sender::Address(address) => self.entries_from_address(address, to, meanings),
            Sender::Party(Party::Location(at)) => {
                let message = Message {
                    sender: self.sample(*at).cloned(),
                };
                (message, self.submit(*at, to, meanings, None))
            }
            Sender::Party(Party::Partner(id)) => self.entries_from_partner(*id, None, to, meanings),
            Sender::Party(Party::Device(id)) => self.entries_from_device(*id, to, meanings),
            Sender::Party(Party::Internet) => {
                self.entries_from_internet(self.stranger.clone(), to, meanings)
            }
            Sender::Party(Party::Discard | Party::Reject) => (Message { sender: None }, Vec::new()),
        }
    }

    fn entries_from_address(
        &self,
        address: &Address,
        to: &Address,
        meanings: &[Meaning],
    ) -> (Message, Vec<Step>) {
        let message = Message {
            sender: Some(address.clone()),
        };
        let mut steps = Vec::new();
        for writer in self.people.meanings(self.plan, address) {
            if let Home::At(at) = writer.home {
                steps.extend(self.submit(at, to, meanings, writer.assuming));
            }
        }
        if !steps.is_empty() {
            return (message, steps);
        }
        let device = self.plan.topology.devices().find(|(_, device)| {
            device
                .sends_as
                .iter()
                .any(|at| at.value == SendsAs::Address(address.clone()))
        });
        if let Some((id, _)) = device {
            return self.entries_from_device(id, to, meanings);
        }
        match self.partner_of(address.domain()) {
            Some(partner) => self.entries_from_partner(partner, Some(address), to, meanings),
            None => self.entries_from_internet(Some(address.clone()), to, meanings),
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
        sender: Option<&Address>,
        to: &Address,
        meanings: &[Meaning],
    ) -> (Message, Vec<Step>) {
        let partner = self.plan.topology.partner(id);
        let party = Party::Partner(id);
        let sample = || {
            let domain = partner
                .domains
                .iter()
                .find_map(|at| match &at.value {
                    Pattern::Exact(name) => Some(name.to_string()),
                    Pattern::Below(base) => Some(format!("any.{base}")),
                    Pattern::Any | Pattern::AcceptedDomains => None,
                })
                .or_else(|| {
                    partner.sends_as.first().map(|at| match &at.value {
                        SendsInOurName::Domain(name) => name.to_string(),
                        SendsInOurName::Address(address) => address.domain().to_string(),
                    })
                })?;
            Address::parse(&format!("someone@{domain}")).ok()
        };
        let message = Message {
            sender: sender
                .cloned()
                .or_else(sample)
                .or_else(|| self.stranger.clone()),
        };
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
            let steps = self.over_mx(&message, &partner.name, party, to, meanings);
            return (message, steps);
        }
        let why = format!("mail of `{}` enters here", partner.name);
        let steps = entries
            .into_iter()
            .flat_map(|(at, by)| {
                self.enter(
                    &message,
                    &partner.name,
                    party,
                    at,
                    (&by, &why),
                    to,
                    meanings,
                )
            })
            .collect();
        (message, steps)
    }

    /// An address that a device writes with.
    pub(crate) fn device_sender(&self, id: DeviceId) -> Option<Address> {
        let device = self.plan.topology.device(id);
        let sender = device.sends_as.iter().find_map(|at| match &at.value {
            SendsAs::Address(address) => Some(address.clone()),
            SendsAs::Pattern(pattern) => {
                Address::parse(&format!("device@{}", pattern.base()?)).ok()
            }
        });
        sender.or_else(|| self.sample(device.via.value).cloned())
    }

    fn entries_from_device(
        &self,
        id: DeviceId,
        to: &Address,
        meanings: &[Meaning],
    ) -> (Message, Vec<Step>) {
        let device = self.plan.topology.device(id);
        let at = device.via.value;
        let message = Message {
            sender: self.device_sender(id),
        };
        let party = Party::Device(id);
        let by = format!("device:{}", device.name);
        let why = format!(
            "it hands its mail over by {}",
            device.method.value.keyword()
        );
        let mut steps = self.enter(&message, &device.name, party, at, (&by, &why), to, meanings);
        if !matches!(
            device.method.value,
            Method::ClientSubmission | Method::HighVolume
        ) {
            return (message, steps);
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
            step.tls = TlsLevel::Encrypted;
            if let Some(hop) = &mut step.hop {
                hop.tls = Some(TlsLevel::Encrypted.to_string());
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
        (message, steps)
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
        sender: Option<Address>,
        to: &Address,
        meanings: &[Meaning],
    ) -> (Message, Vec<Step>) {
        let message = Message { sender };
        let steps = self.over_mx(&message, "internet", Party::Internet, to, meanings);
        (message, steps)
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
        at: LocationId,
        (by, why): (&str, &str),
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let level = match party {
            Party::Device(id) => match &self.plan.topology.device(id).max_tls {
                Some(tls) if tls.value == "none" => TlsLevel::None,
                _ => TlsLevel::Opportunistic,
            },
            _ => TlsLevel::Opportunistic,
        };
        let plain = level == TlsLevel::None;
        let seen = self.seen_as(party, at, plain);
        let several = seen.len() > 1;
        let mut steps = Vec::new();
        for (client, address) in seen {
            let demanded = self.demand(at, &client, message);
            let tls = level.max(demanded);
            let refused = self.refuses_plain(at, level, demanded);
            let arrival = Arrival::From {
                party,
                address,
                headers: false,
                plain,
                early: false,
            };
            let assumed = self.assumed_address(party, address, several);
            steps.extend(meanings.iter().map(|meaning| Step {
                readings: Vec::new(),
                assuming: meaning.assuming.iter().chain(&assumed).cloned().collect(),
                guesses: Vec::new(),
                redirect: None,
                hop: Some(Hop {
                    at: who.to_owned(),
                    to: self.name(at).to_owned(),
                    by: by.to_owned(),
                    why: why.to_owned(),
                    instead_of: Vec::new(),
                    tls: Some(tls.to_string()),
                }),
                tls,
                bypass: false,
                gap: None,
                detour: false,
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
        forwarded: false,
        taken: false,
        ruled: Vec::new(),
    }
}
