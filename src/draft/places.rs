//! The imported locations, and which of them is meant by a connector of another.

use crate::draft::join::{End, Receiving, Sending};
use crate::draft::{Part, postfix};
use crate::import::Export;
use crate::values::Environment;
use std::collections::BTreeSet;

/// An imported location, and what it is known by.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) is_tenant: bool,
    /// Its connectors for what it takes are written.
    pub(super) has_receivers: bool,
    /// Names of its hosts and on its certificates; of a tenant what its MX hosts begin with.
    pub(super) names: BTreeSet<String>,
    /// It takes mail of external senders from nobody that no connector names.
    pub(super) is_locked: bool,
}

impl Place {
    pub(super) fn of(part: &Part) -> Self {
        let export = &part.export;
        let is_postfix = postfix::is_of_postfix(export);
        let is_tenant = !export.is_of_servers() && !is_postfix;
        let mut names = BTreeSet::new();
        if is_tenant {
            let domains = export.of_kind("AcceptedDomain");
            names.extend(domains.map(|domain| domain.name.to_lowercase().replace('.', "-")));
        } else if is_postfix {
            names.extend(postfix::names(export));
        } else {
            names.extend(super::server::names(export));
        }
        Self {
            name: part.location.clone(),
            is_tenant,
            has_receivers: !is_postfix,
            names,
            is_locked: export.is_of_servers() && super::server::is_locked(export),
        }
    }

    /// Whether it has a name: itself, or a certificate for all names beside it.
    pub(super) fn has(&self, name: &str) -> bool {
        let wildcard = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        self.names.contains(name) || wildcard.is_some_and(|name| self.names.contains(&name))
    }
}

pub(super) fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// What stands before the suffix of the MX hosts of tenants.
pub(super) fn tenant_label(host: &str) -> Option<&str> {
    const ALL: [Environment; 3] = [
        Environment::Worldwide,
        Environment::GccHigh,
        Environment::China,
    ];
    ALL.iter()
        .find_map(|environment| host.strip_suffix(environment.mx_suffix()))
}

/// The tenant and the servers that the hybrid wizard joined: it made connectors in both directions.
pub(super) fn halves(
    places: &[Place],
    sending: &[Sending],
    receiving: &[Receiving],
) -> Option<(usize, usize)> {
    let tenant = only(places, |place| {
        place.is_tenant
            && sending.iter().any(|at| at.of_wizard && at.at == place.name)
            && receiving
                .iter()
                .any(|at| at.of_wizard && at.at == place.name)
    })?;
    let servers = only(places, |place| !place.is_tenant)?;
    let leads_back =
        |at: &Sending| at.at == places[servers].name && named_receiver(places, at) == Some(tenant);
    sending.iter().any(leads_back).then_some((tenant, servers))
}

/// The only one that fits, if it is the only one.
fn only(places: &[Place], fits: impl Fn(&Place) -> bool) -> Option<usize> {
    let mut fitting = places.iter().enumerate().filter(|(_, place)| fits(place));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first.0)
}

/// The imported location that a connector leads to.
pub(super) fn receiver_of(places: &[Place], all: &[Sending], from: &Sending) -> Option<usize> {
    named_receiver(places, from).or_else(|| {
        // A tenant says of a connector that it leads to own servers, and one place alone can have them; but where another
        // connector fits that place better, this one leads to servers that are not imported. The names of a Postfix host
        // are known.
        let is_tenant = places
            .iter()
            .any(|place| place.is_tenant && place.name == from.at);
        let to = only(places, |place| !place.is_tenant && place.name != from.at)?;
        let mut others = all.iter().filter(|other| other.at == from.at);
        let is_better = others.any(|other| {
            let is_without_names = other.to == End::Own && !other.says_names();
            named_receiver(places, other) == Some(to) || (is_without_names && from.says_names())
        });
        let is_another = !places[to].has_receivers && from.hosts.iter().any(|at| !is_address(at));
        (is_tenant && from.to == End::Own && !is_better && !is_another).then_some(to)
    })
}

/// The imported location that has the names which a connector says.
fn named_receiver(places: &[Place], from: &Sending) -> Option<usize> {
    if let Some(label) = from.hosts.iter().find_map(|host| tenant_label(host)) {
        let by_label = only(places, |place| {
            place.is_tenant && place.names.contains(label)
        });
        return by_label.or_else(|| only(places, |place| place.is_tenant));
    }
    let is_other = |place: &Place| !place.is_tenant && place.name != from.at;
    let names = || {
        from.hosts
            .iter()
            .chain(Some(&from.checked).filter(|name| !name.is_empty()))
    };
    let by_name = only(places, |place| {
        is_other(place) && names().any(|name| place.names.contains(name))
    });
    let by_certificate = || {
        only(places, |place| {
            is_other(place) && names().any(|name| place.has(name))
        })
    };
    // Who is asked for any name below a domain has one of them, or is called as the domain is.
    let below = from.checked.strip_prefix("*.");
    let is_below = |name: &String, base: &str| {
        let label = name.strip_suffix(base);
        label.is_some_and(|label| label.is_empty() || label.ends_with('.'))
    };
    let by_domain = || {
        only(places, |place| {
            let mut names = place.names.iter();
            is_other(place) && below.is_some_and(|base| names.any(|name| is_below(name, base)))
        })
    };
    by_name.or_else(by_certificate).or_else(by_domain)
}

pub(super) fn sender_of(places: &[Place], at: &Receiving) -> Option<usize> {
    let is_other = |place: &Place| !place.is_tenant && place.name != at.at;
    match at.from {
        End::Tenant => only(places, |place| place.is_tenant),
        End::Own if at.certificate.is_empty() => only(places, is_other),
        End::Own => only(places, |place| {
            is_other(place) && place.names.contains(&at.certificate)
        })
        .or_else(|| {
            only(places, |place| {
                is_other(place) && place.has(&at.certificate)
            })
        })
        .or_else(|| only(places, is_other)),
        End::Partner | End::Internet => None,
    }
}

/// The kinds of objects of which an export holds none, although it does not say that there are none.
pub(super) fn none_of(location: &str, export: &Export) -> Option<String> {
    const OF_TENANT: [&str; 7] = [
        "AcceptedDomain",
        "InboundConnector",
        "OutboundConnector",
        "TransportRule",
        "DkimSigningConfig",
        "OrganizationConfig",
        "TransportConfig",
    ];
    const OF_SERVERS: [&str; 3] = ["AcceptedDomain", "SendConnector", "ReceiveConnector"];
    let kinds: &[&str] = match export.is_of_servers() {
        _ if export.kinds.is_some() || postfix::is_of_postfix(export) => return None,
        true => &OF_SERVERS,
        false => &OF_TENANT,
    };
    let missing = kinds
        .iter()
        .filter(|kind| export.of_kind(kind).next().is_none());
    let missing: Vec<String> = missing.map(|kind| format!("`Get-{kind}`")).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "the export of `{location}` holds nothing of {}, and so the draft has none. Where there is any, export it, too, with `| Export-Clixml FILE.xml`",
            missing.join(", ")
        )
    })
}
