//! Ids: positions in the lists of a topology.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The id of the item at this position.
            pub fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            /// The position of the item.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A location.
    LocationId
);
id!(
    /// A domain.
    DomainId
);
id!(
    /// A partner.
    PartnerId
);
id!(
    /// A device.
    DeviceId
);

/// Whatever a route can begin or end at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// One of our own places.
    Location(LocationId),
    /// Another organization.
    Partner(PartnerId),
    /// A sender without a mailbox.
    Device(DeviceId),
    /// Everybody else.
    Internet,
    /// Mail ends here on purpose, silently.
    Discard,
    /// Mail is refused here on purpose.
    Reject,
    /// Hosts in a network that a Postfix location lets relay, by its position in the list.
    Network(LocationId, usize),
}

impl Party {
    /// The location, where it is one.
    pub const fn location(self) -> Option<LocationId> {
        match self {
            Self::Location(id) => Some(id),
            _ => None,
        }
    }
}
