//! The ledger of readings: where the vendors' documents leave two answers.
//!
//! None of these was measured; each entry says what would make it irrelevant. A result that needs one of them is
//! *possible* and names it, and what is emitted by default needs none. This module must not know who asks.
//!
//! An id is never given twice. R7 asked whether a partner connector that restricts wins over one that goes by the sender's
//! name; the vendor's article has decided it since June 2019: "The restrict connector will take precedence, as partner
//! connectors are pulled up by IP or certificate lookup"
//! (<https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow>,
//! <https://github.com/MicrosoftDocs/OfficeDocs-Exchange/pull/1041>).

/// A reading that a result rests on: its id and the alternative taken.
pub(crate) type Assumption = (&'static str, &'static str);

/// A question that the documents leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its stable id.
    pub id: &'static str,
    /// The question.
    pub question: &'static str,
    /// The possible answers: a word and what it means.
    pub alternatives: &'static [(&'static str, &'static str)],
    /// What makes the question irrelevant.
    pub neutralised_by: Option<&'static str>,
    /// Where the documents leave it open.
    pub source: &'static str,
}

/// The entry with this id.
pub fn reading(id: &str) -> Option<&'static Reading> {
    READINGS.iter().find(|reading| reading.id == id)
}

const ROUTE_MAIL: &str = "https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail";
const OUTBOUND: &str =
    "https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector";

/// All readings.
pub const READINGS: [Reading; 10] = [
    Reading {
        id: "R1",
        question: "which connector of Exchange Online takes an accepted domain that a wildcard covers too?",
        alternatives: &[
            (
                "list",
                "the documented list: exact, all accepted domains, wildcard",
            ),
            (
                "example",
                "the documented example: exact, wildcard, all accepted domains",
            ),
        ],
        neutralised_by: Some("an exact entry for every accepted domain below a wildcard"),
        source: ROUTE_MAIL,
    },
    Reading {
        id: "R2",
        question: "does `*.contoso.com` on an outbound connector cover `contoso.com` itself?",
        alternatives: &[
            ("excluded", "the parameter text: all subdomains"),
            (
                "included",
                "the first example of the same page: the domain and all subdomains",
            ),
        ],
        neutralised_by: Some("entries for both the domain and its subdomains"),
        source: OUTBOUND,
    },
    Reading {
        id: "R3",
        question: "which of two nested wildcards wins in Exchange Online?",
        alternatives: &[
            ("longest", "the most specific connector possible"),
            ("undefined", "nothing says so for two wildcards"),
        ],
        neutralised_by: Some(
            "nested wildcards that lead to the same location, or names in their stead",
        ),
        source: ROUTE_MAIL,
    },
    Reading {
        id: "R4",
        question: "which of two connectors with the same pattern wins in Exchange Online?",
        alternatives: &[("any", "either may be used")],
        neutralised_by: Some("one connector with two smart hosts"),
        source: ROUTE_MAIL,
    },
    Reading {
        id: "R5",
        question: "what does a connector for all accepted domains and for `*` take?",
        alternatives: &[("union", "both"), ("everything", "all mail, as reported")],
        neutralised_by: Some("never both on one connector"),
        source: "https://github.com/MicrosoftDocs/office-docs-powershell/issues/8739",
    },
    Reading {
        id: "R6",
        question: "does forwarded mail make the detour of centralized transport?",
        alternatives: &[
            ("detour", "the text: all mail"),
            ("direct", "reported: it leaves directly"),
        ],
        neutralised_by: None,
        source: "https://github.com/MicrosoftDocs/OfficeDocs-Exchange/issues/799",
    },
    Reading {
        id: "R8",
        question: "is an unnamed subdomain that a tenant takes (MatchSubDomains) one of its accepted domains?",
        alternatives: &[
            ("accepted", "for connectors too"),
            (
                "listed-only",
                "connectors know only the names that are listed",
            ),
        ],
        neutralised_by: Some("an entry for the subdomains on the connector"),
        source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/enable-mail-flow-for-subdomains",
    },
    Reading {
        id: "R9",
        question: "how deep does `*.contoso.com` reach in Exchange Online?",
        alternatives: &[
            ("any-depth", "every name below"),
            ("one-label", "one label, as in certificates"),
        ],
        neutralised_by: Some("entries for the deeper names that are known"),
        source: OUTBOUND,
    },
    Reading {
        id: "R10",
        question: "does a connector that a rule chooses win over centralized transport?",
        alternatives: &[
            ("rule", "the rule wins"),
            ("centralized", "centralized transport wins"),
        ],
        neutralised_by: Some("rules and centralized transport that lead to the same location"),
        source: "https://learn.microsoft.com/powershell/module/exchange/new-transportrule",
    },
    Reading {
        id: "R11",
        question: "does centralized transport spare mail that a connector alone tells to be ours?",
        alternatives: &[
            (
                "attributed",
                "the vendor's explanation: what is attributed to the tenant is not sent back",
            ),
            (
                "headers",
                "reported: without cross-premises headers it is sent back",
            ),
        ],
        neutralised_by: Some("a public certificate, and cross-premises headers at both ends"),
        source: "https://techcommunity.microsoft.com/blog/exchange/demystifying-centralized-mail-transport-and-criteria-based-routing/2927777",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_is_in_order_and_every_entry_offers_a_way_out() {
        let decided = ["R7"];
        let ids = (1..).map(|number| format!("R{number}"));
        let open = ids.filter(|id| !decided.contains(&id.as_str()));
        for (id, entry) in open.zip(&READINGS) {
            assert_eq!(entry.id, id);
            assert!(!entry.alternatives.is_empty() && entry.source.starts_with("https://"));
            assert_eq!(reading(entry.id), Some(entry));
        }
        assert_eq!((reading("R7"), reading("R12")), (None, None));
    }
}
