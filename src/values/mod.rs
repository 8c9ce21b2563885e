//! The values a spec is made of: names, patterns, addresses, networks, sizes, dates.
//!
//! Each type can only be made by its `parse`, so that no invalid value exists past this module. It must not know where a
//! text stands (the caller adds the place) nor what a value is used for.

mod address;
mod bad_value;
mod by_name;
mod date;
mod domain;
mod hex;
mod host;
mod name;
mod name_index;
mod network;
mod pattern;
mod prose;
mod size;
mod tls;
mod uri;
mod words;

pub use address::Address;
pub(crate) use address::Addresses;
pub(crate) use bad_value::{BadValue, is_invisible, shown};
pub(crate) use by_name::{ByName, Named};
pub use date::Date;
pub(crate) use domain::HostName;
pub use domain::{DomainName, OwnerName};
pub(crate) use hex::hex;
pub use host::{Host, HostTarget};
pub(crate) use name::{Name, RESERVED};
pub(crate) use name_index::{Fit, NameIndex};
pub use network::Network;
pub(crate) use network::is_private_address;
pub use pattern::Pattern;
pub(crate) use prose::{Piece, pieces, quoted};
pub(crate) use size::Size;
pub use tls::TlsLevel;
pub(crate) use uri::MailUri;
pub use words::{AcceptedType, ExchangeVersion, Issuer, Method, SmtpAuth};
pub(crate) use words::{
    Alignment, DmarcPolicy, DnsFormat, Environment, MapType, MtaStsMode, Routing, Side, SpfAll,
    Terraform,
};

/// Writes a value wherever serde asks for it as its `Display` spells it, which is how the language spells it.
macro_rules! serialize_as_text {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

serialize_as_text!(
    Address, Date, DomainName, Host, HostName, HostTarget, MailUri, Name, Network, OwnerName,
    Pattern, Size, TlsLevel
);
