//! Pages of checks: the module comment of a check's file, taken apart at its headings.

use crate::checks::Check;

impl Check {
    /// The whole page, in Markdown.
    pub fn page(&self) -> String {
        let mut page = String::new();
        for line in self.source.lines() {
            let Some(text) = line.strip_prefix("//!") else {
                break;
            };
            page.push_str(text.strip_prefix(' ').unwrap_or(text));
            page.push('\n');
        }
        page
    }

    /// What stands under a heading of the page, where it has that heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        let page = self.page();
        let mut lines = page
            .lines()
            .skip_while(|line| line.strip_prefix("## ") != Some(heading));
        lines.next()?;
        let body: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
        Some(body.join("\n").trim().to_owned())
    }

    /// What a clean result proves, in one paragraph.
    pub fn proves(&self) -> String {
        let section = self
            .section("What a clean result proves")
            .unwrap_or_default();
        section.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
