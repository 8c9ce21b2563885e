//! Pages for people: the tables below each heading, and what stands in backticks.

/// The rows of the table below a heading that starts so; the head of the table is left out.
pub(crate) fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let start = format!("## {heading}");
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&start))
        .skip(1);
    let mut rows = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.starts_with("## ")) {
        let Some(row) = line.trim().strip_prefix('|') else {
            continue;
        };
        let row = row.strip_suffix('|').unwrap_or(row);
        rows.push(
            row.split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect(),
        );
    }
    // The head and the line below it.
    rows.drain(..rows.len().min(2));
    rows
}

/// What stands between backticks, without blocks of code.
pub(crate) fn quoted(text: &str) -> Vec<String> {
    let mut is_code = false;
    let prose = text.lines().filter(|line| {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            return false;
        }
        !is_code
    });
    prose
        .flat_map(|line| {
            line.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}
