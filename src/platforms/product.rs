//! Products: one table of what each is called, knows and can, for every step that treats them unlike.
//!
//! A product stands in its folder as a [`Product`], and its row in [`PRODUCTS`] makes it known to the language, to the
//! derivation, to the walk and to the runbook. No other file may ask which product a location is: it asks for a trait.

use crate::emit::Unwritable;
use crate::finding::Findings;
use crate::output::OutputTree;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange::scripts::Form;
use crate::platforms::{exchange_online, exchange_server, other, postfix};
use crate::routes::{AcceptedDomains, Links, RoutesAt};
use crate::topology::{Location, LocationId, Topology};
use std::hash::{Hash, Hasher};

/// Every product, in the order of the reference.
pub const PRODUCTS: &[&Product] = &[
    &exchange_online::product::ONLINE,
    &exchange_online::product::PROTECTION,
    &exchange_server::product::PRODUCT,
    &postfix::product::PRODUCT,
    &other::product::SMTP,
    &other::product::GATEWAY,
];

/// What a location is taken for of which nobody can read what it is.
pub(crate) const UNKNOWN: &Product = &other::product::GATEWAY;

/// A server whose administrator gets a checklist, and which may hold mailboxes: what a new product begins with.
pub(crate) const BY_HAND: Product = Product {
    word: "smtp",
    about: "A mail server that cannot be configured from here; it may hold mailboxes.",
    label: "mail server",
    title: "another mail server",
    settings: Settings::Handling,
    keys: &[
        "hosts",
        "smart_hosts",
        "egress",
        "certificate",
        "client_certificate",
        "routing_domain",
        "forwards",
        "modifies_body",
        "mailing_lists",
        "rewrites_author",
        "rewrites_sender",
        "bounce_domain",
        "arc_seal",
        "trusted",
        "shared",
        "spf",
        "helo",
        "clients",
        "recipient_delimiter",
    ],
    required: &[],
    rules: Rules::None,
    certificates: Certificates::ByName,
    holds_none_unlike: None,
    delimiters: "+",
    traits: &[
        Trait::OwnServer,
        Trait::RoutesByRecipient,
        Trait::CatchesAll,
    ],
    applied: Applied::ByHand,
    wait: "",
    need: "Its administrator has the checklist and a day for the change",
    log: |_| "`Received` lines of the message".to_owned(),
    lower: |_, _| Configuration::Checklist,
    write: |plan, id, _, tree| other::checklist::emit(plan, id, tree),
};

/// What is known of a product before anything of it is written.
#[derive(Debug)]
pub struct Product {
    /// The kind of a location, as a spec writes it.
    pub word: &'static str,
    /// What the schema says of this kind.
    pub(crate) about: &'static str,
    /// Its name in a picture.
    pub(crate) label: &'static str,
    /// Its name in a sentence.
    pub(crate) title: &'static str,
    /// Which keys of its own are read.
    pub(crate) settings: Settings,
    /// The keys that it knows of those that only some products know.
    pub(crate) keys: &'static [&'static str],
    /// The keys besides `kind` that a spec must write.
    pub(crate) required: &'static [&'static str],
    /// Which rules of the spec are written to it.
    pub(crate) rules: Rules,
    /// How it knows a client by a certificate.
    pub(crate) certificates: Certificates,
    /// The kind of a location that does hold mailboxes, where it holds none.
    pub(crate) holds_none_unlike: Option<&'static str>,
    /// The characters that separate a user from an extension by default.
    pub(crate) delimiters: &'static str,
    /// What is true of it and not of every product.
    pub(crate) traits: &'static [Trait],
    /// How its objects are put in place.
    pub(crate) applied: Applied,
    /// How long its objects take to work.
    pub(crate) wait: &'static str,
    /// What whoever applies its objects must be allowed to do.
    pub(crate) need: &'static str,
    /// Where a person sees that a message for this recipient was delivered.
    pub(crate) log: fn(&str) -> String,
    /// Its objects, from the routes that begin or end at a location.
    pub(crate) lower: fn(&Lowering<'_>, &mut Findings) -> Configuration,
    /// The files of one location.
    pub(crate) write: fn(&Plan, LocationId, Form, &mut OutputTree) -> Result<(), Unwritable>,
}

/// Everything that the objects of a location are made from.
pub(crate) struct Lowering<'a> {
    pub(crate) topology: &'a Topology,
    pub(crate) id: LocationId,
    pub(crate) location: &'a Location,
    pub(crate) routes: RoutesAt<'a>,
    pub(crate) links: &'a Links,
    pub(crate) accepted: &'a AcceptedDomains,
}

/// Which keys of its own a location has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settings {
    /// Those of a tenant, which may only filter.
    Tenant { filtering_only: bool },
    /// Those of an Exchange organization on servers.
    ExchangeServer,
    /// Those of a Postfix instance.
    Postfix,
    /// What the location does with mail: `forwards` and its like.
    Handling,
}

/// Which rules of the spec are written to a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Those with any condition of the language.
    All,
    /// Those that look at senders alone.
    BySender,
    /// None.
    None,
}

/// How a product knows a client by a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificates {
    /// By a name on it.
    ByName,
    /// By a name on it for a tenant, and by addresses alone for all others:
    /// <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>.
    OfServers,
    /// By its fingerprint, which no spec has and which changes with every renewal:
    /// <https://www.postfix.org/TLS_README.html#server_access>.
    ByFingerprint,
}

/// How the objects of a location are put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// By the Exchange scripts of its folder.
    Scripts,
    /// By `install.sh` of its folder, on the host.
    Install,
    /// By hand, after `CHECKLIST.md` of its folder.
    ByHand,
}

/// What is true of some products and not of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trait {
    /// It filters mail of others on its way, and does with mail of external senders what `forwards` says, and nothing else.
    Filter,
    /// A server of the organization's own, which sends bounces under a name of its own.
    OwnServer,
    /// It judges mail of external senders by SPF.
    JudgesSenders,
    /// It chooses the next hop by the address of the recipient, not by the domain alone.
    RoutesByRecipient,
    /// It knows the recipients that the spec lists, and no others.
    KnowsListed,
    /// It can ask the next hop whether a recipient exists.
    CallsOut,
    /// It can give a mailbox the mail for all unlisted addresses of a domain.
    CatchesAll,
    /// It keeps mail that no object is for, in its queue.
    KeepsUnrouted,
    /// It can look up the MX of a next hop.
    LooksUpHops,
    /// It can limit the recipients of a device.
    LimitsDevices,
    /// Devices can hand it mail by High Volume Email.
    HighVolume,
    /// Its objects have names.
    NamedObjects,
    /// Its files are written whole, so that nothing of them can be left to others.
    WrittenWhole,
    /// It offers TLS only with a certificate that the spec gives it.
    TlsNeedsCertificate,
}

impl Product {
    /// Whether this is true of the product.
    pub(crate) fn is(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }

    /// Whether it is a tenant of Exchange Online.
    pub(crate) const fn is_tenant(&self) -> bool {
        matches!(self.settings, Settings::Tenant { .. })
    }

    /// Whether its locations can hold mailboxes.
    pub(crate) const fn holds_mailboxes(&self) -> bool {
        self.holds_none_unlike.is_none()
    }
}

/// A product is one of the table, and its word names it.
impl PartialEq for Product {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Product {}

impl Hash for Product {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.word.hash(state);
    }
}

/// The product that has these keys of its own; nothing but one of the table has any.
pub(crate) fn with(settings: Settings) -> &'static Product {
    let mut all = PRODUCTS.iter();
    all.find(|product| product.settings == settings)
        .unwrap_or(&&other::product::SMTP)
}

/// The products that know a key; none where every product does.
pub(crate) fn that_know(key: &str) -> Vec<&'static Product> {
    let all = PRODUCTS.iter().copied();
    all.filter(|product| product.keys.contains(&key)).collect()
}

/// The products of which something is true, by their words.
pub(crate) fn words_of(what: Trait) -> Vec<&'static str> {
    let all = PRODUCTS.iter().filter(|product| product.is(what));
    all.map(|product| product.word).collect()
}
