//! Resources of `Microsoft365DSC` and Microsoft Graph that are no objects of the cmdlets that are read: each is one value.

use crate::draft::Verdict;

/// The verdict on a resource that is no object of these cmdlets.
pub(super) fn verdict(kind: &str, property: &str) -> (Verdict, &'static str) {
    let lower = kind.to_lowercase();
    let of_graph = lower.strip_prefix("microsoft.");
    let of_exchange = lower
        .strip_prefix("exo")
        .or_else(|| of_graph?.strip_prefix("exchange."));
    let is_of_others = of_graph.is_some() || OTHERS.iter().any(|prefix| lower.starts_with(prefix));
    match of_exchange {
        _ if property == "Ensure" => (Verdict::NoEffect, "says that it does not exist"),
        Some(bare) if RECIPIENTS.contains(&bare) => (
            Verdict::NoEffect,
            "recipients and their settings are not read",
        ),
        Some(bare) if NO_PATH.contains(&bare) => (Verdict::NoEffect, "chooses no path"),
        None if is_of_others && !lower.contains("dlp") => {
            (Verdict::NoEffect, "belongs to another service")
        }
        _ => (
            Verdict::NotUnderstood,
            "no table knows what it is, and it may move or refuse mail",
        ),
    }
}

/// What the resources of other services begin with. Rules against the loss of data are among them, and stop mail, too.
const OTHERS: [&str; 17] = [
    "aad", "ado", "azure", "commerce", "defender", "fabric", "intune", "m365dsc", "o365", "od",
    "planner", "pp", "sc", "sentinel", "sh", "spo", "teams",
];

/// Recipients, and what they are allowed.
const RECIPIENTS: [&str; 26] = [
    "calendarprocessing",
    "casmailboxplan",
    "casmailboxsettings",
    "distributiongroup",
    "dynamicdistributiongroup",
    "emailaddresspolicy",
    "groupsettings",
    "mailboxauditbypassassociation",
    "mailboxautoreplyconfiguration",
    "mailboxcalendarconfiguration",
    "mailboxcalendarfolder",
    "mailboxfolderpermission",
    "mailboxirmaccess",
    "mailboxpermission",
    "mailboxplan",
    "mailboxsettings",
    "mailcontact",
    "managementrole",
    "managementroleassignment",
    "managementroleentry",
    "managementscope",
    "place",
    "recipientpermission",
    "roleassignmentpolicy",
    "rolegroup",
    "sharedmailbox",
];

/// Settings of clients, address books, filters for spam and archives.
const NO_PATH: [&str; 52] = [
    "activesyncdeviceaccessrule",
    "activesyncmailboxpolicy",
    "addressbookpolicy",
    "addresslist",
    "antiphishpolicy",
    "antiphishrule",
    "applicationaccesspolicy",
    "atpbuiltinprotectionrule",
    "atppolicyforo365",
    "atpprotectionpolicyrule",
    "authenticationpolicy",
    "authenticationpolicyassignment",
    "availabilityaddressspace",
    "availabilityconfig",
    "clientaccessrule",
    "dataclassification",
    "dataencryptionpolicy",
    "eopprotectionpolicyrule",
    "externalinoutlook",
    "globaladdresslist",
    "hostedcontentfilterpolicy",
    "hostedcontentfilterrule",
    "intraorganizationconnector",
    "irmconfiguration",
    "mailtips",
    "malwarefilterpolicy",
    "malwarefilterrule",
    "messageclassification",
    "migration",
    "migrationendpoint",
    "mobiledevicemailboxpolicy",
    "offlineaddressbook",
    "omeconfiguration",
    "onpremisesorganization",
    "organizationrelationship",
    "owamailboxpolicy",
    "partnerapplication",
    "perimeterconfiguration",
    "policytipconfig",
    "quarantinepolicy",
    "reportsubmissionpolicy",
    "reportsubmissionrule",
    "resourceconfiguration",
    "retentionpolicy",
    "retentionpolicytag",
    "safeattachmentpolicy",
    "safeattachmentrule",
    "safelinkspolicy",
    "safelinksrule",
    "serviceprincipal",
    "sharingpolicy",
    "teamsprotectionpolicy",
];
