//! HTML pages that show a value as text, whatever stands in it, and that need nothing but themselves.
//!
//! A page holds no script, or one of mailtopo's own, and its policy lets the browser load nothing and run nothing else. Rules: the HTML standard on
//! text and attribute values (<https://html.spec.whatwg.org/multipage/syntax.html#text-content>).

use crate::values::{Piece, pieces};
use crate::writer::shown;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// A piece of a page. Text gets into it by being escaped alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Html(String);

impl Html {
    /// Running text. A page is read and never run, so what cannot be seen is spelled out in place of being refused.
    pub(crate) fn text(text: &str) -> Self {
        let mut out = String::with_capacity(text.len() + 8);
        for c in shown(text).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
        Self(out)
    }

    /// A value in fixed width. One that is read from right to left keeps to itself.
    pub(crate) fn code(value: &str) -> Self {
        Self(format!("<code><bdi>{}</bdi></code>", Self::text(value).0))
    }

    /// A sentence in which what stands between backticks is code.
    pub(crate) fn prose(prose: &str) -> Self {
        let pieces = pieces(prose).into_iter();
        let written = pieces.map(|piece| match piece {
            Piece::Words(words) => Self::text(words).0,
            Piece::Name(name) => Self::code(name).0,
        });
        Self(written.collect())
    }

    /// Several pieces, a comma between them.
    pub(crate) fn list(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(pieces, ", ")
    }

    /// Several pieces, each on a line of its own.
    pub(crate) fn lines(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(pieces, "<br>")
    }

    fn joined(pieces: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.0).collect();
        Self(pieces.join(between))
    }

    /// Adds a heading; the page has one of the first level.
    pub(crate) fn heading(&mut self, level: u8, text: &str) {
        let level = level.clamp(1, 6);
        let _ = writeln!(self.0, "<h{level}>{}</h{level}>", Self::text(text).0);
    }

    /// Adds a paragraph.
    pub(crate) fn paragraph(&mut self, piece: &Self) {
        let _ = writeln!(self.0, "<p>{}</p>", piece.0);
    }

    /// Adds a picture that the writer of SVG made.
    pub(crate) fn picture(&mut self, svg: &str) {
        self.0.push_str(svg);
    }

    /// Adds markup of mailtopo's own.
    pub(crate) fn raw(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// Adds data in JSON, and the script that reads it. Nothing in the data can end its element.
    pub(crate) fn script(&mut self, data: &str, script: &'static str) {
        let data = data.replace('<', "\\u003c");
        let _ = write!(
            self.0,
            "<script type=\"application/json\" id=\"data\">{data}</script>\n<script>{script}</script>\n"
        );
    }

    /// The piece as it stands in a page, or in a picture.
    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Adds a table whose columns have these names and widths in percent: with given widths no value, however long, makes
    /// it wider than the page; without any the browser decides. The first cell of a row is its heading. Short rows are filled up with empty cells.
    pub(crate) fn table(&mut self, header: &[(&str, u8)], rows: &[Vec<Self>]) {
        self.0.push_str("<table>\n");
        if header.iter().any(|(_, width)| *width > 0) {
            self.0.push_str("<colgroup>");
            for (_, width) in header {
                let _ = write!(self.0, "<col style=\"width: {width}%\">");
            }
            self.0.push_str("</colgroup>\n");
        }
        self.0.push_str("<thead><tr>");
        for (name, _) in header {
            let _ = write!(self.0, "<th scope=\"col\">{}</th>", Self::text(name).0);
        }
        self.0.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.0.push_str("<tr>");
            for at in 0..header.len() {
                let cell = row.get(at).map_or("", |cell| cell.0.as_str());
                let _ = match at {
                    0 => write!(self.0, "<th scope=\"row\">{cell}</th>"),
                    _ => write!(self.0, "<td>{cell}</td>"),
                };
            }
            self.0.push_str("</tr>\n");
        }
        self.0.push_str("</tbody>\n</table>\n");
    }

    /// The whole page with this body; `style` is a style sheet of mailtopo's own.
    pub(crate) fn page(&self, title: &str, style: &'static str) -> String {
        self.page_under(
            title,
            style,
            "default-src 'none'; style-src 'unsafe-inline'",
        )
    }

    /// The same where the browser may run this script and nothing else.
    pub(crate) fn page_with_script(
        &self,
        title: &str,
        style: &'static str,
        script: &'static str,
    ) -> String {
        let digest = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
        // The style element begins with a line break.
        let policy = format!(
            "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'",
            digest(&format!("\n{style}")),
            digest(script)
        );
        self.page_under(title, style, &policy)
    }

    fn page_under(&self, title: &str, style: &'static str, policy: &str) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
            Self::text(title).0,
            self.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Html, Piece, pieces};
    use crate::writer::{any_text, shown};
    use proptest::prelude::*;

    /// What a browser shows of text without elements.
    fn show(written: &str) -> Option<String> {
        if written.contains(['<', '>', '"', '\'']) {
            return None;
        }
        let mut out = String::new();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once('&') {
            out.push_str(before);
            let (name, after) = after.split_once(';')?;
            out.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "#39" => '\'',
                _ => return None,
            });
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }

    #[test]
    fn hostile_text_stays_text() {
        for (value, expected) in [
            ("</title><script>", "&lt;/title&gt;&lt;script&gt;"),
            ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
            ("&lt;", "&amp;lt;"),
            ("a\u{202e}b", "a&lt;U+202E&gt;b"),
            ("a\n<b>", "a&lt;U+000A&gt;&lt;b&gt;"),
        ] {
            assert_eq!(Html::text(value).0, expected);
        }
        assert_eq!(
            Html::prose("run `a<b` & go").0,
            "run <code><bdi>a&lt;b</bdi></code> &amp; go"
        );
        assert_eq!(Html::prose("an odd ` <i>").0, "an odd ` &lt;i&gt;");
    }

    #[test]
    fn a_page_has_our_elements_alone() {
        let mut body = Html::default();
        body.heading(1, "<h>");
        body.paragraph(&Html::list([Html::text("<p>"), Html::code("`<c>`")]));
        body.table(
            &[("<x>", 60), ("y", 40)],
            &[vec![Html::lines([Html::text("<d>"), Html::text("e")])]],
        );
        let page = body.page("</title>", "");
        for part in [
            "<title>&lt;/title&gt;</title>",
            "<h1>&lt;h&gt;</h1>",
            "<p>&lt;p&gt;, <code><bdi>`&lt;c&gt;`</bdi></code></p>",
            "<th scope=\"col\">&lt;x&gt;</th>",
            "<tr><th scope=\"row\">&lt;d&gt;<br>e</th><td></td></tr>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    proptest! {
        #[test]
        fn text_shows_as_itself_or_spelled_out(value in any_text()) {
            prop_assert_eq!(show(&Html::text(&value).0), Some(shown(&value)));
        }

        #[test]
        fn prose_has_no_elements_but_code(value in "[<>&'\"`a ]{0,12}") {
            let mut written = Html::prose(&value).0;
            for ours in ["<code><bdi>", "</bdi></code>"] {
                written = written.replace(ours, "");
            }
            let plain = pieces(&value).into_iter().map(|piece| match piece { Piece::Words(text) | Piece::Name(text) => text }).collect();
            prop_assert_eq!(show(&written), Some(plain));
        }
    }
}
