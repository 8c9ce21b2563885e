//! SVG pictures whose text stays text, and that need nothing but themselves.
//!
//! Every number is a whole one, so that a picture has the same bytes everywhere. Rules:
//! <https://www.w3.org/TR/SVG2/struct.html>

use crate::writer::html::Html;
use std::fmt::Write as _;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rect {
    /// Its left edge.
    pub x: i32,
    /// Its upper edge.
    pub y: i32,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
}

impl Rect {
    /// The right edge.
    pub(crate) const fn right(&self) -> i32 {
        self.x + self.width
    }

    /// The lower edge.
    pub(crate) const fn bottom(&self) -> i32 {
        self.y + self.height
    }

    /// The middle from top to bottom.
    pub(crate) const fn middle(&self) -> i32 {
        self.y + self.height / 2
    }
}

/// What is drawn, in the order in which it covers what was drawn before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Svg(String);

impl Svg {
    /// A rectangle, with round corners of this radius; without a line where it only covers what lies below it.
    pub(crate) fn rect(&mut self, at: &Rect, radius: i32, has_line: bool) {
        let line = if has_line { " stroke=\"#111\"" } else { "" };
        let _ = writeln!(
            self.0,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{radius}\" fill=\"#fff\"{line}/>",
            at.x, at.y, at.width, at.height
        );
    }

    /// A line along a path of absolute commands, drawn as `style` says.
    pub(crate) fn path(&mut self, path: &str, color: &'static str, style: &'static str) {
        let space = if style.is_empty() { "" } else { " " };
        let _ = writeln!(
            self.0,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\"{space}{style}/>"
        );
    }

    /// The head of an arrow that points to the right or to the left.
    pub(crate) fn head(&mut self, x: i32, y: i32, to_right: bool, color: &'static str) {
        let back = if to_right { x - 9 } else { x + 9 };
        let _ = writeln!(
            self.0,
            "<path d=\"M{x} {y}L{back} {}L{back} {}Z\" fill=\"{color}\"/>",
            y - 4,
            y + 4
        );
    }

    /// Begins a part that a page can find: the one of this kind with this number.
    pub(crate) fn open(&mut self, kind: &'static str, number: usize) {
        let _ = writeln!(self.0, "<g id=\"{kind}-{number}\">");
    }

    /// Ends the part that was begun.
    pub(crate) fn close(&mut self) {
        self.0.push_str("</g>\n");
    }

    /// A line of text around a middle.
    pub(crate) fn text(&mut self, x: i32, y: i32, text: &str) {
        let _ = writeln!(
            self.0,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" unicode-bidi=\"isolate\">{}</text>",
            Html::text(text).into_string()
        );
    }

    /// Numbers in a corner, on red. Who does not see them reads the table that they belong to.
    pub(crate) fn badge(&mut self, right: i32, y: i32, text: &str) {
        let width = 8 + 7 * i32::try_from(text.chars().count()).unwrap_or_default();
        let _ = writeln!(
            self.0,
            "<g aria-hidden=\"true\"><rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"16\" rx=\"8\" fill=\"#b00020\"/>\n<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#fff\">{}</text></g>",
            right - width,
            y - 8,
            right - width / 2,
            y + 4,
            Html::text(text).into_string()
        );
    }

    /// The whole picture: its size, its name for those who do not see it, and what was drawn.
    pub(crate) fn picture(&self, width: i32, height: i32, title: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"Arial, sans-serif\" font-size=\"12\">\n<title>{}</title>\n{}</svg>\n",
            Html::text(title).into_string(),
            self.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Svg;

    #[test]
    fn hostile_text_stays_text() {
        let mut svg = Svg::default();
        svg.text(1, 2, "</text><script>\u{202e}&\"");
        let picture = svg.picture(10, 20, "</title><b>");
        assert!(picture.contains(">&lt;/text&gt;&lt;script&gt;&lt;U+202E&gt;&amp;&quot;</text>"));
        assert!(picture.contains("<title>&lt;/title&gt;&lt;b&gt;</title>"));
    }
}
