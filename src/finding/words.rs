//! Names inside messages.

/// As many names as a sentence can hold.
const SHOWN: usize = 5;

/// The names in backticks, with "and" before the last; of a long list only the first few and how many more there are.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    listed_up_to(SHOWN, names)
}

/// The same for a list of which more is to be seen, such as what has to be written.
pub(crate) fn listed_up_to<'a>(most: usize, names: impl IntoIterator<Item = &'a str>) -> String {
    let mut quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.len() > most {
        let more = quoted.len() - (most - 1);
        quoted.truncate(most - 1);
        quoted.push(format!("{more} more"));
    }
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A name as it is written in the spec: a star without quotes begins an alias.
pub(crate) fn as_written(name: &str) -> String {
    let quote = if name.starts_with('*') { "\"" } else { "" };
    format!("{quote}{name}{quote}")
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn a_list_reads_like_a_sentence_and_never_grows_long() {
        assert_eq!(listed([]), "");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(
            listed(["a", "b", "c", "d", "e"]),
            "`a`, `b`, `c`, `d` and `e`"
        );
        assert_eq!(
            listed(["a", "b", "c", "d", "e", "f"]),
            "`a`, `b`, `c`, `d` and 2 more"
        );
    }
}
