//! Text of a spec, still raw: what it stands for is known, whether it is valid is not.
//!
//! The types say what a message should call the thing and what an editor should offer. Only [`Name`] checks what it
//! holds, because it is a key and the schema checks it too.

use crate::values::{self, BadValue};
use crate::yaml::wire::refuse;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

macro_rules! tagged {
    (TEXT, $what:literal) => {
        concat!("\0text ", $what)
    };
    (WORD, $what:literal) => {
        concat!("\0word ", $what)
    };
}

macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident $marker:ident $what:literal $schema:tt $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub Box<str>);

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const NAME: &str = tagged!($marker, $what);
                deserializer.deserialize_newtype_struct(NAME, TextVisitor {
                    what: $what,
                    check: $check,
                }).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

text_types! {
    /// Free text. A number written without quotes is taken as written: who writes `organization: 365` means the text.
    Text WORD "text" {"type": ["string", "number"]} any;
    /// The name of a location, partner or device that the spec declares elsewhere.
    Ref WORD "a name" {"type": ["string", "number"]} any;
    /// The name of a location, partner or device, where it is declared.
    Name WORD "a name" {
        "type": "string",
        "pattern": "^[a-z0-9][a-z0-9_-]*$",
        "not": {"enum": (values::RESERVED)}
    } check_name;
    /// A domain name.
    DomainText TEXT "a domain name" {"type": "string", "examples": ["contoso.com"]} any;
    /// A domain pattern.
    PatternText TEXT "a domain pattern" {
        "type": "string", "examples": ["contoso.com", "*.contoso.com", "*", "accepted-domains"]
    } any;
    /// A mail address.
    AddressText TEXT "a mail address" {"type": "string", "examples": ["john@contoso.com"]} any;
    /// A mail address or a domain pattern.
    SenderText TEXT "a mail address or a domain" {
        "type": "string", "examples": ["scanner@contoso.com", "contoso.com"]
    } any;
    /// An IP address or a network in CIDR notation.
    NetworkText TEXT "an address or a network" {
        "type": "string", "examples": ["203.0.113.10", "192.0.2.0/24", "2001:db8::/48"]
    } any;
    /// A host: a name or an address, with `:PORT` for a port other than 25.
    HostText TEXT "a host" {
        "type": "string", "examples": ["mail.contoso.com", "mail.contoso.com:2525", "203.0.113.10"]
    } any;
    /// A size in octets, or with a unit: `25MB` is 25 * 2^20.
    SizeText WORD "a size" {
        "type": ["string", "number"], "examples": ["25MB", 26_214_400]
    } any;
    /// A day, `YYYY-MM-DD`.
    DateText TEXT "a date" {"type": "string", "examples": ["2027-03-31"]} any;
    /// A path, relative to the file that names it.
    PathText TEXT "a path" {"type": "string"} any;
    /// A URI that reports are sent to.
    UriText TEXT "a URI" {"type": "string", "examples": ["mailto:dmarc@contoso.com"]} any;
}

type Check = fn(&str) -> Result<(), BadValue>;

struct TextVisitor {
    what: &'static str,
    check: Check,
}

impl Visitor<'_> for TextVisitor {
    type Value = Box<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        (self.check)(text).map_err(|bad| {
            refuse(
                bad.code,
                bad.message,
                bad.help.as_deref().unwrap_or_default(),
            )
        })?;
        Ok(text.into())
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands beside checks that refuse"
)]
fn any(_: &str) -> Result<(), BadValue> {
    Ok(())
}

fn check_name(text: &str) -> Result<(), BadValue> {
    values::Name::parse(text).map(drop)
}
