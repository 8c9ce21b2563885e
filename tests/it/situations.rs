//! The table of situations in `docs/exchange-scripts.md` tells the truth: the examples are there, and their commands are
//! those that the situation is about.

use crate::golden::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A situation as the table has it, the script that shows it, and what a command there must hold.
const SITUATIONS: &[(&str, &str, &[&str])] = &[
    (
        "Exchange Online Protection in front of one's own servers",
        "01-eop-standalone/protection",
        &[
            "New-InboundConnector -Name 'protection from hq' -Enabled $true -ConnectorType 'OnPremises' -SenderDomains '*'",
            "-TlsSenderCertificateName",
            "New-OutboundConnector -Name 'protection to hq' -Enabled $true -ConnectorType 'OnPremises'",
            "Set-AcceptedDomain -Identity 'contoso.com'",
        ],
    ),
    (
        "Exchange Online Protection in front of one's own servers",
        "01-eop-standalone/hq",
        &[
            "New-SendConnector -Name 'hq to protection' -Usage 'Custom' -Enabled $true -AddressSpaces '*;1'",
            "New-ReceiveConnector",
        ],
    ),
    (
        "mailboxes in the cloud and on servers, without the hybrid wizard",
        "02-split-mailboxes/hq",
        &[
            "New-RemoteDomain",
            "New-SendConnector",
            "-CloudServicesMailEnabled $true",
        ],
    ),
    (
        "mailboxes in the cloud and on servers, without the hybrid wizard",
        "02-split-mailboxes/cloud",
        &[
            "New-OutboundConnector",
            "New-InboundConnector",
            "New-DkimSigningConfig",
        ],
    ),
    (
        "servers that send through the tenant beside the hybrid wizard",
        "21-hybrid-2013/hq",
        &[
            "New-SendConnector -Name 'hq to cloud' -Usage 'Custom' -Enabled $true -AddressSpaces '*;1'",
        ],
    ),
    (
        "Exchange 2010 or 2013 with Exchange Online Protection",
        "20-exchange-2013-eop/hq",
        &["New-SendConnector", "-TlsCertificateName $tlsName1"],
    ),
    (
        "Exchange 2010 or 2013 with Exchange Online, no wizard",
        "10-exchange-2010/hq",
        &[
            "New-SendConnector",
            "-Fqdn 'mail.contoso.com'",
            "-TlsAuthLevel 'DomainValidation'",
        ],
    ),
    (
        "Exchange 2007",
        "09-exchange-2007/hq",
        &["New-SendConnector", "-RequireTLS $true"],
    ),
    (
        "servers that are not Microsoft's",
        "22-other-server/cloud",
        &["New-InboundConnector", "-TreatMessagesAsInternal $true"],
    ),
    (
        "servers that are not Microsoft's",
        "07-postfix-and-cloud/cloud",
        &["New-OutboundConnector -Name 'cloud to mx' -Enabled $true -ConnectorType 'OnPremises'"],
    ),
    (
        "all mailboxes in the cloud, printers and applications",
        "04-devices/cloud",
        &[
            "New-InboundConnector -Name 'cloud from printers-hq' -Enabled $true -ConnectorType 'OnPremises' -SenderDomains '*'",
            "-SenderIPAddresses",
            "Set-OrganizationConfig -RejectDirectSend $false",
            "Set-CASMailbox",
        ],
    ),
    (
        "all mailboxes in the cloud, printers and applications",
        "18-device-certificate/cloud",
        &["-TlsSenderCertificateName 'shop.contoso.com'"],
    ),
    (
        "a partner with forced TLS in both directions",
        "05-partner-bank/cloud",
        &[
            "New-OutboundConnector -Name 'cloud to contosobank' -Enabled $true -ConnectorType 'Partner' -RecipientDomains 'contosobank.com'",
            "-TlsSettings 'DomainValidation'",
            "-SenderDomains 'contosobank.com' -RequireTls $true -RestrictDomainsToCertificate $true",
        ],
    ),
    (
        "a partner that may send from its addresses only",
        "05-partner-bank/cloud",
        &["-RestrictDomainsToIPAddresses $true -SenderIPAddresses"],
    ),
    (
        "a partner that may send from its addresses only",
        "25-journal-archive/cloud",
        &[
            "-SmartHosts 'smtp.archive.example'",
            "-RestrictDomainsToIPAddresses $true",
        ],
    ),
    (
        "a filter or archive in the cloud as partner",
        "08-gateway/cloud",
        &[
            "New-OutboundConnector -Name 'cloud to filter' -Enabled $true -ConnectorType 'Partner' -RecipientDomains '*'",
            "-RestrictDomainsToCertificate $true -TlsSenderCertificateName '*.filter.example'",
            "-EFSkipLastIP $true",
        ],
    ),
    (
        "one domain, many sites, chosen by a mail-flow rule",
        "12-conditional-routing/cloud",
        &[
            "-IsTransportRuleScoped $true",
            "-RecipientADAttributeContainsWords 'City:New Orleans' -RouteMessageOutboundConnector 'cloud to new-orleans by rule' -StopRuleProcessing $true",
        ],
    ),
    (
        "MX at Exchange Online, outgoing mail through one's own servers",
        "11-centralized-transport/cloud",
        &[
            "-RecipientDomains '*'",
            "-RouteAllMessagesViaOnPremises $true",
        ],
    ),
    (
        "MX at one's own servers",
        "13-mx-on-premises/cloud",
        &[
            "New-InboundConnector -Name 'cloud from hq only' -Enabled $true -ConnectorType 'Partner' -SenderDomains '*' -RequireTls $true -RestrictDomainsToCertificate $true",
        ],
    ),
    (
        "MX at one's own servers, outgoing mail through Exchange Online",
        "13-mx-on-premises/hq",
        &[
            "New-SendConnector -Name 'hq to cloud' -Usage 'Custom' -Enabled $true -AddressSpaces '*;1'",
        ],
    ),
    (
        "subdomains that only one's own servers know",
        "15-subdomains/cloud",
        &[
            "-DomainType 'InternalRelay' -MatchSubDomains $true",
            "-RecipientDomains @('lab.fabrikam.com', '*.lab.fabrikam.com')",
        ],
    ),
    (
        "MX at a third party, for incoming mail only or for both",
        "23-filter-in-only/cloud",
        &[
            "-RestrictDomainsToIPAddresses $true",
            "-EFSkipLastIP $true",
            "Set-ArcConfig",
        ],
    ),
    (
        "a filter, mailboxes in the cloud and on servers, a bank with forced TLS and scanners together",
        "26-filter-split-bank-scanners/cloud",
        &[
            "-RestrictDomainsToCertificate $true -TlsSenderCertificateName '*.filter.example'",
            "-RecipientDomains 'bank.example'",
            "-TlsSettings 'DomainValidation'",
            "New-InboundConnector -Name 'cloud from hq' -Enabled $true -ConnectorType 'OnPremises'",
        ],
    ),
    (
        "a filter, mailboxes in the cloud and on servers, a bank with forced TLS and scanners together",
        "26-filter-split-bank-scanners/hq",
        &["New-ReceiveConnector -Name 'hq from scanners'"],
    ),
    (
        "connectors that exist already",
        "24-existing-connectors/cloud",
        &["New-OutboundConnector -Name 'To own servers'"],
    ),
    (
        "a service that hands everything back, with a loop-break header",
        "16-loop-back-service/cloud",
        &[
            "-ExceptIfHeaderContainsMessageHeader 'X-Contoso-Signed'",
            "-SetHeaderName 'X-Contoso-Signed'",
        ],
    ),
];

/// Situations that no command shows, with what must stand in the example instead.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "the same after the hybrid wizard has run",
        "golden/06-hybrid-wizard/cloud/desired.psd1",
        "Match = @{ ConnectorSource = 'HybridWizard' }",
    ),
    (
        "Exchange 2010 or 2013 with Exchange Online, wizard",
        "golden/21-hybrid-2013/hq/desired.psd1",
        "Match = @{ AddressSpaces = 'contoso.mail.onmicrosoft.com' }",
    ),
    (
        "who reaches whom: a colleague on a server, one in the cloud, a customer",
        "examples/02-split-mailboxes/mailtopo.yaml",
        "from: john@contoso.com, to: bob@contoso.com, ends: delivered cloud",
    ),
    (
        "several connectors that overlap",
        "golden/03-three-connectors/findings.txt",
        "A001",
    ),
    (
        "moving the MX record",
        "golden/19-cut-over/RUNBOOK.md",
        "dns/stage-1",
    ),
];

fn read(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// The table: a situation, and the examples that show it.
fn table() -> BTreeMap<String, Vec<String>> {
    let text = read("docs/exchange-scripts.md");
    let (_, rest) = text
        .split_once("| situation | example |\n| --- | --- |\n")
        .expect("a table");
    let rows = rest.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let situation = cells.next().expect("a situation").to_owned();
        let examples = cells
            .next()
            .expect("examples")
            .split('`')
            .skip(1)
            .step_by(2);
        (situation, examples.map(str::to_owned).collect())
    })
    .collect()
}

/// The commands of a script, each on one line.
fn commands(script: &str) -> String {
    let text = read(&format!("golden/{script}/commands.ps1")).replace(" `\n", " ");
    text.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_situation_of_the_table_has_its_examples() {
    let table = table();
    assert!(table.len() > 20, "only {} situations", table.len());
    for (situation, examples) in &table {
        assert!(!examples.is_empty(), "{situation}: no example");
        for example in examples {
            assert!(
                root(&format!("examples/{example}/mailtopo.yaml")).is_file(),
                "{situation}: {example}"
            );
            assert!(
                root(&format!("golden/{example}/findings.txt")).is_file()
                    || root(&format!("golden/{example}/RUNBOOK.md")).is_file(),
                "{situation}: {example}"
            );
        }
    }
}

#[test]
fn every_situation_of_the_table_is_what_its_example_shows() {
    let table = table();
    let mut shown = BTreeSet::new();
    let scripts = SITUATIONS.iter().map(|(situation, script, wanted)| {
        (*situation, *script, commands(script), wanted.to_vec())
    });
    let files = ELSEWHERE
        .iter()
        .map(|(situation, file, wanted)| (*situation, *file, read(file), vec![*wanted]));
    for (situation, path, text, wanted) in scripts.chain(files) {
        let examples = table
            .get(situation)
            .unwrap_or_else(|| panic!("not in the table: {situation}"));
        assert!(
            examples
                .iter()
                .any(|example| path.contains(example.as_str())),
            "{situation}: {path} is not its example"
        );
        for piece in wanted {
            assert!(text.contains(piece), "{path}: no `{piece}`:\n{text}");
        }
        shown.insert(situation.to_owned());
    }
    let all: BTreeSet<String> = table.into_keys().collect();
    assert_eq!(shown, all, "each row of the table is looked at");
}
