//! Which connectors of an Exchange organization have anything to do with a sending end, without asking each of them.
//!
//! An organization may have a connector for every partner, and every message asks them. What they decide is told
//! elsewhere.

use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{self, ConnectorType, InboundConnector};
use crate::platforms::exchange_server::{self, ReceiveConnector};
use crate::routes::RouteId;
use crate::topology::{LocationId, Party};
use crate::values::NameIndex;
use crate::walk::Model;
use crate::walk::inbound::admits_sender;
use crate::walk::state::Message;
use foldhash::HashMap;

/// Positions of the enabled connectors of a place that take mail in.
#[derive(Default)]
pub(crate) struct Listening<'a> {
    /// By whoever a route of theirs starts at.
    by_party: HashMap<Party, Vec<usize>>,
    /// By the name on the certificate that they go by.
    by_certificate: HashMap<&'a str, Vec<usize>>,
    /// By the domains of envelope senders they are for.
    by_sender: NameIndex<usize>,
    /// Those that refuse everybody else.
    locks: Vec<usize>,
}

impl<'a> Listening<'a> {
    pub fn of(plan: &'a Plan, configuration: &'a Configuration) -> Self {
        let mut listening = Self::default();
        match configuration {
            Configuration::ExchangeOnline(tenant) => {
                let all = tenant.inbound.iter().enumerate();
                for (at, connector) in all.filter(|(_, connector)| connector.enabled) {
                    listening.add(plan, at, &connector.routes);
                    if let Some(name) = &connector.tls_sender_certificate_name {
                        let known = listening.by_certificate.entry(name.as_str());
                        known.or_default().push(at);
                    }
                    for pattern in &connector.sender_domains {
                        listening.by_sender.insert(pattern, at);
                    }
                    if connector.is_lock() {
                        listening.locks.push(at);
                    }
                }
            }
            Configuration::ExchangeServer(server) => {
                let all = server.receive.iter().enumerate();
                for (at, connector) in all.filter(|(_, connector)| connector.enabled) {
                    listening.add(plan, at, &connector.routes);
                }
            }
            Configuration::Postfix(_) | Configuration::Checklist => {}
        }
        listening
    }

    fn add(&mut self, plan: &Plan, at: usize, routes: &[RouteId]) {
        for id in routes {
            let known = self.by_party.entry(plan.route(*id).from).or_default();
            if known.last() != Some(&at) {
                known.push(at);
            }
        }
    }

    fn from(&self, party: Party) -> &[usize] {
        self.by_party.get(&party).map_or(&[], Vec::as_slice)
    }
}

impl Model<'_> {
    /// The enabled connectors that a route of this party leads to, or that may go by its certificate, in order.
    pub(crate) fn inbound_from<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
        party: Party,
    ) -> impl Iterator<Item = &'t InboundConnector> {
        let listening = self.lookup.listening(at);
        let mut positions = listening.from(party).to_vec();
        for name in self.shown_names(party) {
            let parent = name
                .split_once('.')
                .map(|(_, parent)| format!("*.{parent}"));
            for known in [Some(name), parent.as_deref()].into_iter().flatten() {
                positions.extend(listening.by_certificate.get(known).into_iter().flatten());
            }
        }
        positions.sort_unstable();
        positions.dedup();
        positions
            .into_iter()
            .filter_map(|at| tenant.inbound.get(at))
    }

    /// The connectors that refuse everybody else, in order.
    pub(crate) fn locks<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
    ) -> impl Iterator<Item = &'t InboundConnector> {
        let positions = self.lookup.listening(at).locks.iter();
        positions.filter_map(|&at| tenant.inbound.get(at))
    }

    /// The enabled connectors of type `Partner` for this envelope sender, in order.
    pub(crate) fn inbound_about<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
        message: &Message,
    ) -> impl Iterator<Item = &'t InboundConnector> + Clone {
        let by_sender = &self.lookup.listening(at).by_sender;
        let mut positions: Vec<usize> = match &message.sender {
            Some(sender) => {
                let about = by_sender.about(sender.domain());
                about.map(|(_, at)| *at).collect()
            }
            None => by_sender.always().copied().collect(),
        };
        positions.sort_unstable();
        positions.dedup();
        positions
            .into_iter()
            .filter_map(|at| tenant.inbound.get(at))
            .filter(|connector| connector.connector_type == ConnectorType::Partner)
            .filter(|connector| admits_sender(connector, message))
    }

    /// The enabled Receive connectors that a route of this party leads to, in order.
    pub(crate) fn receive_from<'t>(
        &self,
        at: LocationId,
        server: &'t exchange_server::Configuration,
        party: Party,
    ) -> impl Iterator<Item = &'t ReceiveConnector> {
        let positions = self.lookup.listening(at).from(party);
        positions.iter().filter_map(|&at| server.receive.get(at))
    }
}
