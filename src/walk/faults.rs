//! What can be wrong with the ways of messages, and all that shows it.
//!
//! This module must not know how a fault is told: that is `blame`.

use crate::topology::{LocationId, Party};
use crate::values::Address;
use crate::walk::classes::Class;
use crate::walk::state::Ends;
use crate::walk::tls::TlsFailure;
use crate::walk::way::{Trace, Way};
use std::collections::BTreeSet;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// A place has no route for a domain whose mailboxes are elsewhere.
    NoRoute,
    /// The same, and the mail arrives by the MX all the same.
    FollowsMx,
    /// A place on the way does not accept the domain.
    NotAccepted,
    /// A gateway that mail enters at forwards nothing for the domain.
    NotForwarded,
    /// Unnamed subdomains are accepted and have no end.
    SubdomainWithoutEnd,
    /// Mail for names below ours is taken from others and handed to others.
    SubdomainToOthers,
    /// A place passes on what it does not know, and has no route for it.
    RelayWithoutRoute,
    /// Mail is handed to somebody the spec does not know.
    LeftModel,
    /// Mail comes round.
    Loop,
    /// Mail comes round under a reading, or where a choice falls so.
    PossibleLoop,
    /// A place looks up an MX that is its own.
    OwnMx,
    /// The detour of centralized transport never ends.
    DetourAgain,
    /// Redirects lead back to where they began.
    RedirectCycle,
    /// The address that reaches a mailbox elsewhere has no route.
    RoutingDomain,
    /// The mailbox does not have the address that shall reach it.
    RoutingAlias,
    /// A place is authoritative and knows only its own part of the mailboxes.
    HalfDirectory,
    /// Mail for unknown addresses comes round.
    UnknownLoop,
    /// Mail of our own mailboxes for names below our domains that nobody accepts comes round.
    NamelessLoop,
    /// Mail of our own mailboxes for addresses that nobody has waits until it expires.
    UnknownWaits,
    /// Mail for recipients of other organizations comes round.
    OutgoingLoop,
    /// No connector of an Exchange organization is for the domain.
    NoConnector,
    /// Mail from strangers is taken, and bounced later.
    Backscatter,
    /// More TLS is demanded of a place than it gives.
    Unverifiable(TlsFailure),
    /// A route hands mail to a host that takes none for whom the route is to.
    WrongHost,
    /// Strangers reach others through us.
    OpenRelay,
    /// Strangers reach mailboxes past the gateway.
    Bypass,
    /// Somebody cannot reach a tenant by the names that it has of its provider.
    OwnNameLost,
    /// Mail of a partner is refused.
    PartnerRefused,
    /// Mail of a device is refused where it is handed over.
    DeviceLost,
    /// A device can write to more recipients than it shall.
    DeviceBeyond,
    /// Less is guaranteed on the way than was agreed with a partner.
    TlsFloor,
    /// Mail for a mailbox ends otherwise than in it.
    Lost,
    /// Mail has passed more servers than some count before it gets to its end.
    TooManyHops,
    /// Mail that a mailbox forwards does not arrive.
    ForwardLost,
    /// Reports, which have no sender, are refused where ordinary mail of the same party arrives.
    ReportLost,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// The place that is to blame.
    pub at: Option<LocationId>,
    /// The places of a loop, sorted.
    pub cycle: Vec<LocationId>,
    /// Where the mailboxes are, where there are any.
    pub home: Option<LocationId>,
    /// The partner or device concerned; of reports, who hands them over where they are refused; of mail that is taken and
    /// comes back, the last place that it got to.
    pub party: Option<Party>,
    /// The mailbox that forwards, where its mail is lost behind it.
    pub forwards: Option<Address>,
    /// Who hands mail over with less TLS than was agreed.
    pub weak: Option<Party>,
}

impl Fault {
    /// What is wrong at a place.
    pub(super) const fn at(kind: FaultKind, at: Option<LocationId>) -> Self {
        Self {
            kind,
            at,
            cycle: Vec::new(),
            home: None,
            party: None,
            forwards: None,
            weak: None,
        }
    }

    /// What goes round among places.
    pub(super) fn round(kind: FaultKind, cycle: &[LocationId], home: Option<LocationId>) -> Self {
        let mut cycle = cycle.to_vec();
        cycle.sort_unstable();
        cycle.dedup();
        Self {
            cycle,
            home,
            ..Self::at(kind, None)
        }
    }

    /// Whether it names the place.
    pub(crate) fn blames(&self, place: LocationId) -> bool {
        self.at == Some(place) || self.home == Some(place) || self.cycle.contains(&place)
    }

    /// Whether mail for mailboxes may show it.
    pub(crate) fn is_of_mailboxes(&self) -> bool {
        self.home.is_some()
            || matches!(
                self.kind,
                FaultKind::Unverifiable(_)
                    | FaultKind::WrongHost
                    | FaultKind::Bypass
                    | FaultKind::TooManyHops
            )
    }

    /// Whether it comes of routes and directories and is of addresses that nobody has, which meet it like known ones do. What
    /// is handed to the wrong partner is mail for others.
    pub(crate) fn is_of_unknown_addresses(&self, way: &Way) -> bool {
        let is_of_others =
            matches!(way.end.ends, Ends::HandedOff(_)) && self.kind == FaultKind::Lost;
        !self.is_of_mailboxes()
            && !is_of_others
            && !matches!(
                self.kind,
                FaultKind::OpenRelay
                    | FaultKind::TlsFloor
                    | FaultKind::DeviceLost
                    | FaultKind::PartnerRefused
                    | FaultKind::DeviceBeyond
                    | FaultKind::ReportLost
            )
    }
}

/// Everything that shows a fault.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The surest and shortest way that shows it.
    pub way: Way,
    /// Who sends on that way.
    pub from: String,
    /// To whom.
    pub to: Address,
    /// Everybody whose mail shows it.
    pub senders: BTreeSet<String>,
    /// The envelope senders of that mail, where a partner sends it: its terms differ with them.
    pub envelopes: BTreeSet<Option<Address>>,
    /// Positions of the atoms concerned.
    pub(crate) atoms: BTreeSet<usize>,
    /// How many listed or counted recipients are concerned.
    pub recipients: u64,
    /// The way is of mail for names below such that nobody receives with.
    idle: bool,
    /// What the sender and the places on the way are, apart from their names and from where the spec has them: neither
    /// decides which of two ways is shown that show it equally well.
    looks: Vec<String>,
}

impl Evidence {
    /// What one way of a class shows.
    pub(crate) fn of(way: &Way, trace: &Trace, class: &Class, looks: Vec<String>) -> Self {
        let is_of_partner = matches!(way.client, Some(Party::Partner(_)));
        Self {
            idle: class.idle,
            looks,
            way: way.clone(),
            from: trace.from.clone(),
            to: trace.to.clone(),
            senders: BTreeSet::from([trace.from.clone()]),
            envelopes: is_of_partner
                .then(|| trace.sender.clone())
                .into_iter()
                .collect(),
            atoms: class.atoms.iter().copied().collect(),
            recipients: class.recipients,
        }
    }

    /// Adds who else shows the same fault, and where.
    pub(crate) fn also(&mut self, mut other: Self) {
        if other.order() < self.order() {
            std::mem::swap(self, &mut other);
        }
        self.senders.append(&mut other.senders);
        self.envelopes.append(&mut other.envelopes);
        self.atoms.append(&mut other.atoms);
    }

    /// Which of two is the better example: what nobody receives with is a poor one of anything.
    fn order(&self) -> impl Ord {
        let way = &self.way;
        (
            way.certainty,
            way.hops.len(),
            self.idle,
            &self.looks,
            &self.to,
        )
    }
}
