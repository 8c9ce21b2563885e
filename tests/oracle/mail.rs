//! A message, the session it comes in by, and where it goes next.

use mailtopo::testing::topology::LocationId;
use mailtopo::testing::values::TlsLevel;
use std::net::IpAddr;

/// A message with one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    pub sender: String,
    /// The envelope recipient, which places may rewrite.
    pub recipient: String,
    /// Whose mailbox is meant, by its own address.
    pub person: String,
    /// Where the recipient's mailbox is.
    pub home: Option<LocationId>,
    /// Written by one of ours, as far as the place that holds it can tell.
    pub inside: bool,
    /// The place that holds it has recognized who brought it as one of ours.
    pub known: bool,
    /// A connector alone tells that one of ours brought it.
    pub by_connector: bool,
    /// It carries cross-premises headers of our own Exchange organization.
    pub from_premises: bool,
    /// The domain of the tenant's mailbox that has forwarded it last.
    pub forwarded: Option<String>,
    /// What was taken to be so of rules that nobody can decide: the rule, whose mail, and whether it acts.
    pub guesses: Vec<(String, String, bool)>,
    /// Headers that rules have stamped.
    pub stamps: Vec<(String, String)>,
    /// One of our places has taken it.
    pub taken: bool,
}

/// Who connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Stranger,
    Partner,
    Device,
    Place(usize),
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub client: Client,
    pub address: Option<IpAddr>,
    /// Names on the client certificate.
    pub certificate: Vec<String>,
    /// A public authority vouches for it.
    pub vouched: bool,
    /// What the client insists on.
    pub tls: TlsLevel,
    /// The client keeps cross-premises headers.
    pub crosses: bool,
    /// It has logged in as somebody.
    pub login: Login,
    /// It follows records that lead past a lock and will be gone once the lock is in force.
    pub early: bool,
}

/// How somebody has logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    None,
    /// With the login of a mailbox.
    Mailbox,
    /// With a login that may write to our own people only.
    InternalOnly,
}

/// What becomes of a message at a place.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    /// It ends here in these words.
    End(String),
    /// It ends with somebody else, who is one hop away.
    Away {
        to: String,
        ends: String,
        tls: TlsLevel,
    },
    /// It goes to another place.
    Go {
        place: usize,
        session: Session,
        /// The name that the place's certificate must hold.
        expects: Vec<String>,
        mail: Mail,
    },
    /// It goes round within this place under another address.
    Again(Mail),
}

/// What a place says to a connection: the message as it is from now on and the level that it itself insists on.
pub(crate) type Answer = Option<(Mail, TlsLevel)>;
