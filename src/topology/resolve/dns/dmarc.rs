//! DMARC: of one domain, and the defaults for all.

use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::list;
use crate::topology::{Dmarc, DmarcDefaults};
use crate::values::shown;
use crate::values::{BadValue, MailUri};
use crate::yaml::{Form, List, Slot, UriText};

/// A DMARC record; what it leaves out is as the defaults say.
pub(in crate::topology::resolve) fn dmarc(
    written: &spec::Dmarc,
    defaults: Option<&DmarcDefaults>,
    scope: &mut Scope<'_>,
) -> Dmarc {
    let base = defaults.cloned().unwrap_or_default();
    let policy = |slot: &Slot<spec::DmarcPolicy>| slot.get().copied();
    let (dkim, spf) = match written.alignment.get() {
        None => (None, None),
        Some(Form::Short(both)) => (Some(*both), Some(*both)),
        Some(Form::Long(each)) => (each.dkim.get().copied(), each.spf.get().copied()),
    };
    Dmarc {
        policy: policy(&written.policy).unwrap_or(base.policy),
        subdomains: policy(&written.subdomains).or(base.subdomains),
        nonexistent: policy(&written.nonexistent).or(base.nonexistent),
        dkim_alignment: dkim.unwrap_or(base.dkim_alignment),
        spf_alignment: spf.unwrap_or(base.spf_alignment),
        rua: reports(&written.rua, base.rua, scope),
        ruf: reports(&written.ruf, base.ruf, scope),
        failure: if written.failure.is_written() {
            written
                .failure
                .values()
                .map(|failure| failure_tag(*failure).to_owned())
                .collect()
        } else {
            base.failure
        },
        suffix: match written.psd.get() {
            None => base.suffix,
            Some(psd) => Some(*psd == spec::Suffix::Y),
        },
        testing: written.testing.get().copied().unwrap_or(base.testing),
    }
}

pub(super) const fn failure_tag(failure: spec::Failure) -> &'static str {
    match failure {
        spec::Failure::All => "0",
        spec::Failure::Any => "1",
        spec::Failure::Dkim => "d",
        spec::Failure::Spf => "s",
    }
}

/// Reports about DMARC come as mail and in no other way (RFC 9990).
pub(super) fn reports(
    list: &List<UriText>,
    default: Vec<String>,
    scope: &mut Scope<'_>,
) -> Vec<String> {
    if !list.is_written() {
        return default;
    }
    let uris = list::inline(
        list,
        // What size a report may have readers pass over (RFC 9989), so that it is not written.
        |text| match MailUri::parse(MailUri::split_size(text).0)? {
            MailUri::Https { .. } => Err(BadValue::new(format!(
                "{} is no `mailto:` URI, and DMARC reports come as mail alone",
                shown(text)
            ))),
            uri @ MailUri::Mailto(_) => Ok(uri),
        },
        scope,
    );
    let uris = list::once(uris, "URI", scope.findings);
    uris.into_iter().map(|at| at.value.to_string()).collect()
}
