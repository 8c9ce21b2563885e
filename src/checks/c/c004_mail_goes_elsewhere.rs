//! # C004 mail-goes-elsewhere
//!
//! ## What a clean result proves
//!
//! All mail takes the same path through the objects that exist as through those that were compiled.
//!
//! ## Exact condition
//!
//! A message ends, or is protected, otherwise once the live objects stand in place of those of the plan, from the same sender to the same recipient. The objects that are the cause are named, each with a finding of its own.
//!
//! ## Severity
//!
//! error where mail is certainly lost or worse; warning for every other change of its path.
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
//! {"Format": 1, "What": "state", "Whole": true, "Product": "online", "Location": "cloud", "Unread": [], "Objects": [
//! {"Kind": "OutboundConnector", "Name": "cloud to bank", "Properties": {"AllAcceptedDomains": false, "CloudServicesMailEnabled": false, "Comment": "[mailtopo:cloud] partners.bank", "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false, "RecipientDomains": ["bank.example"], "RouteAllMessagesViaOnPremises": false, "TestMode": false, "TlsSettings": "EncryptionOnly", "UseMXRecord": true}},
//! {"Kind": "AcceptedDomain", "Name": "contoso.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}},
//! {"Kind": "OrganizationConfig", "Name": "OrganizationConfig", "Properties": {"RejectDirectSend": true}}
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
