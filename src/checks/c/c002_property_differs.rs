//! # C002 property-differs
//!
//! ## What a clean result proves
//!
//! Every object that the spec compiles to has exactly the properties that were compiled.
//!
//! ## Exact condition
//!
//! A property of an object has another value than was compiled, in a form in which the product tells them apart; or the export does not hold it whole. What stands in a comment is no difference. The finding names the properties whose effect on mail was not followed.
//!
//! ## Severity
//!
//! warning; note where the property chooses no path and refuses no mail; error where mail is certainly lost or ends worse because of it, as C004 says.
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
//! {"Kind": "OutboundConnector", "Name": "cloud to bank", "Properties": {"AllAcceptedDomains": false, "CloudServicesMailEnabled": true, "Comment": "[mailtopo:cloud] partners.bank", "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false, "RecipientDomains": ["bank.example"], "RouteAllMessagesViaOnPremises": false, "TestMode": false, "TlsDomain": "mail.bank.example", "TlsSettings": "DomainValidation", "UseMXRecord": true}},
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
