//! The tables, each with a heading that says what it does; entries that need a reason stand under it.

use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::postfix::{
    Configuration, Demands, Entry, HopId, Key, SenderAccess, TlsPolicy, TlsPolicyLevel,
};
use crate::routes::Origin;
use crate::values::{Address, DomainName};
use crate::writer::Refused;
use crate::writer::postfix::{RegexpTable, Table, comment, fold};
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

/// A file that main.cf refers to.
pub(super) struct TableFile {
    /// Its name.
    pub name: String,
    /// How Postfix reads it.
    pub kind: TableKind,
    /// What is in it.
    pub text: String,
}

/// How Postfix reads a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableKind {
    /// By key, in the map type of the location.
    Indexed,
    /// `cidr:`
    Cidr,
    /// `regexp:`
    Regexp,
}

/// What the key of a domain looks like.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// `contoso.com` and `.contoso.com`
    Domain,
    /// `@contoso.com`; such tables know no names below.
    Address,
}

/// All tables that hold anything, by name.
pub(super) fn tables(
    plan: &Plan,
    location: &str,
    configuration: &Configuration,
    sink: Sink,
) -> Result<Vec<TableFile>, Refused> {
    let mut files = Files {
        location,
        sink,
        list: Vec::new(),
    };
    // Exceptions stand between the names and what stands for everything below a name.
    let apart = !configuration.not_relayed.is_empty();
    let named = |key: &&Key| !apart || matches!(key, Key::Domain(_));
    files.plain(
        "relay_domains",
        "Domains that are accepted here and passed on, wholly or in part.",
        Form::Domain,
        configuration.relay_domains.keys().filter(named).map(yes),
    )?;
    files.plain(
        "relay_subdomains",
        "Domains whose unnamed subdomains are accepted too.",
        Form::Domain,
        configuration
            .relay_domains
            .keys()
            .filter(|key| !named(key))
            .map(yes),
    )?;
    files.plain(
        "not_relayed",
        "Domains below them that have an entry of their own elsewhere.",
        Form::Domain,
        configuration.not_relayed.keys().map(yes),
    )?;
    files.plain(
        "relay_recipients",
        "Who exists in the relay domains; `@domain` where only the next hop knows.",
        Form::Address,
        configuration
            .relay_recipients
            .keys()
            .filter(|key| !matches!(key, Key::Below(_)))
            .map(yes),
    )?;
    files.below(configuration)?;
    let domain = |name: &DomainName| (Key::Domain(name.clone()), Cow::Borrowed("OK"));
    files.plain(
        "virtual_mailbox_domains",
        "Domains whose mailboxes are all here.",
        Form::Domain,
        configuration.mailbox_domains.keys().map(domain),
    )?;
    files.plain(
        "virtual_mailbox_maps",
        "Who exists in them; `@domain` where only the mailbox service knows.",
        Form::Address,
        configuration.mailboxes.keys().map(yes),
    )?;
    files.plain(
        "virtual_alias",
        "Addresses that others replace, before anything else is looked up.",
        Form::Address,
        configuration.aliases.iter().map(|(key, alias)| {
            let targets: Vec<_> = alias.targets.iter().map(Address::to_string).collect();
            (key, targets.join(", ").into())
        }),
    )?;
    files.transport(plan, configuration)?;
    files.plain(
        "sender_relay",
        "Envelope senders whose mail for other organizations leaves by a way of its own.",
        Form::Address,
        configuration.sender_relay.iter().map(|(key, entry)| {
            let way = |entry: &Entry| hop_text(configuration, entry.hop);
            let value = entry.as_ref().map_or_else(|| "DUNNO".to_owned(), way);
            (key, value.into())
        }),
    )?;
    files.tls_policy(plan, "tls_policy", &configuration.smtp)?;
    files.tls_policy(plan, "lmtp_tls_policy", &configuration.lmtp)?;
    files.clients(&configuration.clients)?;
    if let Some(admitted) = &configuration.admitted {
        files.admitted(admitted)?;
    }
    files.plain(
        "sender_access",
        "Envelope senders that are refused, always or without TLS.",
        Form::Domain,
        configuration.senders.iter().map(|(key, access)| {
            let action = match access {
                SenderAccess::Parked(_) => "REJECT 5.7.1 nobody writes from this domain".into(),
                SenderAccess::Open(_) => "DUNNO".into(),
                SenderAccess::RequireTls(_) => "reject_plaintext_session".into(),
                SenderAccess::Partner(at) => Cow::Owned(partner_name(*at)),
            };
            (key, action)
        }),
    )?;
    for (at, servers) in configuration.partners.iter().enumerate() {
        files.partner(plan, at, servers)?;
    }
    files.plain(
        "recipient_access",
        "Our own domains that take no mail.",
        Form::Domain,
        configuration.refused_recipients.keys().map(|key| {
            let action = "REJECT 5.1.10 this domain takes no mail";
            (key, Cow::Borrowed(action))
        }),
    )?;
    for (at, limit) in configuration.limits.iter().enumerate() {
        files.limit(at, limit)?;
    }
    files.list.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files.list)
}

/// The name of what a limited client may do, as a restriction class of main.cf.
pub(crate) fn class_name(at: usize) -> String {
    format!("mailtopo_limit_{}", at + 1)
}

/// The name of what is demanded of a partner's mail, as a restriction class of main.cf and as its table.
pub(crate) fn partner_name(at: usize) -> String {
    format!("mailtopo_partner_{}", at + 1)
}

/// `service:next-hop` as the tables and main.cf spell it.
pub(super) fn hop_text(configuration: &Configuration, id: HopId) -> String {
    let hop = configuration.hop(id);
    format!("{}:{}", hop.service, hop.next_hop)
}

pub(crate) struct Files<'a> {
    location: &'a str,
    sink: Sink,
    list: Vec<TableFile>,
}

impl Files<'_> {
    pub(crate) fn heading(&self, purpose: &str) -> Result<String, Refused> {
        let origin = format!(
            "Written by mailtopo for locations.{}. What is changed here is lost with the next run.",
            self.location
        );
        Ok(format!("{}\n{}\n", comment(purpose)?, comment(&origin)?))
    }

    /// Whether nobody wants the text of a table with these keys, and no key could be taken for another.
    fn asks_only<K: Borrow<Key>>(&self, mut keys: impl Iterator<Item = K>) -> bool {
        self.sink == Sink::Refusals && keys.all(|key| is_plain(key.borrow()))
    }

    pub(crate) fn add(&mut self, name: &str, kind: TableKind, text: String) {
        self.list.push(TableFile {
            name: name.to_owned(),
            kind,
            text,
        });
    }

    pub(crate) fn plain<'v, K: Borrow<Key>>(
        &mut self,
        name: &str,
        purpose: &str,
        form: Form,
        entries: impl Iterator<Item = (K, Cow<'v, str>)> + Clone,
    ) -> Result<(), Refused> {
        if self.asks_only(entries.clone().map(|(key, _)| key)) {
            let mut is_empty = true;
            for (key, value) in entries {
                is_empty = false;
                ask(key.borrow(), &value)?;
            }
            if !is_empty {
                self.heading(purpose)?;
                self.add(name, TableKind::Indexed, String::new());
            }
            return Ok(());
        }
        let mut table = Table::default();
        for (key, value) in entries {
            for text in key_texts(key.borrow(), form) {
                table.insert(text, &value)?;
            }
        }
        if !table.is_empty() {
            let text = self.heading(purpose)? + &table.text()?;
            self.add(name, TableKind::Indexed, text);
        }
        Ok(())
    }

    /// Names below a domain have no key in a table of recipients, so a pattern stands for them. Those that are named have
    /// recipients of their own.
    fn below(&mut self, configuration: &Configuration) -> Result<(), Refused> {
        let mut table = RegexpTable::default();
        for key in configuration.relay_recipients.keys() {
            let Key::Below(base) = key else { continue };
            let named = configuration
                .relay_domains
                .keys()
                .filter_map(|key| match key {
                    Key::Domain(name) if name.is_below(base) => Some(name),
                    _ => None,
                });
            let except: Vec<String> = named
                .flat_map(DomainName::spellings)
                .map(Cow::into_owned)
                .collect();
            for spelling in base.spellings() {
                table.push_below(&spelling, &except, "OK")?;
            }
        }
        if !table.is_empty() {
            let purpose = "Recipients of unnamed subdomains of the relay domains.";
            let text = self.heading(purpose)? + table.text();
            self.add("relay_recipients_subdomains", TableKind::Regexp, text);
        }
        Ok(())
    }

    /// One section per way out, so that the reason stands beside what it explains.
    fn transport(&mut self, plan: &Plan, configuration: &Configuration) -> Result<(), Refused> {
        refuse_two_ways(configuration)?;
        let asks_only = self.asks_only(configuration.transport.keys());
        let mut sections: BTreeMap<HopId, (String, Table)> = BTreeMap::new();
        for (key, entry) in &configuration.transport {
            let (value, table) = sections
                .entry(entry.hop)
                .or_insert_with(|| (hop_text(configuration, entry.hop), Table::default()));
            if asks_only {
                ask(key, value)?;
                continue;
            }
            for text in key_texts(key, Form::Domain) {
                table.insert(text, value)?;
            }
        }
        if sections.is_empty() {
            return Ok(());
        }
        let mut text = self.heading("Where mail is handed to, by recipient or domain.")?;
        for (domain, how) in &configuration.splits {
            let line = format!("domains.{} is split. {how}.", domain.unicode());
            let _ = writeln!(text, "{}", comment(&line)?);
        }
        for (hop, (_, table)) in sections {
            let why = match configuration.hop(hop).route {
                None => "Our own mailboxes.".to_owned(),
                Some(id) => {
                    let route = plan.route(id);
                    let why = match &route.origin {
                        Origin::Written(_) => "written".to_owned(),
                        Origin::Derived(at) => at.value.explain(route, &plan.topology),
                    };
                    format!("routes.{}: {why}.", route.name)
                }
            };
            let _ = write!(text, "\n{}\n{}", comment(&why)?, table.text()?);
        }
        self.add("transport", TableKind::Indexed, text);
        Ok(())
    }

    fn tls_policy(&mut self, plan: &Plan, name: &str, demands: &Demands) -> Result<(), Refused> {
        let mut table = Table::default();
        let mut why = String::new();
        for (key, policy) in &demands.policies {
            let mut value = policy.level.keyword().to_owned();
            if policy.level == TlsPolicyLevel::Secure && !policy.names.is_empty() {
                let _ = write!(value, " match={}", policy.names.join(":"));
            }
            if let Some(asked) = server_name(key, policy) {
                let _ = write!(value, " servername={asked}");
            }
            table.insert(key.as_str(), &value)?;
            let line = format!("{key}: routes.{}", plan.route(policy.route).name);
            let _ = writeln!(why, "{}", comment(&line)?);
        }
        if !table.is_empty() {
            let heading = self
                .heading("TLS by next hop, which must be spelled as the other tables spell it.")?;
            self.add(name, TableKind::Indexed, heading + &why + &table.text()?);
        }
        Ok(())
    }
}

/// Whether a table can hold the key and the value. Names of domains can always stand there.
fn ask(key: &Key, value: &str) -> Result<(), Refused> {
    let local = match key {
        Key::Address(address) => address.local(),
        Key::Domain(_) | Key::Below(_) => "@",
    };
    // What is refused is named as it would be written.
    Table::ask(local, value).or_else(|_| {
        let mut texts = key_texts(key, Form::Address);
        texts.try_for_each(|text| Table::ask(&text, value))
    })
}

/// Whether a key has one spelling, in ASCII and lower case.
fn is_plain(key: &Key) -> bool {
    let (local, name) = match key {
        Key::Address(address) => (address.local(), address.domain()),
        Key::Domain(name) | Key::Below(name) => ("", name),
    };
    let is_low = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
    local.bytes().all(is_low) && !name.as_str().contains("xn--")
}

/// Two names that Postfix takes for one cannot have two ways. Sections are tables by themselves and cannot see this.
fn refuse_two_ways(configuration: &Configuration) -> Result<(), Refused> {
    let entries = || {
        let table = &configuration.transport;
        let unlisted = configuration.mailbox_domains.keys();
        let unlisted = unlisted.map(|name| Key::Domain(name.clone()));
        table
            .iter()
            .map(|(key, entry)| (Cow::Borrowed(key), Some(entry.hop)))
            .chain(
                unlisted
                    .filter(|key| !table.contains_key(key))
                    .map(|key| (Cow::Owned(key), configuration.mailbox_hop)),
            )
    };
    if entries().all(|(key, _)| is_plain(&key)) {
        return Ok(());
    }
    let mut ways = BTreeMap::new();
    for (key, hop) in entries() {
        for text in key_texts(&key, Form::Domain) {
            let text = fold(&text).unwrap_or(text);
            if *ways.entry(text.clone()).or_insert(hop) != hop {
                return Err(Refused::new(format!(
                    "Postfix takes two names for one, `{text}`, and their mail has two ways"
                )));
            }
        }
    }
    Ok(())
}

/// The name that the server is asked for (SNI), where its certificate is checked: hosts that serve many may show another one
/// otherwise, as MTA-STS has it too (RFC 8461, 7.1). An address is no name, so there it is the name that is looked for.
/// <https://www.postfix.org/postconf.5.html#smtp_tls_servername>
fn server_name<'a>(key: &str, policy: &'a TlsPolicy) -> Option<&'a str> {
    if policy.level != TlsPolicyLevel::Secure {
        return None;
    }
    let bare = key.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let host = bare.map_or(key, |(host, _)| host);
    let host = host
        .get(..5)
        .filter(|tag| tag.eq_ignore_ascii_case("ipv6:"))
        .map_or(host, |tag| &host[tag.len()..]);
    if host.parse::<IpAddr>().is_err() {
        return Some("hostname");
    }
    let mut names = policy.names.iter();
    let name = names.find(|name| !name.starts_with('.'));
    name.map(String::as_str)
}

/// What a key looks like in a table. To Postfix every spelling of an internationalized name is a key of its own.
fn key_texts(key: &Key, form: Form) -> impl Iterator<Item = String> {
    let (before, mark, name) = match (key, form) {
        (Key::Address(address), _) => (address.local(), "@", address.domain()),
        (Key::Domain(name), Form::Domain) => ("", "", name),
        (Key::Domain(name), Form::Address) => ("", "@", name),
        (Key::Below(name), _) => ("", ".", name),
    };
    name.spellings()
        .map(move |name| [before, mark, &name].concat())
}

/// The entry of a list: what is in it is all that counts.
pub(crate) fn yes<K>(key: K) -> (K, Cow<'static, str>) {
    (key, Cow::Borrowed("OK"))
}
