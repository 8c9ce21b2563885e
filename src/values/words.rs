//! Choices that a spec writes as one word. The reader, the schema and the topology share each of them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// What a location does with recipients of an accepted domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptedType {
    /// It knows them all, and rejects others.
    Authoritative,
    /// What has no mailbox there goes on inside the organization.
    InternalRelay,
    /// All of it goes on.
    ExternalRelay,
}

/// What receivers are asked to do with mail that fails.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DmarcPolicy {
    /// Nothing.
    #[default]
    None,
    /// Treat it with suspicion.
    Quarantine,
    /// Refuse it.
    Reject,
}

impl DmarcPolicy {
    /// The value of the tag.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// A format that zones are written in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DnsFormat {
    /// Zone files, RFC 1035.
    #[default]
    Bind,
    /// octoDNS.
    Octodns,
    /// `DNSControl`.
    Dnscontrol,
    /// Terraform.
    Terraform,
}

/// What `mail.tf` holds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Terraform {
    /// The records as data, which the resources of any provider can iterate over.
    #[default]
    Neutral,
    /// Resources of Amazon Route 53 over the same data.
    Route53,
    /// Resources of Cloudflare over the same data.
    Cloudflare,
}

/// A Microsoft cloud.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// The worldwide cloud.
    #[default]
    Worldwide,
    /// US Government, GCC High.
    GccHigh,
    /// US Department of Defense.
    Dod,
    /// Operated by 21Vianet.
    China,
}

impl Environment {
    /// What follows the tenant's name in its initial domain.
    pub const fn initial_suffix(self) -> &'static str {
        match self {
            Self::Worldwide => ".onmicrosoft.com",
            Self::GccHigh | Self::Dod => ".onmicrosoft.us",
            Self::China => ".partner.onmschina.cn",
        }
    }

    /// What follows a domain in its classic MX host.
    pub const fn mx_suffix(self) -> &'static str {
        match self {
            Self::Worldwide => ".mail.protection.outlook.com",
            Self::GccHigh | Self::Dod => ".mail.protection.office365.us",
            Self::China => ".mail.protection.partner.outlook.cn",
        }
    }

    /// The name on the certificate that every tenant shows.
    pub const fn certificate_name(self) -> &'static str {
        match self {
            Self::Worldwide => "mail.protection.outlook.com",
            Self::GccHigh | Self::Dod => "mail.protection.office365.us",
            Self::China => "mail.protection.partner.outlook.cn",
        }
    }

    /// Whether a name is that of an MX host of a domain with DNSSEC, which the provider assigns:
    /// <https://learn.microsoft.com/purview/how-smtp-dane-works>.
    pub fn is_signed_host(self, name: &str) -> bool {
        self == Self::Worldwide && name.ends_with(".mx.microsoft")
    }

    /// The name that the provider's SPF record stands under.
    pub const fn spf_include(self) -> &'static str {
        match self {
            Self::Worldwide => "spf.protection.outlook.com",
            Self::GccHigh | Self::Dod => "spf.protection.office365.us",
            Self::China => "spf.protection.partner.outlook.cn",
        }
    }
}

/// A version of Exchange Server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum ExchangeVersion {
    /// Exchange Server 2007.
    #[serde(rename = "2007")]
    V2007,
    /// Exchange Server 2010.
    #[serde(rename = "2010")]
    V2010,
    /// Exchange Server 2013.
    #[serde(rename = "2013")]
    V2013,
    /// Exchange Server 2016.
    #[serde(rename = "2016")]
    V2016,
    /// Exchange Server 2019.
    #[serde(rename = "2019")]
    V2019,
    /// Exchange Server Subscription Edition.
    #[serde(rename = "se")]
    Se,
}

impl JsonSchema for ExchangeVersion {
    fn schema_name() -> Cow<'static, str> {
        "ExchangeVersion".into()
    }

    /// A year reaches a validator as a number, with quotes as text.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Version of Exchange Server; `se` is the Subscription Edition.",
            "enum": [2007, 2010, 2013, 2016, 2019, "se", "2007", "2010", "2013", "2016", "2019"]
        })
    }
}

impl fmt::Display for ExchangeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V2007 => "2007",
            Self::V2010 => "2010",
            Self::V2013 => "2013",
            Self::V2016 => "2016",
            Self::V2019 => "2019",
            Self::Se => "SE",
        })
    }
}

/// Who issued a certificate.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// An authority that everybody trusts.
    #[default]
    Public,
    /// The organization's own authority.
    Private,
    /// Nobody else.
    SelfSigned,
}

/// A type of Postfix lookup table.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MapType {
    /// LMDB.
    #[default]
    Lmdb,
    /// Berkeley DB.
    Hash,
    /// Plain text, read into memory.
    Texthash,
}

impl MapType {
    /// The type as main.cf names it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Lmdb => "lmdb",
            Self::Hash => "hash",
            Self::Texthash => "texthash",
        }
    }
}

/// How a device hands its mail over.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// It may relay at `via`, known by its addresses or its certificate.
    #[default]
    Relay,
    /// It sends to the MX like an external sender.
    DirectSend,
    /// It logs on as a mailbox.
    ClientSubmission,
    /// It logs on as a high-volume account.
    HighVolume,
}

impl Method {
    /// Whether a device logs on by it, so that nobody asks where it connects from.
    pub const fn logs_on(self) -> bool {
        matches!(self, Self::ClientSubmission | Self::HighVolume)
    }

    /// The method as the spec spells it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::DirectSend => "direct-send",
            Self::ClientSubmission => "client-submission",
            Self::HighVolume => "high-volume",
        }
    }
}

/// How strictly MTA-STS is meant.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MtaStsMode {
    /// No policy.
    #[default]
    None,
    /// Failures are reported, mail is delivered.
    Testing,
    /// Mail is not delivered without verified TLS.
    Enforce,
}

impl MtaStsMode {
    /// The value in the policy.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Testing => "testing",
            Self::Enforce => "enforce",
        }
    }
}

/// Where the routes come from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Routing {
    /// Written routes are added to the derived ones and win over a derived one for the same pattern.
    #[default]
    Derived,
    /// Exactly the written routes exist: an existing system is checked as it is.
    Explicit,
}

/// Inside or outside the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// In the organization.
    Inside,
    /// Anywhere else.
    Outside,
}

/// SMTP AUTH in a tenant.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SmtpAuth {
    /// Off for the organization.
    #[default]
    Disabled,
    /// Off for the organization, on for single mailboxes.
    PerMailbox,
    /// On for the organization.
    Enabled,
}

/// What becomes of senders that SPF does not list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SpfAll {
    /// `-all`.
    #[default]
    Fail,
    /// `~all`.
    Softfail,
}

/// How exactly names must agree.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Alignment {
    /// The same organizational domain.
    #[default]
    Relaxed,
    /// The same name.
    Strict,
}
