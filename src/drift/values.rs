//! Values of live objects as those of a plan; nothing where a value is none that is known.

use crate::import::{Live, LiveObject, address_space};
use crate::platforms::exchange::forms::parts;
use crate::platforms::exchange_online::{ConnectorType, TlsSettings};
use crate::platforms::exchange_server::TlsAuthLevel;
use crate::values::{DomainName, Network, Pattern};

pub(super) fn truth(value: &Live) -> Option<bool> {
    match value {
        Live::Bool(truth) => Some(*truth),
        Live::Null => Some(false),
        _ => None,
    }
}

pub(super) fn number(value: &Live) -> Option<u16> {
    match value {
        Live::Int(number) => u16::try_from(*number).ok(),
        Live::Text(text) => text.parse().ok(),
        _ => None,
    }
}

pub(super) fn text(value: &Live) -> Option<String> {
    value.items().into_iter().next()
}

pub(super) fn hosts(live: &LiveObject) -> Vec<String> {
    let hosts = live.smart_hosts();
    hosts.filter(|host| !host.is_empty()).collect()
}

pub(super) fn patterns(value: &Live) -> Option<Vec<Pattern>> {
    Some(
        spaces(value)?
            .into_iter()
            .map(|(pattern, _)| pattern)
            .collect(),
    )
}

pub(super) fn spaces(value: &Live) -> Option<Vec<(Pattern, u32)>> {
    let space = |text: String| {
        let (name, cost) = address_space(&text)?;
        Some((Pattern::parse(&name).ok()?, cost))
    };
    let all: Option<Vec<(Pattern, u32)>> = value.items().into_iter().map(space).collect();
    let mut all = all?;
    all.sort();
    Some(all)
}

pub(super) fn domains(value: &Live) -> Option<Vec<DomainName>> {
    let items = value.items();
    let items = parts(
        "AssociatedAcceptedDomains",
        items.iter().map(String::as_str),
    );
    items
        .iter()
        .map(|name| DomainName::parse(name).ok())
        .collect()
}

pub(super) fn networks(value: &Live) -> Option<Vec<Network>> {
    let mut all = Vec::new();
    for text in value.items() {
        all.extend(Network::parse_all(&text)?);
    }
    all.sort();
    all.dedup();
    Some(all)
}

pub(super) fn connector_type(value: &Live) -> Option<ConnectorType> {
    match text(value)?.as_str() {
        "OnPremises" => Some(ConnectorType::OnPremises),
        "Partner" => Some(ConnectorType::Partner),
        _ => None,
    }
}

#[expect(clippy::option_option, reason = "a word that is not known, or none")]
pub(super) fn tls_settings(value: &Live) -> Option<Option<TlsSettings>> {
    match text(value).as_deref() {
        None => Some(None),
        Some("EncryptionOnly") => Some(Some(TlsSettings::EncryptionOnly)),
        Some("CertificateValidation") => Some(Some(TlsSettings::CertificateValidation)),
        Some("DomainValidation") => Some(Some(TlsSettings::DomainValidation)),
        Some(_) => None,
    }
}

#[expect(clippy::option_option, reason = "a word that is not known, or none")]
pub(super) fn tls_auth_level(value: &Live) -> Option<Option<TlsAuthLevel>> {
    match text(value).as_deref() {
        None => Some(None),
        Some("EncryptionOnly") => Some(Some(TlsAuthLevel::EncryptionOnly)),
        Some("CertificateValidation") => Some(Some(TlsAuthLevel::CertificateValidation)),
        Some("DomainValidation") => Some(Some(TlsAuthLevel::DomainValidation)),
        Some(_) => None,
    }
}

pub(super) fn capability(value: &Live) -> Option<String> {
    value.items().into_iter().find_map(|item| {
        let (name, rights) = item.rsplit_once(':')?;
        rights
            .split(',')
            .any(|right| right.trim().eq_ignore_ascii_case("AcceptCloudServicesMail"))
            .then(|| name.to_lowercase())
    })
}
