//! `main.cf` and its tables, and the way that Postfix takes for a recipient.
//!
//! After <https://www.postfix.org/postconf.5.html>, <https://www.postfix.org/transport.5.html> and
//! <https://www.postfix.org/ADDRESS_CLASS_README.html>: the table comes first, with the address, the address without its
//! extension, the domain and `.parent` domains; then the address class of the domain decides, and for others' domains the
//! sender. Who may write to whom is decided after <https://www.postfix.org/SMTPD_ACCESS_README.html>,
//! <https://www.postfix.org/access.5.html> and <https://www.postfix.org/cidr_table.5.html>.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// What one host has in its folder.
pub(crate) struct Host {
    parameters: BTreeMap<String, String>,
    tables: BTreeMap<String, BTreeMap<String, String>>,
    /// The same in the order of the files, in which some types of tables are searched.
    rows: BTreeMap<String, Vec<(String, String)>>,
}

/// A session, as far as it is known.
pub(crate) struct Session<'a> {
    pub client: Option<IpAddr>,
    /// The envelope sender; empty: that of a report.
    pub sender: Option<&'a str>,
    pub recipient: &'a str,
}

/// What a list of restrictions says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Permit,
    Reject,
    /// It asks for something that is not known of the session.
    Unknown,
}

/// Where a message goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// This transport and next hop, and what chose it.
    To { transport: String, next_hop: String },
    /// The MX of the recipient's domain.
    Mx,
}

impl Host {
    /// The host of this folder; nothing where the folder holds none.
    pub(crate) fn read(files: &BTreeMap<String, Vec<u8>>, folder: &str) -> Option<Self> {
        let text = |name: &str| {
            let bytes = files.get(&format!("{folder}/{name}"))?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let mut parameters = BTreeMap::new();
        for line in logical_lines(&text("main.cf")?) {
            let (name, value) = line.split_once('=')?;
            parameters.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        let start = format!("{folder}/");
        let mut tables = BTreeMap::new();
        let mut all_rows = BTreeMap::new();
        for name in files.keys().filter_map(|path| path.strip_prefix(&start)) {
            let Some(text) = text(name) else { continue };
            let rows = logical_lines(&text).into_iter().filter_map(|line| {
                let (key, value) = line.split_once(char::is_whitespace)?;
                Some((key.to_lowercase(), value.trim().to_owned()))
            });
            let rows: Vec<(String, String)> = rows.collect();
            tables.insert(name.to_owned(), rows.iter().cloned().collect());
            all_rows.insert(name.to_owned(), rows);
        }
        Some(Self {
            parameters,
            tables,
            rows: all_rows,
        })
    }

    fn value(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The tables and names of a list parameter.
    pub(crate) fn list(&self, parameter: &str) -> Vec<(Option<&BTreeMap<String, String>>, String)> {
        let items = self.value(parameter).split([',', ' ']);
        let items = items.filter(|item| !item.is_empty());
        items
            .map(|item| {
                let file = item.rsplit_once('/').map(|(_, file)| file);
                (file.and_then(|file| self.tables.get(file)), item.to_owned())
            })
            .collect()
    }

    fn look_up(&self, parameter: &str, keys: &[String]) -> Option<String> {
        let tables = self.list(parameter);
        keys.iter().find_map(|key| {
            let mut tables = tables.iter().filter_map(|(table, _)| *table);
            tables.find_map(|table| table.get(key).cloned())
        })
    }

    /// Whether a list of domains has a name: the first item that is for it decides, and `!` takes it out.
    fn holds(&self, parameter: &str, domain: &str) -> bool {
        let items = self.list(parameter);
        let found = items.iter().find(|(table, item)| match table {
            Some(_) if item.trim_start_matches('!').starts_with("regexp:") => {
                let (_, file) = item.rsplit_once('/').unwrap_or_default();
                let rows = self.rows.get(file).into_iter().flatten();
                rows.into_iter()
                    .any(|(pattern, _)| is_below(pattern, domain))
            }
            // `.name` stands for the names below, as parent_domain_matches_subdomains says.
            Some(table) => {
                let mut parents = domain.split_once('.');
                let mut is_parent = || {
                    while let Some((_, parent)) = parents {
                        if table.contains_key(&format!(".{parent}")) {
                            return true;
                        }
                        parents = parent.split_once('.');
                    }
                    false
                };
                table.contains_key(domain) || is_parent()
            }
            None => item.trim_start_matches('!') == domain,
        });
        found.is_some_and(|(_, item)| !item.starts_with('!'))
    }

    /// What `smtpd_relay_restrictions` say of a client that is none of the host's own and has no login.
    pub(crate) fn admits(&self, session: &Session<'_>) -> Verdict {
        let list = self.value("smtpd_relay_restrictions").to_owned();
        self.decide(&list, session).unwrap_or(Verdict::Permit)
    }

    /// The first restriction of a list that decides; nothing where none does.
    fn decide(&self, list: &str, session: &Session<'_>) -> Option<Verdict> {
        let domain = session.recipient.rsplit_once('@')?.1.to_lowercase();
        let elements = list.split(',').map(str::trim);
        elements.filter(|it| !it.is_empty()).find_map(|element| {
            let (name, table) = element.split_once(' ').unwrap_or((element, ""));
            let file = table.rsplit_once('/').map_or("", |(_, file)| file);
            match name {
                "permit" => Some(Verdict::Permit),
                "reject" => Some(Verdict::Reject),
                "permit_mynetworks" | "permit_sasl_authenticated" => None,
                "reject_plaintext_session" | "reject_unverified_recipient" => {
                    Some(Verdict::Unknown)
                }
                "reject_unauth_destination" => {
                    let classes = ["relay_domains", "virtual_mailbox_domains"];
                    let is_ours = classes.iter().any(|class| self.holds(class, &domain));
                    (!is_ours).then_some(Verdict::Reject)
                }
                "check_client_access" => match session.client {
                    None => Some(Verdict::Unknown),
                    Some(client) => {
                        let mut rows = self.rows.get(file).into_iter().flatten();
                        let row = rows.find(|(network, _)| is_in(client, network));
                        row.and_then(|(_, action)| self.act(action, session))
                    }
                },
                "check_sender_access" => match session.sender {
                    None => Some(Verdict::Unknown),
                    Some("") => self.look_at("<>", file, session),
                    Some(sender) => self.look_at(sender, file, session),
                },
                "check_recipient_access" => self.look_at(session.recipient, file, session),
                // A class of restrictions.
                _ => match self.parameters.get(name).cloned() {
                    Some(list) => self.decide(&list, session),
                    None => Some(Verdict::Unknown),
                },
            }
        })
    }

    /// What an access table says of an address.
    fn look_at(&self, address: &str, file: &str, session: &Session<'_>) -> Option<Verdict> {
        let table = self.tables.get(file)?;
        let mut keys = self.keys(address);
        // An access table has bare domains, not `@domain`, and no key for all.
        keys.retain(|key| !key.starts_with('@') && key != "*");
        keys.extend((address == "<>").then(|| address.to_owned()));
        let action = keys.iter().find_map(|key| table.get(key))?;
        self.act(action, session)
    }

    fn act(&self, action: &str, session: &Session<'_>) -> Option<Verdict> {
        let word = action.split(' ').next().unwrap_or_default();
        match word.to_uppercase().as_str() {
            "OK" | "PERMIT" => Some(Verdict::Permit),
            "DUNNO" => None,
            "REJECT" => Some(Verdict::Reject),
            _ => self.decide(action, session),
        }
    }

    /// The keys of an address in the order of look-ups.
    fn keys(&self, address: &str) -> Vec<String> {
        let address = address.to_lowercase();
        let Some((local, domain)) = address.rsplit_once('@') else {
            return Vec::new();
        };
        let mut keys = vec![address.clone()];
        let delimiter = self.value("recipient_delimiter");
        let base = local
            .find(|char| delimiter.contains(char))
            .map(|at| &local[..at]);
        keys.extend(base.map(|base| format!("{base}@{domain}")));
        keys.extend([format!("@{domain}"), domain.to_owned()]);
        let mut rest = domain;
        while let Some((_, parent)) = rest.split_once('.') {
            keys.push(format!(".{parent}"));
            rest = parent;
        }
        keys.push("*".to_owned());
        keys
    }

    /// Whether the session takes a recipient of a domain of ours; nothing for other domains, where the client decides.
    /// A list that is empty knows everybody (<https://www.postfix.org/postconf.5.html#smtpd_reject_unlisted_recipient>).
    pub(crate) fn knows(&self, recipient: &str) -> Option<bool> {
        let domain = recipient.rsplit_once('@')?.1.to_lowercase();
        let list = if self.holds("virtual_mailbox_domains", &domain) {
            "virtual_mailbox_maps"
        } else if self.holds("relay_domains", &domain) {
            "relay_recipient_maps"
        } else {
            return None;
        };
        // A bare name or a parent stands for no recipient in these tables.
        let mut keys = self.keys(recipient);
        keys.retain(|key| key.contains('@'));
        let is_in = |parameter| self.look_up(parameter, &keys).is_some();
        Some(self.list(list).is_empty() || is_in(list) || is_in("virtual_alias_maps"))
    }

    /// Where mail for this recipient goes, once it is accepted. An alias is another recipient.
    pub(crate) fn way(&self, sender: &str, recipient: &str) -> Way {
        let domain = recipient
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain)
            .to_lowercase();
        let (default, relays) = if self.holds("virtual_mailbox_domains", &domain) {
            (self.value("virtual_transport"), false)
        } else if self.holds("relay_domains", &domain) {
            (
                self.parameters
                    .get("relay_transport")
                    .map_or("relay", String::as_str),
                true,
            )
        } else {
            (
                self.parameters
                    .get("default_transport")
                    .map_or("smtp", String::as_str),
                true,
            )
        };
        let found = self
            .look_up("transport_maps", &self.keys(recipient))
            .unwrap_or_default();
        // The sender counts where the domain is in no class of its own.
        let is_others = !self.holds("virtual_mailbox_domains", &domain)
            && !self.holds("relay_domains", &domain);
        let by_sender = self.look_up(
            "sender_dependent_default_transport_maps",
            &self.keys(sender),
        );
        let default = by_sender
            .as_deref()
            .filter(|_| is_others)
            .unwrap_or(default);
        let split = |text: &str| {
            let (transport, next_hop) = text.split_once(':').unwrap_or((text, ""));
            (transport.to_owned(), next_hop.to_owned())
        };
        let (mut transport, mut next_hop) = split(&found);
        let (usual, usual_hop) = split(default);
        // Without a transport that of the class is taken; without a next hop the relay host where there is one.
        if transport.is_empty() {
            transport = usual;
            if next_hop.is_empty() {
                next_hop = usual_hop;
                if next_hop.is_empty() && relays {
                    let mut keys = self.keys(sender);
                    keys.retain(|key| key.contains('@'));
                    next_hop = self
                        .look_up("sender_dependent_relayhost_maps", &keys)
                        .unwrap_or_else(|| self.value("relayhost").to_owned());
                }
            }
        }
        if next_hop.is_empty() {
            return Way::Mx;
        }
        Way::To {
            transport,
            next_hop,
        }
    }
}

/// Lines with those that continue them, without comments.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let is_comment = line.trim_start().starts_with('#') || line.trim().is_empty();
        if is_comment {
            continue;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with(char::is_whitespace) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.trim_end().to_owned()),
        }
    }
    lines
}

/// Whether a pattern like `/@.+[.]contoso[.]com$/` is for a name below, with or without a local part before it.
fn is_below(pattern: &str, domain: &str) -> bool {
    let body = pattern.trim_start_matches('/').split('/').next();
    let body = body
        .unwrap_or_default()
        .replace("[.]", ".")
        .replace("\\.", ".");
    let Some((_, base)) = body.trim_end_matches('$').split_once(".+") else {
        return false;
    };
    domain.len() > base.len() && domain.ends_with(base)
}

fn is_in(client: IpAddr, network: &str) -> bool {
    let (address, length) = network.split_once('/').unwrap_or((network, "128"));
    let bits = |address: IpAddr| match address {
        IpAddr::V4(it) => (u128::from(it.to_bits()), 32),
        IpAddr::V6(it) => (it.to_bits(), 128),
    };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    let ((one, most), (other, _)) = (bits(client), bits(address));
    let length = length.min(most);
    client.is_ipv4() == address.is_ipv4()
        && (length == 0 || one >> (most - length) == other >> (most - length))
}
