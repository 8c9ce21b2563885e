//! Keys that only some kinds of locations know.

use crate::finding::{Code, Finding, Object};
use crate::platforms::product::that_know;
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::{Scope, listed};

/// A key on a kind that does not know it would be ignored, so it is refused.
pub(super) fn refuse_foreign_keys(
    name: &At<String>,
    kind: spec::Kind,
    written: &spec::Location,
    scope: &mut Scope<'_>,
) {
    for (key, span) in keys(written) {
        let Some(span) = span else {
            continue;
        };
        if !kind.keys.contains(&key) {
            let known = that_know(key);
            let words: Vec<&str> = known.iter().map(|product| product.word).collect();
            scope.findings.push(
                Finding::error(
                    Code::S022,
                    format!("`{}` is `{}`, which has no `{key}`", name.value, kind.word),
                )
                .at(span, "")
                .help(format!("leave it out: this key is for {}", listed(&words)))
                .on(Object::Location(name.value.clone())),
            );
        }
    }
}

/// Every key that only some kinds know, and where it is written.
pub(super) fn keys(written: &spec::Location) -> [(&'static str, Option<Span>); 35] {
    [
        ("tenant", written.tenant.span()),
        ("primary_domain", written.primary_domain.span()),
        ("environment", written.environment.span()),
        ("hybrid_wizard", written.hybrid_wizard.span()),
        (
            "centralized_transport",
            written.centralized_transport.span(),
        ),
        ("reject_direct_send", written.reject_direct_send.span()),
        ("smtp_auth", written.smtp_auth.span()),
        ("version", written.version.span()),
        ("servers", written.servers.span),
        ("edge", written.edge.span()),
        ("hosts", written.hosts.span),
        ("smart_hosts", written.smart_hosts.span),
        ("egress", written.egress.span()),
        ("certificate", written.certificate.span()),
        ("client_certificate", written.client_certificate.span()),
        ("routing_domain", written.routing_domain.span()),
        ("delivers_to", written.delivers_to.span()),
        ("map_type", written.map_type.span()),
        ("trusted_networks", written.trusted_networks.span()),
        ("transports", written.transports.span),
        ("forwards", written.forwards.span),
        ("modifies_body", written.modifies_body.span()),
        ("rewrites_sender", written.rewrites_sender.span()),
        ("mailing_lists", written.mailing_lists.span()),
        ("rewrites_author", written.rewrites_author.span()),
        ("bounce_domain", written.bounce_domain.span()),
        ("arc_seal", written.arc_seal.span()),
        ("trusted", written.trusted.span()),
        ("shared", written.shared.span()),
        ("spf", written.spf.span()),
        ("helo", written.helo.span()),
        ("accept_only_from", written.accept_only_from.span),
        ("outgoing_step", written.outgoing_step.span()),
        ("clients", written.clients.span()),
        ("recipient_delimiter", written.recipient_delimiter.span()),
    ]
}
