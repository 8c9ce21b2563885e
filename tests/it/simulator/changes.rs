//! What the cmdlets do that make, change and remove objects, and what Exchange refuses of it.

use super::datum::Datum;
use super::organization::{Object, Organization};
use std::collections::BTreeMap;

/// Parameters that no property keeps.
const NOT_KEPT: [&str; 9] = [
    "Identity",
    "Confirm",
    "ErrorAction",
    "Usage",
    "Server",
    "AuthenticationCredential",
    "KeySize",
    "Priority",
    "WhatIf",
];

impl Organization {
    pub(super) fn create(
        &mut self,
        noun: &str,
        parameters: &BTreeMap<String, Datum>,
    ) -> Result<(), String> {
        let name = ["Name", "DomainName"]
            .iter()
            .find_map(|key| parameters.get(*key))
            .ok_or("a name is missing")?
            .text();
        let mut object = self.blank(noun);
        let identity = match parameters.get("Server") {
            Some(server) => format!("{}\\{name}", server.text()),
            None => name.clone(),
        };
        if self.index(noun, &identity).is_ok() {
            return Err(format!("the {noun} {identity} exists already"));
        }
        object.insert("Identity".to_owned(), identity.clone().into());
        if noun == "ReceiveConnector" {
            object.insert(
                "DistinguishedName".to_owned(),
                format!("CN={identity}").into(),
            );
        }
        if noun == "DkimSigningConfig" {
            object.insert("Domain".to_owned(), name.into());
        }
        let guid = self.guid();
        object.insert("Guid".to_owned(), guid);
        self.keep(noun, &mut object, parameters)?;
        if noun == "TransportRule" {
            let state = if object.remove("Enabled") == Some(Datum::Bool(false)) {
                "Disabled"
            } else {
                "Enabled"
            };
            object.insert("State".to_owned(), state.into());
            let last = i64::try_from(self.all(noun).len()).unwrap_or_default();
            object.insert("Priority".to_owned(), Datum::Int(last));
        }
        self.objects
            .entry(noun.to_owned())
            .or_default()
            .push(object);
        self.collide(noun, &identity)
    }

    pub(super) fn change(
        &mut self,
        noun: &str,
        parameters: &BTreeMap<String, Datum>,
    ) -> Result<(), String> {
        let index = match parameters.get("Identity") {
            Some(identity) => self.index(noun, &identity.text())?,
            None => 0,
        };
        let mut object = self
            .all(noun)
            .get(index)
            .cloned()
            .ok_or_else(|| format!("there is no {noun}"))?;
        if let Some(name) = parameters.get("Name").map(Datum::text) {
            let identity = match object["Identity"].text().split_once('\\') {
                Some((server, _)) => format!("{server}\\{name}"),
                None => name,
            };
            if self
                .index(noun, &identity)
                .is_ok_and(|other| other != index)
            {
                return Err(format!("the {noun} {identity} exists already"));
            }
            object.insert("Identity".to_owned(), identity.into());
        }
        self.keep(noun, &mut object, parameters)?;
        let identity = object.get("Identity").map(Datum::text).unwrap_or_default();
        self.objects.entry(noun.to_owned()).or_default()[index] = object;
        if let Some(Datum::Int(priority)) = parameters.get("Priority") {
            self.move_rule(index, *priority)?;
        }
        self.collide(noun, &identity)
    }

    pub(super) fn remove(
        &mut self,
        noun: &str,
        parameters: &BTreeMap<String, Datum>,
    ) -> Result<(), String> {
        let index = self.index(noun, &parameters["Identity"].text())?;
        let object = self.all(noun)[index].clone();
        let name = object["Identity"].text();
        if noun == "OutboundConnector"
            && self.all("TransportRule").iter().any(|rule| {
                rule.get("RouteMessageOutboundConnector")
                    .is_some_and(|named| named.text() == name)
            })
        {
            return Err(format!("a rule still names the connector {name}"));
        }
        if object.get("Default") == Some(&Datum::Bool(true)) {
            return Err(format!("{name} is the default"));
        }
        if let Some(dn) = object.get("DistinguishedName") {
            self.any_recipient.remove(&dn.text());
        }
        self.objects
            .entry(noun.to_owned())
            .or_default()
            .remove(index);
        self.number_rules();
        Ok(())
    }

    pub(super) fn switch(
        &mut self,
        noun: &str,
        parameters: &BTreeMap<String, Datum>,
        on: bool,
    ) -> Result<(), String> {
        let index = self.index(noun, &parameters["Identity"].text())?;
        let state = if on { "Enabled" } else { "Disabled" };
        self.objects.entry(noun.to_owned()).or_default()[index]
            .insert("State".to_owned(), state.into());
        Ok(())
    }

    pub(super) fn permit(
        &mut self,
        parameters: &BTreeMap<String, Datum>,
        allowed: bool,
    ) -> Result<(), String> {
        let dn = parameters["Identity"].text();
        let known = self
            .all("ReceiveConnector")
            .iter()
            .any(|object| object["DistinguishedName"].text() == dn);
        if !known || parameters["ExtendedRights"].text() != "Ms-Exch-SMTP-Accept-Any-Recipient" {
            return Err(format!("no such object or right: {dn}"));
        }
        let changed = if allowed {
            self.any_recipient.insert(dn.clone())
        } else {
            self.any_recipient.remove(&dn)
        };
        if changed {
            Ok(())
        } else {
            Err(format!("nothing to change at {dn}"))
        }
    }

    pub(super) fn permissions(&self, parameters: &BTreeMap<String, Datum>) -> Vec<Datum> {
        let entry = |rights: &[&str], inherited: bool| {
            let rights = rights.iter().map(|right| (*right).into()).collect();
            Datum::Table(
                [
                    ("Deny".to_owned(), Datum::Bool(false)),
                    ("IsInherited".to_owned(), Datum::Bool(inherited)),
                    ("ExtendedRights".to_owned(), Datum::List(rights)),
                ]
                .into(),
            )
        };
        let mut entries = vec![entry(
            &["ms-Exch-SMTP-Accept-Any-Sender", "ms-Exch-SMTP-Submit"],
            true,
        )];
        if self.any_recipient.contains(&parameters["Identity"].text()) {
            entries.push(entry(&["ms-Exch-SMTP-Accept-Any-Recipient"], false));
        }
        entries
    }

    /// Copies parameters to properties, in the form in which Exchange keeps them.
    pub(super) fn keep(
        &self,
        noun: &str,
        object: &mut Object,
        parameters: &BTreeMap<String, Datum>,
    ) -> Result<(), String> {
        for (name, value) in parameters
            .iter()
            .filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()))
        {
            if name == "PermissionGroups" && value.text().contains("Custom") {
                return Err("Custom is no group that could be set".to_owned());
            }
            object.insert(name.clone(), super::rules::stored(noun, name, value));
        }
        let named = object
            .get("RouteMessageOutboundConnector")
            .map(Datum::text)
            .unwrap_or_default();
        if noun == "TransportRule" && !named.is_empty() {
            let index = self.index("OutboundConnector", &named)?;
            if self.all("OutboundConnector")[index].get("IsTransportRuleScoped")
                != Some(&Datum::Bool(true))
            {
                return Err(format!("the connector {named} is not for rules"));
            }
        }
        let signs = object.get("Enabled") == Some(&Datum::Bool(true));
        if noun == "DkimSigningConfig"
            && signs
            && !self.published.contains(&object["Domain"].text())
        {
            return Err("the CNAME records do not exist".to_owned());
        }
        Ok(())
    }
}
