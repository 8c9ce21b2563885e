//! What cannot be said to Postfix.

use crate::platforms::postfix::fixture::{address, at, fabrikam, plan};
use crate::platforms::postfix::tests::{codes, complete};
use crate::topology::{DeliversTo, Holds, LocationKind, Postfix};
use crate::values::Pattern;

#[test]
fn what_postfix_cannot_know_or_say_is_an_error() {
    let mut counted = complete();
    counted.domains[0].holders[1].holds = Holds::Count(7);
    assert!(codes(counted).contains(&"X010"));

    let mut homeless = fabrikam();
    homeless.locations[1].kind = LocationKind::Postfix(Postfix::default());
    assert!(codes(homeless).contains(&"X014"));

    let mut unknown = fabrikam();
    unknown.locations[1].kind = LocationKind::Postfix(Postfix {
        delivers_to: vec![DeliversTo {
            pattern: Pattern::Any,
            service: at("lntp:unix:private/dovecot-lmtp".to_owned()),
        }],
        ..Postfix::default()
    });
    let (_, findings) = plan(unknown);
    let finding = findings
        .iter()
        .find(|finding| finding.check == "X009")
        .expect("an unknown service");
    assert!(
        finding
            .help
            .as_deref()
            .is_some_and(|help| help.contains("`lmtp`")),
        "{finding:?}"
    );

    let mut nameless = fabrikam();
    nameless.partners[0].certificate = None;
    nameless.partners[0].hosts = vec![at(
        crate::values::Host::parse("203.0.113.9").expect("a host")
    )];
    assert!(codes(nameless).contains(&"T002"));

    let mut swallowing = fabrikam();
    swallowing.domains[1].catch_all = Some(at(address("a@lab.fabrikam.com")));
    assert!(codes(swallowing).contains(&"X015"));
}
