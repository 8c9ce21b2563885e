//! Tables of who may do what: clients, partners' servers, and what clients with a limited right may do.

use crate::plan::Plan;
use crate::platforms::postfix::write::tables::{Files, Form, TableKind, class_name, partner_name};
use crate::platforms::postfix::{Client, Key, Limit, PartnerServers, Right};
use crate::values::{Network, Pattern};
use crate::writer::Refused;
use crate::writer::postfix::{CidrTable, comment};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Files<'_> {
    /// The narrowest network comes first, because the first that fits decides.
    pub(crate) fn clients(&mut self, clients: &BTreeMap<Network, Client>) -> Result<(), Refused> {
        let mut table = CidrTable::default();
        let mut why = String::new();
        for network in narrowest_first(clients.keys()) {
            let Some(client) = clients.get(network) else {
                continue;
            };
            let action = match client.right {
                Right::Relay => "OK".to_owned(),
                Right::Limited(at) => class_name(at),
            };
            table.push(network.net(), &action)?;
            let line = format!("{network}: {}", client.who.join(", "));
            let _ = writeln!(why, "{}", comment(&line)?);
        }
        if !table.is_empty() {
            let heading = self.heading(
                "Clients that may write to others than our own mailboxes, or only to some.",
            )?;
            self.add(
                "client_access",
                TableKind::Cidr,
                heading + &why + &table.text(),
            );
        }
        Ok(())
    }

    pub(crate) fn admitted(
        &mut self,
        admitted: &BTreeMap<Network, Vec<String>>,
    ) -> Result<(), Refused> {
        let mut text = self.heading("The only clients whose mail is taken.")?;
        let mut table = CidrTable::default();
        for network in narrowest_first(admitted.keys()) {
            // OK would be the right to relay in this place.
            table.push(network.net(), "DUNNO")?;
            let who = admitted
                .get(network)
                .map(|who| who.join(", "))
                .unwrap_or_default();
            let _ = writeln!(text, "{}", comment(&format!("{network}: {who}"))?);
        }
        refuse_others(
            &mut table,
            "REJECT 5.7.1 mail for us enters elsewhere, see our MX",
        )?;
        text.push_str(&table.text());
        self.add("admitted", TableKind::Cidr, text);
        Ok(())
    }

    /// The servers of a partner, and nobody else.
    pub(crate) fn partner(
        &mut self,
        plan: &Plan,
        at: usize,
        servers: &PartnerServers,
    ) -> Result<(), Refused> {
        let origin = format!(
            "routes.{}: the terms agreed.",
            plan.route(servers.route).name
        );
        let mut text = self.heading("The only clients that send with a partner's domains.")?;
        let _ = writeln!(text, "{}", comment(&origin)?);
        let mut table = CidrTable::default();
        for network in narrowest_first(&servers.networks) {
            table.push(network.net(), "DUNNO")?;
        }
        refuse_others(
            &mut table,
            "REJECT 5.7.1 this domain sends from its own servers only",
        )?;
        text.push_str(&table.text());
        self.add(&partner_name(at), TableKind::Cidr, text);
        Ok(())
    }

    /// What one kind of limited client may do, as one table of senders and one of recipients.
    pub(crate) fn limit(&mut self, at: usize, limit: &Limit) -> Result<(), Refused> {
        let class = class_name(at);
        let table = |patterns: &[Pattern], action: &str| {
            let entries = patterns.iter().filter_map(|pattern| match pattern {
                Pattern::Exact(name) => Some(Key::Domain(name.clone())),
                Pattern::Below(name) => Some(Key::Below(name.clone())),
                Pattern::Any | Pattern::AcceptedDomains => None,
            });
            entries
                .map(|key| (key, Cow::Owned(action.to_owned())))
                .collect::<Vec<_>>()
        };
        let action = if limit.recipients.is_empty() {
            "OK".to_owned()
        } else {
            format!("{class}_recipients")
        };
        let senders = table(&limit.senders, &action);
        self.plain(
            &format!("{class}_senders"),
            "Envelope senders that such a client may use.",
            Form::Domain,
            senders.into_iter(),
        )?;
        self.plain(
            &format!("{class}_recipients"),
            "Recipients that such a client may write to.",
            Form::Domain,
            table(&limit.recipients, "OK").into_iter(),
        )
    }
}

/// Closes a table of networks to everybody that it does not name.
fn refuse_others(table: &mut CidrTable, action: &str) -> Result<(), Refused> {
    for everybody in ["0.0.0.0/0", "::/0"] {
        if let Ok(network) = Network::parse(everybody) {
            table.push(network.net(), action)?;
        }
    }
    Ok(())
}

fn narrowest_first<'a>(networks: impl IntoIterator<Item = &'a Network>) -> Vec<&'a Network> {
    let mut list: Vec<_> = networks.into_iter().collect();
    list.sort_by_key(|network| (std::cmp::Reverse(network.prefix_len()), **network));
    list
}
