//! How connectors name certificates: as the facts say, else by a look at the server before anything is changed.

use crate::platforms::exchange::object::Statement;
use crate::platforms::exchange_server::{CertificateRef, Configuration};
use crate::topology::ExchangeVersion;
use crate::writer::powershell::PsValue;
use std::collections::BTreeSet;

/// The certificates that the connectors of one organization refer to, in the order of their first use.
#[derive(Debug, Default)]
pub struct Certificates(Vec<CertificateRef>);

impl Certificates {
    /// What stands for a certificate in a connector.
    pub fn name(&mut self, certificate: &CertificateRef) -> PsValue {
        if let Some((issuer, subject)) = &certificate.issuer_and_subject {
            self.note(certificate);
            return PsValue::String(format!("<I>{issuer}<S>{subject}"));
        }
        PsValue::Variable(format!("tlsName{}", self.note(certificate)))
    }

    fn note(&mut self, certificate: &CertificateRef) -> usize {
        if let Some(index) = self.0.iter().position(|known| known == certificate) {
            return index + 1;
        }
        self.0.push(certificate.clone());
        self.0.len()
    }

    /// What looks up the names that nobody has told.
    pub fn lookups(&self) -> Vec<Statement> {
        let unknown = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, certificate)| certificate.issuer_and_subject.is_none());
        unknown
            .map(|(index, certificate)| Statement {
                into: Some(format!("tlsName{}", index + 1)),
                ..Statement::new("Get-TlsCertificateName", arguments(certificate))
            })
            .collect()
    }

    /// What makes sure that the others exist. Before 2013 a connector takes the certificate of its own name.
    pub fn checks(&self, configuration: &Configuration) -> Vec<Statement> {
        let known = self
            .0
            .iter()
            .filter(|certificate| certificate.issuer_and_subject.is_some());
        let mut wanted: Vec<Vec<PsValue>> = known.map(arguments).collect();
        if configuration.version < ExchangeVersion::V2013 {
            let encrypted = configuration
                .send
                .iter()
                .filter(|connector| connector.require_tls && !connector.by_wizard);
            let names: BTreeSet<&String> = encrypted
                .filter_map(|connector| connector.fqdn.as_ref())
                .collect();
            wanted.extend(
                names
                    .into_iter()
                    .map(|name| vec![name.as_str().into(), "".into()]),
            );
        }
        let check = |arguments| Statement {
            into: Some("certificate".to_owned()),
            ..Statement::new("Find-Certificate", arguments)
        };
        wanted.into_iter().map(check).collect()
    }
}

fn arguments(certificate: &CertificateRef) -> Vec<PsValue> {
    vec![
        certificate.name.as_str().into(),
        certificate.thumbprint.as_deref().unwrap_or_default().into(),
    ]
}
