//! What mail-auth makes of whole messages, and what the crate `domain` reads in zone files.
//!
//! Reads one JSON document: messages, each with what stands under the names that a receiver asks for, and zones. Prints the
//! results of SPF, DKIM and DMARC, and the records. Nothing is asked of a network: every name is in a cache.

use domain::base::iana::Rtype;
use domain::rdata::ZoneRecordData;


use domain::zonefile::inplace::{Entry, Zonefile};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DmarcResult, DnsError, Error, MX, MessageAuthenticator, Parameters, RecordSet,
    ResolverCache, Txt,
};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    zones: Vec<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Message {
    /// The texts under names; the others do not exist.
    names: BTreeMap<String, Vec<String>>,
    text: String,
    address: IpAddr,
    envelope: String,
    helo: String,
}

#[derive(Serialize)]
struct Answer {
    messages: Vec<Found>,
    zones: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Found {
    spf: String,
    dkim: Vec<String>,
    dmarc: &'static str,
    policy: String,
}

/// What a resolver has been told.
struct Cache<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq, V: Clone> ResolverCache<K, V> for Cache<K, V> {
    fn get<Q>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.lock().expect("nobody panics").get(name).cloned()
    }

    fn remove<Q>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.lock().expect("nobody panics").remove(name)
    }

    fn insert(&self, key: K, value: V, _: std::time::Instant) {
        self.0.lock().expect("nobody panics").insert(key, value);
    }
}

#[derive(Default)]
struct Caches {
    txt: Cache<Box<str>, Txt>,
    mx: Cache<Box<str>, RecordSet<MX>>,
    ipv4: Cache<Box<str>, RecordSet<Ipv4Addr>>,
    ipv6: Cache<Box<str>, RecordSet<Ipv6Addr>>,
    ptr: Cache<IpAddr, RecordSet<Box<str>>>,
}


/// The first of the texts that is a record of this kind.
fn first<T: TxtRecordParser>(texts: &[String], wrap: fn(Arc<T>) -> Txt) -> Txt {
    let mut records = texts.iter().map(|text| T::parse(text.as_bytes()));
    match records.find_map(Result::ok) {
        Some(record) => wrap(Arc::new(record)),
        None => Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))),
    }
}

impl Caches {
    fn of(message: &Message, signers: &[(String, String)]) -> Self {
        let caches = Self::default();
        let author = message.text.split_once("<").and_then(|(_, rest)| rest.split_once('>'));
        let author = author.and_then(|(address, _)| address.split_once('@')).map_or("", |(_, name)| name);
        let mut names: Vec<String> = message.names.keys().cloned().collect();
        let others = signers.iter().map(|(domain, _)| domain.as_str());
        for start in others.chain([author, message.envelope.as_str(), message.helo.as_str()]) {
            let mut at = Some(start);
            while let Some(name) = at {
                names.push(format!("_dmarc.{name}"));
                at = name.split_once('.').map(|(_, above)| above);
            }
            names.push(start.to_owned());
        }
        names.extend(signers.iter().map(|(domain, selector)| format!("{selector}._domainkey.{domain}")));
        let mut txt = caches.txt.0.lock().expect("nobody panics");
        for name in names {
            let texts = message.names.get(&name).map_or(&[][..], Vec::as_slice);
            let record = if name.starts_with("_dmarc.") {
                first::<Dmarc>(texts, Txt::Dmarc)
            } else if name.contains("._domainkey.") {
                first::<DomainKey>(texts, Txt::DomainKey)
            } else {
                first::<Spf>(texts, Txt::Spf)
            };
            txt.insert(format!("{name}.").into_boxed_str(), record);
        }
        drop(txt);
        // The author's domain exists.
        let exists = RecordSet {
            rrset: Arc::from([Ipv4Addr::LOCALHOST]),
            dnssec_status: Default::default(),
        };
        let mut ipv4 = caches.ipv4.0.lock().expect("nobody panics");
        ipv4.insert(format!("{author}.").into_boxed_str(), exists);
        drop(ipv4);
        caches
    }

    #[allow(clippy::type_complexity)]
    fn parameters<T>(
        &self,
        params: T,
    ) -> Parameters<
        '_,
        T,
        Cache<Box<str>, Txt>,
        Cache<Box<str>, RecordSet<MX>>,
        Cache<Box<str>, RecordSet<Ipv4Addr>>,
        Cache<Box<str>, RecordSet<Ipv6Addr>>,
        Cache<IpAddr, RecordSet<Box<str>>>,
    > {
        Parameters {
            params,
            cache_txt: Some(&self.txt),
            cache_mx: Some(&self.mx),
            cache_ptr: Some(&self.ptr),
            cache_ipv4: Some(&self.ipv4),
            cache_ipv6: Some(&self.ipv6),
        }
    }
}

/// Domain and selector of each signature of a message.
fn signers(text: &str) -> Vec<(String, String)> {
    let tag = |header: &str, name: &str| {
        let mut tags = header.split(';').map(str::trim);
        tags.find_map(|tag| tag.strip_prefix(name)?.strip_prefix('=').map(|value| value.trim().to_owned()))
    };
    let unfolded = text.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = unfolded.lines().filter_map(|line| line.strip_prefix("DKIM-Signature:"));
    headers.filter_map(|header| Some((tag(header, "d")?, tag(header, "s")?))).collect()
}

async fn judged(message: &Message) -> Found {
    let signers = signers(&message.text);
    let caches = Caches::of(message, &signers);
    let nobody = ResolverConfig::default();
    let receiver = MessageAuthenticator::new(nobody, ResolverOpts::default()).expect("a receiver");
    let read = AuthenticatedMessage::parse(message.text.as_bytes()).expect("a message");
    let dkim = receiver.verify_dkim(caches.parameters(&read)).await;
    let sender = format!("ann@{}", message.envelope);
    let spf = if message.envelope.is_empty() {
        let parameters = SpfParameters::verify_ehlo(message.address, &message.helo, "receiver.invalid");
        receiver.verify_spf(caches.parameters(parameters)).await
    } else {
        let parameters =
            SpfParameters::verify_mail_from(message.address, &message.helo, "receiver.invalid", &sender);
        receiver.verify_spf(caches.parameters(parameters)).await
    };
    let domain = if message.envelope.is_empty() {
        &message.helo
    } else {
        &message.envelope
    };
    let parameters = DmarcParameters::new(&read, &dkim, domain, &spf);
    let dmarc = receiver.verify_dmarc(caches.parameters(parameters)).await;
    let passes = [dmarc.spf_result(), dmarc.dkim_result()].contains(&&DmarcResult::Pass);
    let undecided = [dmarc.spf_result(), dmarc.dkim_result()]
        .into_iter()
        .any(|leg| matches!(leg, DmarcResult::TempError(_)));
    Found {
        spf: format!("{:?}", spf.result()).to_lowercase(),
        dkim: dkim.iter().map(|one| format!("{:?}", one.result())).collect(),
        dmarc: match (passes, undecided) {
            (true, _) => "pass",
            (false, true) => "temperror",
            (false, false) => "fail",
        },
        policy: format!("{:?}", dmarc.policy()).to_lowercase(),
    }
}


fn main() {
    let asked: Asked = serde_json::from_reader(std::io::stdin()).expect("a JSON document");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let messages = asked.messages.iter().map(|message| runtime.block_on(judged(message))).collect();
    let zones = asked.zones.iter().map(read).collect();
    serde_json::to_writer(std::io::stdout(), &Answer { messages, zones }).expect("written");
}

/// The records of zones: zone, owner, type, TTL and data, texts in hexadecimal digits.
fn read(zones: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (origin, text) in zones {
        let mut file = Zonefile::from(text.as_str());
        file.set_origin(format!("{origin}.").parse().expect("a name"));
        file.set_default_class(domain::base::iana::Class::IN);
        loop {
            match file.next_entry() {
                Ok(Some(Entry::Record(record))) => {
                    if record.rtype() == Rtype::SOA {
                        continue;
                    }
                    let data = match record.data() {
                        ZoneRecordData::Txt(text) => text.iter().flatten().map(|octet| format!("{octet:02x}")).collect(),
                        other => other.to_string().to_lowercase(),
                    };
                    let owner = record.owner().to_string().to_lowercase();
                    found.push(format!(
                        "{origin} {} {} {} {data}",
                        owner.trim_end_matches('.'),
                        record.rtype(),
                        record.ttl().as_secs()
                    ));
                }
                Ok(Some(Entry::Include { .. })) => found.push(format!("{origin} includes a file")),
                Ok(None) => break,
                Err(error) => {
                    found.push(format!("{origin}: {error}"));
                    break;
                }
            }
        }
    }
    found
}
