//! Checks: everything that can be said against a spec, one file per check.
//!
//! The module comment of a check's file is its page: `explain` shows it, `docs/checks.md` collects all of them, and the
//! tests run the failing and the mended spec that stand in it. This module must not know how findings are shown, nor
//! how any file is written.

mod a;
mod d;
mod e;
mod g;
mod h;
mod i;
mod l;
mod n;
mod p;
mod r;
mod s;
mod t;
mod u;
mod v;
mod x;

mod ambiguity;
mod attribution;
mod certificates;
mod competing_routes;
mod filtering;
mod ignore;
mod lost_mail;
mod page;
mod ranges;
mod suppressed;
mod words;

use crate::finding::{Findings, Severity};
use crate::plan::Plan;
use crate::values::Date;
use crate::walk::{Extent, Flows, Model};
use suppressed::Causes;

/// A check.
#[derive(Debug)]
pub struct Check {
    /// A group letter and three digits; never given to another check.
    pub code: &'static str,
    /// The stable name beside the code.
    pub name: &'static str,
    /// How bad its findings are, unless the page says otherwise.
    pub severity: Severity,
    /// The file it is written in, which begins with its page.
    source: &'static str,
    run: Run,
}

/// Who looks.
#[derive(Debug)]
enum Run {
    /// Whatever reads the spec and resolves its names.
    Reading,
    /// Whatever derives routes and lowers them to the objects of each product.
    Deriving,
    /// This function.
    Plan(fn(&Plan, &mut Findings)),
    /// This function, which looks at what depends on a reading of the documents.
    Doubt(fn(&Flows<'_>, &mut Findings)),
    /// This function, which follows messages.
    Walk(fn(&Flows<'_>, &mut Findings)),
    /// Whatever applies `ignore`.
    Ignoring,
}

macro_rules! table {
    ($($group:ident :: $module:ident),* $(,)?) => {
        [$(&$group::$module::CHECK),*]
    };
}

/// Every check, by code.
pub const ALL: &[&Check] = &table![
    a::a001_accepted_domains_beside_wildcard,
    a::a002_apex_of_wildcard,
    a::a003_nested_wildcards,
    a::a004_equal_patterns,
    a::a006_cost_tie,
    a::a007_name_tie_break,
    a::a008_partner_in_own_wildcard,
    a::a009_wildcard_over_own_subdomain,
    a::a010_ip_range_partial_overlap,
    a::a011_inbound_double_match,
    a::a012_restrict_vs_allow_partner,
    a::a013_equal_mx_different_end,
    a::a015_reading_dependent_spec,
    d::d001_shadowed_route,
    d::d002_matches_nothing,
    d::d003_disabled_referenced,
    d::d004_scoped_without_rule,
    d::d005_partly_shadowed,
    e::e001_connector_name_too_long,
    e::e002_cidr_out_of_range,
    e::e003_smarthost_missing,
    e::e004_onpremises_only_flag_on_partner,
    e::e010_rule_names_unscoped_connector,
    e::e012_smart_host_unreachable,
    e::e013_cannot_be_written,
    e::e014_setting_not_on_this_tenant,
    e::e015_arc_sealer_by_hand,
    e::e016_trusted_behind_a_lock,
    g::g001_no_route_for_population,
    g::g002_accepted_but_no_mailbox,
    g::g003_population_without_accepted_domain,
    g::g004_mx_entry_cannot_forward,
    g::g005_one_direction_only,
    g::g006_dsn_cannot_return,
    g::g007_subdomain_hole,
    g::g008_internal_relay_without_onward,
    g::g010_backup_mx_gap,
    g::g011_missing_egress,
    g::g013_opaque_end,
    h::h001_hybrid_connector_misses_domain,
    h::h002_cloudservices_one_side,
    h::h003_cmt_without_onprem_egress,
    h::h004_cmt_forwarding_leak,
    h::h007_subdomain_match_needs_relay,
    i::i001_expectation_not_met,
    i::i002_ways_not_followed,
    l::l001_loop,
    l::l002_possible_loop,
    l::l003_mx_returns_to_sender,
    l::l004_cmt_marker_lost,
    l::l005_redirect_cycle,
    l::l006_routing_domain_not_routed,
    l::l007_missing_routing_alias,
    l::l008_authoritative_on_both_sides,
    l::l009_unknown_recipients_end,
    l::l011_unreachable_queue,
    l::l013_backscatter,
    n::n001_mx_host_is_cname,
    n::n004_mx_disagrees_with_intent,
    n::n007_record_over_cname,
    n::n017_fact_missing,
    n::n018_duplicate_text_record,
    n::n019_below_delegation,
    n::n020_host_without_address,
    p::p001_partner_asymmetric_tls,
    p::p002_partner_rejects_own_senders,
    p::p003_partner_also_accepted,
    p::p005_ip_and_cert_in_one,
    p::p006_nested_partners,
    r::r001_open_relay,
    r::r002_over_wide_ip_relay,
    r::r003_shared_ip_relay,
    r::r004_filter_bypass,
    r::r005_direct_send_exposed,
    r::r006_treat_as_internal,
    r::r007_internal_flag_from_outside,
    r::r008_onmicrosoft_locked_out,
    r::r009_restrict_without_list,
    r::r011_lockdown_shuts_out_internet,
    s::s001_unknown_reference,
    s::s002_duplicate_name,
    s::s003_invalid_domain,
    s::s004_non_canonical_name,
    s::s005_infix_wildcard,
    s::s006_wildcard_public_suffix,
    s::s007_unknown_key,
    s::s008_self_route,
    s::s009_count_mismatch,
    s::s010_recipient_in_two_locations,
    s::s011_duplicate_proxy,
    s::s012_unused_definition,
    s::s013_unused_suppression,
    s::s014_suppression_without_reason,
    s::s015_duplicate_key,
    s::s016_reserved_domain,
    s::s017_syntax,
    s::s018_wrong_type,
    s::s019_bad_value,
    s::s020_include,
    s::s021_encoding,
    s::s022_not_on_this_kind,
    t::t001_floor_below_demand,
    t::t002_demand_unsatisfiable,
    t::t003_cert_name_mismatch,
    t::t004_wildcard_depth,
    t::t005_self_signed_with_validation,
    t::t007_cert_attribution_name,
    t::t012_tls_inspection_between_hybrid,
    u::u001_egress_not_in_spf,
    u::u002_spf_too_many_lookups,
    u::u004_spf_multiple_records,
    u::u017_spf_syntax,
    v::v001_device_no_path,
    v::v002_direct_send_external,
    v::v003_device_sender_not_accepted,
    v::v004_device_ip_overlap,
    v::v005_private_source_ip,
    v::v006_device_tls_too_old,
    v::v007_smtp_auth_disabled,
    x::x009_unknown_transport,
    x::x010_unlisted_mailboxes,
    x::x011_tls_level_raised,
    x::x012_rule_not_expressible,
    x::x013_certificate_not_checked,
    x::x014_no_delivery_service,
    x::x015_catch_all_without_list,
];

/// Looks at a plan with every check that needs nothing else, and says how much was followed.
pub fn run_plan_checks(plan: &Plan, findings: &mut Findings) -> Extent {
    for check in ALL {
        if let Run::Plan(run) = check.run {
            run(plan, findings);
        }
    }
    let mut walked = Findings::default();
    let model = Model::of(plan);
    let flows = Flows::of(&model);
    for check in ALL {
        if let Run::Doubt(run) = check.run {
            run(&flows, findings);
        }
    }
    for check in ALL {
        if let Run::Walk(run) = check.run {
            run(&flows, &mut walked);
        }
    }
    let causes = Causes::of(plan, findings);
    walked.retain(|finding| !causes.explain(finding));
    findings.extend(walked.into_sorted());
    flows.extent()
}

/// Hides what the spec says is known and accepted, and says which of these entries are stale.
pub fn hide_ignored(plan: &Plan, today: Date, findings: &mut Findings) {
    ignore::apply(&plan.topology.ignores, today, findings);
}

/// The check with this code or name; case does not matter.
pub fn find(code_or_name: &str) -> Option<&'static Check> {
    ALL.iter().copied().find(|check| {
        check.code.eq_ignore_ascii_case(code_or_name)
            || check.name.eq_ignore_ascii_case(code_or_name)
    })
}

/// The code or name nearest to a word that is neither.
pub fn nearest(word: &str) -> Option<&'static str> {
    crate::finding::nearest(word, ALL.iter().flat_map(|check| [check.code, check.name]))
}

impl Check {
    /// Whether `ignore` can hide its findings: not where the spec itself could not be understood.
    fn can_be_ignored(&self) -> bool {
        match self.run {
            Run::Reading => self.severity != Severity::Error,
            Run::Ignoring => false,
            Run::Deriving | Run::Plan(_) | Run::Doubt(_) | Run::Walk(_) => true,
        }
    }
}

#[cfg(test)]
mod tests;
