//! # C003 object-unknown
//!
//! ## What a clean result proves
//!
//! No connector, accepted domain or mail-flow rule exists that the spec does not have.
//!
//! ## Exact condition
//!
//! An export holds a connector, an accepted domain or a mail-flow rule of a name that the spec does not compile to. Receive connectors for all addresses, which every server has from the start, are none.
//!
//! ## Severity
//!
//! note; warning where mail of the spec takes it, where it gives its clients rights, and for a rule, whose effect is not followed; error where mail is certainly lost or ends worse because of it, as C004 says.
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
//! {"Kind": "OutboundConnector", "Name": "cloud to bank", "Properties": {"AllAcceptedDomains": false, "CloudServicesMailEnabled": false, "Comment": "[mailtopo:cloud] partners.bank", "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false, "RecipientDomains": ["bank.example"], "RouteAllMessagesViaOnPremises": false, "TestMode": false, "TlsDomain": "mail.bank.example", "TlsSettings": "DomainValidation", "UseMXRecord": true}},
//! {"Kind": "AcceptedDomain", "Name": "contoso.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}},
//! {"Kind": "OrganizationConfig", "Name": "OrganizationConfig", "Properties": {"RejectDirectSend": true}},
//! {"Kind": "InboundConnector", "Name": "Test scanner", "Properties": {"ConnectorType": "OnPremises", "Enabled": true, "SenderDomains": ["smtp:*;1"], "SenderIPAddresses": ["203.0.113.99"]}}
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
