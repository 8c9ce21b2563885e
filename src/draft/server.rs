//! An Exchange organization on servers: its connectors, and its location.
//!
//! The connectors for all addresses, which every server has from the start, are no part of a draft. Where none of them takes
//! mail of external senders, the organization is locked.

use crate::draft::join::{End, Known, Receiving, Sending, by_addresses, by_certificate, pair};
use crate::draft::places::tenant_label;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::values::{accepts, certificate, hosts, networks, spaces};
use crate::draft::{Connectors, Draft, Key, Part};
use crate::drift::{has_word, is_for_everybody};
use crate::import::{Export, LiveObject};
use crate::platforms::exchange::forms::{is_of_product, parts};
use crate::values::{ExchangeVersion, HostTarget};
use std::collections::{BTreeMap, BTreeSet};

/// Networks from which mail of Exchange Online comes.
const OF_TENANTS: [&str; 2] = ["40.92.0.0/15", "40.107.0.0/16"];

/// The command that shows which Receive connectors give external senders the right to relay.
pub(super) const RIGHTS: &str = "Get-ReceiveConnector | Get-ADPermission -User 'NT AUTHORITY\\ANONYMOUS LOGON' | Where-Object ExtendedRights -like '*Accept-Any-Recipient'";

/// Its connectors.
pub(super) fn read(draft: &mut Draft, part: &Part, found: &mut Connectors) {
    let at = &part.location;
    let servers = servers(&part.export);
    let version = version(&part.export);
    let send = part.export.of_kind("SendConnector");
    found
        .sending
        .extend(send.map(|object| sending(at, &servers, object)));
    // A connector exists once on each server, under one name.
    let mut of_name: BTreeMap<String, Vec<&LiveObject>> = BTreeMap::new();
    let receive = part.export.of_kind("ReceiveConnector");
    for object in receive.filter(|object| !is_for_everybody(object)) {
        let (_, name) = object.on_server();
        of_name.entry(name.to_lowercase()).or_default().push(object);
    }
    let receiving = of_name
        .values()
        .filter_map(|objects| receiving(at, version, objects));
    let from = found.receiving.len();
    found.receiving.extend(receiving);
    let unsure = found.receiving.iter().skip(from).filter(|at| at.is_unsure);
    for at in unsure {
        draft.unsure.extend(at.objects.iter().cloned());
        draft.assumed.push(format!(
            "whoever ReceiveConnector `{}` of `{}` takes mail of may write to any recipient: the export does not show this right, and the scripts leave the connector as it is. `{RIGHTS}` shows it",
            at.name, at.at
        ));
    }
}

/// Its location.
pub(super) fn draft(draft: &mut Draft, part: &Part, known: &Known) {
    let (location, export) = (&part.location, &part.export);
    let version = version(export);
    if export.title.is_none() {
        draft.assumed.push(format!(
            "`{location}` is Exchange Server {version}: the export has the properties of this version or a later one"
        ));
    }
    let word = match version {
        ExchangeVersion::Se => "se".to_owned(),
        version => version.to_string(),
    };
    let mut servers = servers(export);
    if servers.is_empty() {
        draft.assumed.push(format!(
            "the servers of `{location}` are called otherwise: no connector names them"
        ));
        servers.insert("SERVER".to_owned());
    }
    let mut keys = vec![
        pair("kind", "exchange-server"),
        pair("version", word),
        pair("servers", list(&servers)),
    ];
    let mut senders = export.of_kind("SendConnector").peekable();
    let is_edge = senders.peek().is_some()
        && senders.all(|object| object.items("SourceTransportServers").is_empty());
    if is_edge {
        keys.push(pair("edge", "true"));
    }
    let send = || export.of_kind("SendConnector");
    let receive = || {
        export
            .of_kind("ReceiveConnector")
            .filter(|object| !is_for_everybody(object))
    };
    let common = |objects: &mut dyn Iterator<Item = &LiveObject>, property: &str| {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for word in objects
            .map(|object| object.word(property))
            .filter(|word| !word.is_empty())
        {
            *counted.entry(word).or_default() += 1;
        }
        let most = counted.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(word, _)| word)
    };
    let names = |property| {
        [
            common(&mut receive(), property),
            common(&mut send(), property),
        ]
    };
    // What the servers call themselves is the first of their names, where they have any.
    let is_host = |name: &String| HostTarget::parse(name).is_ok();
    let [takes, sends] = names("Fqdn").map(|name| {
        let name = name.map(|name| name.to_lowercase());
        name.filter(is_host)
    });
    let first = takes.clone().or_else(|| sends.clone());
    let mut named: Vec<&String> = first.iter().collect();
    let others = known.hosts.iter().filter(|host| {
        let is_address = HostTarget::parse(host).is_ok_and(|host| host.ip().is_some());
        is_address || first.is_some()
    });
    named.extend(others);
    let mut seen = BTreeSet::new();
    named.retain(|name| seen.insert(*name));
    if !named.is_empty() {
        keys.push(pair("hosts", list(named)));
    }
    if let Some(name) = sends.filter(|name| takes.as_ref().is_some_and(|other| other != name)) {
        keys.push(pair("helo", quoted(&name)));
    }
    let [takes, sends] = names("TlsCertificateName");
    let with_names = |reference: &str| -> Vec<String> {
        let own = certificate(reference);
        let mut found = export.certificates.iter();
        let found = found.find(|one| one.reference.eq_ignore_ascii_case(reference));
        let others = found.map_or(&[][..], |one| one.names.as_slice());
        let mut names: Vec<String> = vec![own];
        names.extend(others.iter().chain(&known.checked).cloned());
        let mut seen = BTreeSet::new();
        names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
        names
    };
    // Servers before 2013 show the one that others check, and no connector of theirs names it.
    let taken = match (&takes, &sends) {
        (Some(reference), _) => with_names(reference),
        (None, Some(reference)) if receive().next().is_none() => with_names(reference),
        (None, None) if version < ExchangeVersion::V2013 => with_names(""),
        (None, _) => Vec::new(),
    };
    if !taken.is_empty() {
        keys.push(pair("certificate", mapping(&[pair("names", list(&taken))])));
    }
    if let Some(sent) = sends
        .map(|reference| with_names(&reference))
        .filter(|sent| *sent != taken)
    {
        keys.push(pair(
            "client_certificate",
            mapping(&[pair("names", list(sent))]),
        ));
    }
    if !known.egress.is_empty() {
        let all: BTreeSet<&String> = known.egress.iter().collect();
        keys.push(pair("egress", list(all)));
    }
    // The connectors of the product say nothing where they have its own limit, and where they have another that counts.
    let of_product = export
        .of_kind("ReceiveConnector")
        .filter(|object| is_for_everybody(object));
    let of_product = of_product.map(size).filter(|size| !size.is_empty());
    let sizes: BTreeSet<String> = send()
        .chain(receive())
        .map(size)
        .chain(of_product)
        .collect();
    if let Some(size) = sizes
        .first()
        .filter(|size| sizes.len() == 1 && !size.is_empty())
    {
        keys.push(pair("max_message_size", size.clone()));
    }
    // The names below a domain are an object of their own.
    let domains = || export.of_kind("AcceptedDomain");
    let below: BTreeSet<String> = domains()
        .filter_map(|domain| Some(domain.name.to_lowercase().strip_prefix("*.")?.to_owned()))
        .collect();
    let domains: Vec<LiveObject> = domains()
        .map(|domain| {
            let mut domain = domain.clone();
            let all = crate::import::Live::Bool(below.contains(&domain.name.to_lowercase()));
            domain.properties.insert("MatchSubDomains".to_owned(), all);
            domain
        })
        .collect();
    keys.push(pair("accepts", accepts(domains.iter())));
    if !known.only_from.is_empty() {
        keys.push(pair("accept_only_from", list(&known.only_from)));
    }
    draft.locations.insert(location.clone(), keys);
}

/// Whether none of the connectors for all addresses takes mail of external senders, although there are some.
pub(super) fn is_locked(export: &Export) -> bool {
    let mut all = export
        .of_kind("ReceiveConnector")
        .filter(|object| is_for_everybody(object))
        .peekable();
    all.peek().is_some()
        && all.all(|object| {
            !object.is_on("Enabled") || !has_word(object, "PermissionGroups", "anonymoususers")
        })
}

/// The names that others know it by.
pub(super) fn names(export: &Export) -> Vec<String> {
    let connectors = ["SendConnector", "ReceiveConnector"];
    let connectors = connectors.iter().flat_map(|kind| export.of_kind(kind));
    let mut names = Vec::new();
    for object in connectors {
        names.push(object.word("Fqdn").to_lowercase());
        let reference = object.word("TlsCertificateName");
        names.push(certificate(&reference));
        let mut certificates = export.certificates.iter();
        let named = certificates.find(|one| one.reference.eq_ignore_ascii_case(&reference));
        names.extend(named.into_iter().flat_map(|one| one.names.iter().cloned()));
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The version that the export says; else the one that has the properties which are shown.
fn version(export: &Export) -> ExchangeVersion {
    use ExchangeVersion::{Se, V2007, V2010, V2013, V2016, V2019};
    if let Some(title) = &export.title {
        let known = [V2007, V2010, V2013, V2016, V2019];
        let found = known
            .into_iter()
            .find(|version| title.contains(&version.to_string()));
        return found.unwrap_or(Se);
    }
    let shows = |property: &str| {
        let connectors = ["SendConnector", "ReceiveConnector"];
        let mut connectors = connectors.iter().flat_map(|kind| export.of_kind(kind));
        connectors.any(|object| object.properties.contains_key(property))
    };
    // Since 2013 mail comes in by the front end.
    let mut receive = export.of_kind("ReceiveConnector");
    let has_front_end = receive.any(|object| object.name.contains("Frontend"));
    if has_front_end || shows("TlsCertificateName") || shows("CloudServicesMailEnabled") {
        V2016
    } else if shows("TlsDomain") || shows("TlsDomainCapabilities") {
        V2010
    } else {
        V2007
    }
}

fn servers(export: &Export) -> BTreeSet<String> {
    let of_send = export.of_kind("SendConnector");
    let mut servers: BTreeSet<String> = of_send
        .flat_map(|object| object.items("SourceTransportServers"))
        .collect();
    let of_receive = export.of_kind("ReceiveConnector");
    let of_receive = of_receive.filter_map(|object| object.on_server().0.map(str::to_owned));
    // One name, in whatever case.
    for server in of_receive {
        if !servers
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&server))
        {
            servers.insert(server);
        }
    }
    servers
}

/// The largest message, where it is not the product's own limit.
fn size(object: &LiveObject) -> String {
    let items = object.items("MaxMessageSize");
    let octets = parts("MaxMessageSize", items.iter().map(String::as_str))
        .into_iter()
        .next();
    let is_number = |octets: &String| octets.parse::<u64>().is_ok();
    octets
        .filter(|octets| is_number(octets) && !is_of_product(octets))
        .unwrap_or_default()
}

fn key(at: &str, object: &LiveObject) -> Key {
    (at.to_owned(), object.kind.clone(), object.name.clone())
}

fn sending(at: &str, servers: &BTreeSet<String>, object: &LiveObject) -> Sending {
    let hosts = if object.is_on("DNSRoutingEnabled") {
        Vec::new()
    } else {
        hosts(object)
    };
    let spaces = spaces(object, "AddressSpaces");
    let cost = spaces.first().map_or(1, |(_, cost)| *cost);
    let patterns: Vec<String> = spaces.into_iter().map(|(pattern, _)| pattern).collect();
    let checked = certificate(&object.word("TlsDomain"));
    let level = match object.word("TlsAuthLevel").as_str() {
        "EncryptionOnly" => "encrypted",
        "CertificateValidation" => "ca-verified",
        "DomainValidation" => "verified",
        _ if object.is_on("RequireTLS") => "encrypted",
        _ if object.is_on("IgnoreSTARTTLS") => "none",
        _ => "opportunistic",
    };
    let mut keys = vec![pair("recipients", list(&patterns))];
    let port = object.word("Port");
    let named = if hosts.is_empty() {
        "mx".to_owned()
    } else {
        list(hosts.iter().map(|host| with_port(host, &port)))
    };
    keys.push(pair("smart_hosts", named));
    keys.push(pair("tls", level));
    if cost != 1 {
        keys.push(pair("cost", cost.to_string()));
    }
    let own = object.items("SourceTransportServers");
    if !own.is_empty() && own.len() < servers.len() {
        keys.push(pair("servers", list(&own)));
    }
    if object
        .word("SmartHostAuthMechanism")
        .starts_with("BasicAuth")
    {
        keys.push(pair("auth", quoted(&credential(&object.name))));
    }
    let enabled = object.is_enabled();
    if !enabled {
        keys.push(pair("enabled", "false"));
    }
    let is_for_all = patterns.iter().any(|pattern| pattern == "*");
    // A smart host is checked for its own name where nobody asks for another.
    let is_plain = checked.is_empty()
        || hosts
            .iter()
            .find(|host| host.parse::<std::net::IpAddr>().is_err())
            == Some(&checked);
    Sending {
        at: at.to_owned(),
        object: key(at, object),
        to: if hosts.iter().any(|host| tenant_label(host).is_some()) {
            End::Tenant
        } else if is_plain && (is_for_all || hosts.is_empty()) {
            End::Internet
        } else {
            End::Partner
        },
        hosts,
        checked,
        patterns,
        keys,
        headers: object.is_on("CloudServicesMailEnabled"),
        enabled,
        is_detour: false,
        of_wizard: false,
    }
}

/// The name of a credential, which no export has.
fn credential(connector: &str) -> String {
    let word: String = connector
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(50)
        .collect();
    format!("{word}-login")
}

fn with_port(host: &str, port: &str) -> String {
    match port {
        "" | "25" => host.to_owned(),
        port if host.contains(':') => format!("[{host}]:{port}"),
        port => format!("{host}:{port}"),
    }
}

fn receiving(at: &str, version: ExchangeVersion, objects: &[&LiveObject]) -> Option<Receiving> {
    let object = *objects.first()?;
    let addresses = networks(object, "RemoteIPRanges");
    if addresses.is_empty() {
        return None;
    }
    // The name of a tenant's certificate, whose cross-premises headers are kept.
    let capability = object
        .items("TlsDomainCapabilities")
        .into_iter()
        .find_map(|item| {
            let (name, rights) = item.rsplit_once(':')?;
            let keeps = rights.to_lowercase().contains("acceptcloudservicesmail");
            keeps.then(|| name.to_lowercase())
        });
    let is_of_tenant = capability.is_some()
        || OF_TENANTS
            .iter()
            .all(|network| addresses.iter().any(|at| at == network));
    let trusted = has_word(object, "AuthMechanism", "externalauthoritative")
        && has_word(object, "PermissionGroups", "exchangeservers");
    // A right that the export does not show may be there: who is taken to have it is looked at, and loses no mail.
    let is_unsure = object.any_recipient().is_none()
        && !trusted
        && has_word(object, "PermissionGroups", "anonymoususers");
    let relays = object.any_recipient().unwrap_or(is_unsure);
    let level = if object.is_on("RequireTLS") {
        "encrypted"
    } else {
        "opportunistic"
    };
    let known_by = match &capability {
        Some(name) => by_certificate(name),
        None if is_of_tenant => "addresses".to_owned(),
        None => by_addresses(&addresses),
    };
    Some(Receiving {
        at: at.to_owned(),
        objects: objects.iter().map(|object| key(at, object)).collect(),
        name: object.on_server().1.to_owned(),
        from: if is_of_tenant { End::Tenant } else { End::Own },
        known_by,
        certificate: String::new(),
        addresses,
        senders: Vec::new(),
        keys: Vec::new(),
        alone: vec![pair("tls", level)],
        headers: capability.is_some() && version >= ExchangeVersion::V2013,
        trusted,
        enabled: object.is_enabled(),
        relays: Some(relays),
        is_unsure,
        of_wizard: false,
    })
}
