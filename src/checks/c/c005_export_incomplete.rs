//! # C005 export-incomplete
//!
//! ## What a clean result proves
//!
//! The exports hold everything that could be compared.
//!
//! ## Exact condition
//!
//! A kind that the spec has objects of is not in the export: its account could not read it, or the file is of other kinds; or the right of Receive connectors to relay is not in it.
//!
//! ## Severity
//!
//! warning: what is not exported is taken as compiled, and may differ.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dkim: [], dns: none}
//! partners:
//!   bank: {domains: [bank.example], tls: {inbound: opportunistic, outbound: verified}, certificate: mail.bank.example}
//! ```
//!
//! `drift` compares it with this export of `cloud`:
//!
//! ```json file=cloud.json
//! {"Format": 1, "What": "state", "Whole": true, "Product": "online", "Location": "cloud", "Unread": ["OrganizationConfig"], "Objects": [
//! {"Kind": "OutboundConnector", "Name": "cloud to bank", "Properties": {"AllAcceptedDomains": false, "CloudServicesMailEnabled": false, "Comment": "[mailtopo:cloud] partners.bank", "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false, "RecipientDomains": ["bank.example"], "RouteAllMessagesViaOnPremises": false, "TestMode": false, "TlsDomain": "mail.bank.example", "TlsSettings": "DomainValidation", "UseMXRecord": true}},
//! {"Kind": "AcceptedDomain", "Name": "contoso.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}}
//! ]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dkim: [], dns: none}
//! partners:
//!   bank: {domains: [bank.example], tls: {inbound: opportunistic, outbound: verified}, certificate: mail.bank.example}
//! ```
//!
//! ```json file=cloud.json
//! {"Format": 1, "What": "state", "Whole": true, "Product": "online", "Location": "cloud", "Unread": [], "Objects": [
//! {"Kind": "OutboundConnector", "Name": "cloud to bank", "Properties": {"AllAcceptedDomains": false, "CloudServicesMailEnabled": false, "Comment": "[mailtopo:cloud] partners.bank", "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false, "RecipientDomains": ["bank.example"], "RouteAllMessagesViaOnPremises": false, "TestMode": false, "TlsDomain": "mail.bank.example", "TlsSettings": "DomainValidation", "UseMXRecord": true}},
//! {"Kind": "AcceptedDomain", "Name": "contoso.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}},
//! {"Kind": "OrganizationConfig", "Name": "OrganizationConfig", "Properties": {"RejectDirectSend": true}}
//! ]}
//! ```
//!
//! ## Sources
//!
//! - What `Get-OutboundConnector` shows: <https://learn.microsoft.com/powershell/module/exchangepowershell/get-outboundconnector>
//! - How connectors decide: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Comparing;
