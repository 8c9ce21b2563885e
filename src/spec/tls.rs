//! TLS levels and certificates.

use crate::values::Issuer;
use crate::yaml::{ByShape, DateText, List, Node, PathText, Shape, Slot, Text, by_shape};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess};
use std::borrow::Cow;

/// A certificate. Its short form, a scalar, is `names` with one name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Certificate {
    /// Subject and alternative names.
    pub names: List<Text>,
    /// Who issued it.
    pub issuer: Slot<Issuer>,
    /// PEM file that everything else is read from.
    pub file: Slot<PathText>,
    /// SHA-1 thumbprint.
    pub thumbprint: Slot<Text>,
    /// Last day of its validity.
    pub not_after: Slot<DateText>,
    /// PEM file of the certificate or public key that will follow.
    pub next: Slot<PathText>,
}

/// A certificate by its names, its file, or both.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
#[schemars(deny_unknown_fields, rename = "Certificate")]
struct Long {
    /// Subject and alternative names; the first is the subject.
    names: List<Text>,
    /// Who issued it: `public`, `private` or `self-signed`.
    #[schemars(extend("default" = "public"))]
    issuer: Slot<Issuer>,
    /// PEM file, relative to this file: names, issuer, expiry and TLSA digest are read from it.
    #[schemars(extend("examples" = ["mail.pem"]))]
    file: Slot<PathText>,
    /// SHA-1 thumbprint in hexadecimal digits, as Exchange Server shows it.
    thumbprint: Slot<Text>,
    /// Last day of its validity, `YYYY-MM-DD`.
    not_after: Slot<DateText>,
    /// PEM file of the certificate or public key that will follow: its TLSA record stands beside the current one.
    #[schemars(extend("examples" = ["next.pem"]))]
    next: Slot<PathText>,
}

impl<'de> ByShape<'de> for Certificate {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        if let Shape::Scalar(_) = shape {
            return Ok(Self {
                names: node.get()?,
                ..Self::default()
            });
        }
        let Long {
            names,
            issuer,
            file,
            thumbprint,
            not_after,
            next,
        } = node.get()?;
        Ok(Self {
            names,
            issuer,
            file,
            thumbprint,
            not_after,
            next,
        })
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for Certificate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CertificateOrName".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let short = generator.subschema_for::<Text>();
        let long = generator.subschema_for::<Long>();
        json_schema!({"anyOf": [short, long]})
    }
}
