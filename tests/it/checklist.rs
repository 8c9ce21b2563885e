//! `CHECKLIST.md` of a mail server that somebody else configures: everything that its administrators have to set.

use mailtopo::compile::{self, Input};
use mailtopo::testing::finding::Findings;
use mailtopo::testing::platforms::exchange::scripts::Form;
use std::collections::BTreeMap;

const SPEC: &str = r#"
version: 1
locations:
  mx:
    kind: postfix
    hosts: [mail.fabrikam.com]
    egress: [192.0.2.25]
    certificate: mail.fabrikam.com
    delivers_to: "lmtp:unix:private/dovecot-lmtp"
  legacy:
    kind: smtp
    hosts: [legacy.fabrikam.com]
    egress: [192.0.2.90]
    certificate: legacy.fabrikam.com
    auth: legacy-login
    recipient_delimiter: "-"
    max_message_size: 20MB
    sends: {via: mx}
domains:
  fabrikam.com: {mailboxes: {mx: rest, legacy: [anna@fabrikam.com, ben@fabrikam.com]}, mx: mx}
  shop.fabrikam.com: {mailboxes: legacy, mx: mx, subdomains: true}
"#;

/// The page with every run of blanks as one.
fn page() -> String {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: SPEC.as_bytes(),
        files: &BTreeMap::new(),
    };
    let checked = compile::plan(&input, None);
    let plan = checked.plan.expect("a plan");
    let (tree, refused) = mailtopo::testing::emit::emit(&plan, &Findings::default(), Form::Thin);
    assert!(refused.is_empty(), "{refused:?}");
    let (_, bytes) = tree
        .iter()
        .find(|(path, _)| *path == "legacy/CHECKLIST.md")
        .expect("a checklist");
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_administrators_of_a_foreign_server_are_told_all_of_it() {
    let page = page();
    for line in [
        "| `fabrikam.com` | no |",
        "| `shop.fabrikam.com` | yes |",
        "| `fabrikam.com` | 2, as the spec lists them |",
        "`mx` | `mail.fabrikam.com` | certificate for `mail.fabrikam.com` checked",
        "- [ ] Take mail at `legacy.fabrikam.com`.",
        "- [ ] Offer STARTTLS with a certificate for `legacy.fabrikam.com`.",
        "- [ ] Send from `192.0.2.90` only: our locations identify it by these.",
        "- [ ] Let our locations log in with the credential `legacy-login`.",
        "- [ ] Take messages of up to 20MB.",
        "- [ ] Separate address extensions by `-`.",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}
