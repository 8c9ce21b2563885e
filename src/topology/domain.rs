//! Domains: the names the organization uses for mail, and where their mailboxes are.

use crate::source::{At, Span};
use crate::topology::{LocationId, Party, Ttls};
use crate::values::{Address, Alignment, DmarcPolicy, DomainName, Host, MtaStsMode, Named};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A domain.
#[derive(Clone, Debug, Hash)]
pub struct Domain {
    /// Its name.
    pub name: DomainName,
    /// Where its key stands.
    pub span: Span,
    /// What it is used for.
    pub sending: Sending,
    /// Who holds mailboxes, by location; empty for parked and send-only domains.
    pub holders: Vec<Holder>,
    /// `total` beside the parts.
    pub total: Option<At<u64>>,
    /// Where Internet mail enters, best first.
    pub mx: Vec<At<LocationId>>,
    /// Where it enters today, while a change is staged.
    pub mx_now: Option<At<Entry>>,
    /// Unnamed subdomains are accepted too.
    pub subdomains: bool,
    /// Where mail for unlisted addresses goes.
    pub catch_all: Option<At<Address>>,
    /// Redirects that act where the mailbox is.
    pub forwards: Vec<Forward>,
    /// Redirects at every Exchange Server location except the one that holds the mailbox.
    pub remote_mailboxes: Vec<RemoteMailbox>,
    /// An address for connector validation and the test plan.
    pub test_recipient: Option<At<Address>>,
    /// Who writes its records.
    pub dns: DnsManagement,
    /// DMARC, where the spec asks for it.
    pub dmarc: Option<Box<At<Dmarc>>>,
    /// MTA-STS, where the spec asks for it.
    pub mta_sts: Option<At<MtaSts>>,
    /// Report addresses of TLS-RPT.
    pub tls_rpt: Vec<At<String>>,
    /// Who signs with this domain.
    pub dkim: Dkim,
    /// Overrides `dns.spf`.
    pub spf: Option<At<SpfOverride>>,
    /// Which location Autodiscover points at; `None` where the spec does not say.
    pub autodiscover: Option<At<Autodiscover>>,
    /// TLSA records are wanted for its MX hosts.
    pub dane: Option<At<bool>>,
    /// Names below it that nothing uses are closed, as the spec says here.
    pub closes_unused: Option<Span>,
    /// Times to live of its records, where the spec says so.
    pub ttl: Option<Box<Ttls>>,
}

impl Named for Domain {
    fn name(&self) -> &DomainName {
        &self.name
    }
}

impl Domain {
    /// Whether any location holds mailboxes of it.
    pub fn receives(&self) -> bool {
        self.sending == Sending::Normal
    }

    /// The locations that hold mailboxes, by id.
    pub fn holder_ids(&self) -> impl Iterator<Item = LocationId> {
        self.holders.iter().map(|holder| holder.location)
    }

    /// Whether more than one location holds mailboxes.
    pub fn is_split(&self) -> bool {
        self.holders.len() > 1
    }

    /// Whether every address is listed: there are only lists, no counts and no `rest`.
    pub fn is_listed(&self) -> bool {
        !self.holders.is_empty()
            && self
                .holders
                .iter()
                .all(|holder| matches!(holder.holds, Holds::Listed(_)))
    }

    /// Whether a location has the mailbox with this address of the domain, or may have it where no list names it.
    pub(crate) fn may_be_at(&self, address: &Address, at: LocationId) -> bool {
        if let Some((home, _)) = self.listed(address) {
            return home == at;
        }
        let mut holders = self.holders.iter();
        holders.any(|holder| holder.location == at && !matches!(holder.holds, Holds::Listed(_)))
    }

    /// The mailbox that is listed with this address of the domain, and where it is.
    pub fn listed(&self, address: &Address) -> Option<(LocationId, &Recipient)> {
        let local = address.local();
        self.holders.iter().find_map(|holder| {
            let Holds::Listed(list) = &holder.holds else {
                return None;
            };
            let at = list.binary_search_by(|recipient| recipient.address.local().cmp(local));
            Some((holder.location, list.get(at.ok()?)?))
        })
    }

    /// The holder of everybody not listed elsewhere, else the one with most mailboxes, the first by id among equals.
    /// Mail for unnamed subdomains ends there.
    pub fn main_holder(&self) -> Option<LocationId> {
        let size = |holder: &&Holder| match &holder.holds {
            Holds::Rest => u64::MAX,
            Holds::Count(count) => *count,
            Holds::Listed(list) => list.len() as u64,
        };
        self.holders
            .iter()
            .max_by_key(|holder| (size(holder), std::cmp::Reverse(holder.location)))
            .map(|holder| holder.location)
    }

    /// The holder of everybody not listed elsewhere, where there is exactly one.
    pub fn rest(&self) -> Option<LocationId> {
        self.holders
            .iter()
            .find(|holder| matches!(holder.holds, Holds::Rest))
            .map(|holder| holder.location)
    }
}

/// What a domain is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum Sending {
    /// Mail is sent and received.
    #[default]
    Normal,
    /// Mail is sent with this name, none is received.
    SendOnly,
    /// Neither.
    Parked,
}

/// A location's part of a domain's mailboxes.
#[derive(Clone, Debug, Hash)]
pub struct Holder {
    /// Where they are.
    pub location: LocationId,
    /// Which ones.
    pub holds: Holds,
    /// Where the spec says so.
    pub span: Span,
}

/// Which mailboxes.
#[derive(Clone, Debug, Hash)]
pub enum Holds {
    /// So many, nobody knows which.
    Count(u64),
    /// These, all of the domain, sorted by address.
    Listed(Vec<Recipient>),
    /// All that are not listed elsewhere; the only holder of a domain has this too.
    Rest,
}

/// A listed mailbox. There may be a million, so what is rare stands apart.
#[derive(Clone, Debug, Hash)]
pub struct Recipient {
    /// Its address.
    pub address: Address,
    /// Where it is listed.
    pub span: Span,
    /// What else the list says.
    pub details: Option<Arc<RecipientDetails>>,
}

/// What the columns of a list say about a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RecipientDetails {
    /// The address that reaches it from elsewhere.
    pub target: Option<Address>,
    /// Its other addresses, complete; `None` where the list has no such column.
    pub aliases: Option<Vec<Address>>,
    /// For rules.
    pub city: Option<String>,
    /// For rules.
    pub department: Option<String>,
    /// For rules.
    pub groups: Vec<String>,
}

/// Where mail enters today.
#[derive(Clone, Debug, Hash)]
pub enum Entry {
    /// At one of our locations.
    Location(LocationId),
    /// At these hosts.
    Hosts(Vec<At<Host>>),
}

/// A redirect that acts where the mailbox is.
#[derive(Clone, Debug, Hash)]
pub struct Forward {
    /// Whose mail.
    pub address: Address,
    /// Where it goes.
    pub target: Address,
    /// The mailbox gets a copy too.
    pub keep_copy: bool,
    /// Where it stands.
    pub span: Span,
}

/// A mailbox that lives elsewhere, as the directories of Exchange Server know it.
#[derive(Clone, Debug, Hash)]
pub struct RemoteMailbox {
    /// Its address.
    pub address: Address,
    /// The address that reaches it.
    pub target: Address,
    /// Where it stands.
    pub span: Span,
}

/// Who writes a domain's records.
#[derive(Clone, Debug, Default, Hash)]
pub enum DnsManagement {
    /// mailtopo writes them.
    #[default]
    Managed,
    /// Somebody else does; this is what the world sees.
    External(Box<DeclaredRecords>),
    /// Nobody needs to.
    None,
}

/// What the world sees today: `None` where the spec does not say, an empty list where there is nothing.
#[derive(Clone, Debug, Default, Hash)]
pub struct DeclaredRecords {
    /// Preference and host.
    pub mx: Option<Vec<At<(u16, String)>>>,
    /// Text records.
    pub txt: Option<Vec<At<String>>>,
    /// Addresses.
    pub a: Option<Vec<At<String>>>,
    /// The name that the domain itself stands for.
    pub cname: Option<Vec<At<String>>>,
    /// The published policy.
    pub mta_sts: Option<At<(MtaStsMode, Vec<String>)>>,
    /// Names below the domain, relative to it.
    pub below: BTreeMap<String, At<DeclaredBelow>>,
    /// Seconds.
    pub ttl: Option<At<u32>>,
}

impl DeclaredRecords {
    /// The name that the domain itself stands for, which answers in its place.
    pub(crate) fn alias(&self) -> Option<&At<String>> {
        self.cname.as_ref()?.first()
    }
}

/// The same at a name below a domain; data is text as a zone file writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeclaredBelow {
    /// Text records.
    pub txt: Option<Vec<String>>,
    /// The name it stands for.
    pub cname: Option<Vec<String>>,
    /// Preference and host.
    pub mx: Option<Vec<(u16, String)>>,
    /// Addresses.
    pub a: Option<Vec<String>>,
    /// Certificate associations.
    pub tlsa: Option<Vec<String>>,
}

/// DMARC as in RFC 9989.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dmarc {
    /// `p`
    pub policy: DmarcPolicy,
    /// `sp`
    pub subdomains: Option<DmarcPolicy>,
    /// `np`
    pub nonexistent: Option<DmarcPolicy>,
    /// `adkim`
    pub dkim_alignment: Alignment,
    /// `aspf`
    pub spf_alignment: Alignment,
    /// `rua`
    pub rua: Vec<String>,
    /// `ruf`
    pub ruf: Vec<String>,
    /// `fo`
    pub failure: Vec<String>,
    /// `psd`, where it is written.
    pub suffix: Option<bool>,
    /// `t`
    pub testing: bool,
}

/// Defaults of `dns.dmarc`, for every domain that does not say otherwise.
pub(crate) type DmarcDefaults = Dmarc;

/// MTA-STS (RFC 8461).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MtaSts {
    /// The policy's mode.
    pub mode: MtaStsMode,
    /// The host that serves the policy.
    pub host: Option<String>,
    /// Seconds.
    pub max_age: u32,
}

/// Who signs with a domain.
#[derive(Clone, Debug, Default, Hash)]
pub enum Dkim {
    /// The tenant that holds its mailboxes.
    #[default]
    Derived,
    /// These, with selectors where the spec names them.
    Signers(Vec<DkimSigner>),
}

/// One signer.
#[derive(Clone, Debug, Hash)]
pub struct DkimSigner {
    /// A location or a partner.
    pub signer: At<Party>,
    /// Selector and key; empty where the signer's own are used.
    pub selectors: Vec<(At<String>, DkimKey)>,
}

/// Where the public key is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DkimKey {
    /// The selector is a CNAME to this name.
    Target(String),
    /// The selector is this TXT record.
    Record(String),
}

/// Overrides of a domain's SPF record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SpfOverride {
    /// How it ends.
    pub all: Option<crate::topology::SpfAll>,
    /// Names to include besides the derived ones.
    pub include: Vec<At<String>>,
    /// Unnamed subdomains have the same record.
    pub subdomains: Option<bool>,
}

/// Where Autodiscover points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Autodiscover {
    /// At this location.
    Location(LocationId),
    /// Nowhere.
    None,
}
