//! What may differ, and why.

/// The property, the check that speaks, a part of what it says, and the reason.
const EXEMPT: &[(&str, &str, &str, &str)] = &[
    (
        "rename",
        "S001 ",
        "\"help\":",
        "which name is the nearest to a misspelt one is a matter of its letters",
    ),
    (
        "rename",
        "E001 ",
        " characters where ",
        "the length of a name is what this check is about",
    ),
    (
        "rename",
        "E013 ",
        "",
        "a place with the name of a device is no such place under another name",
    ),
    (
        "relabel",
        "S019 ",
        " is no name of a tenant",
        "the name is read as the tenant's, whose label is not that of a domain",
    ),
    (
        "parked",
        "S001 ",
        "\"help\":",
        "it lists what could have been meant, and the domain and its zone are among that",
    ),
    (
        "split",
        "S019 ",
        "",
        "`accepted-domains` beside other patterns is a mistake that splitting the route mends",
    ),
    (
        "split",
        "D001 ",
        "",
        "it speaks of whole routes: a half that is never chosen is seen only when it is a route of its own",
    ),
    (
        "split",
        "D002 ",
        "",
        "it speaks of whole routes: a half that no mail comes for is seen only when it is a route of its own",
    ),
    (
        "split",
        "A006 ",
        "",
        "it speaks once of two routes and of all that they have in common, which halves have each for themselves",
    ),
];

pub(crate) fn is_exempt(property: &str, line: &str) -> bool {
    EXEMPT.iter().any(|(of, check, part, _)| {
        *of == property && line.starts_with(check) && line.contains(part)
    })
}
