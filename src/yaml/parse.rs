//! Text to a span tree. The only file that knows the parser crate.
//!
//! Allowed is what a spec needs: one document, no tags, no directives, keys that are text, aliases within a budget. This
//! module must not know what the document means.

use crate::finding::{Code, Finding, Findings};
use crate::source::{FileId, Span};
use crate::yaml::keys;
use crate::yaml::tree::{Node, NodeId, NodeKind, YamlTree};
use foldhash::{HashMap, HashMapExt};
use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, StructureStyle};

/// Levels of nesting; a spec needs eight.
const DEPTH: usize = 64;
/// Nodes that aliases may stand for, all together.
const ALIAS_BUDGET: u64 = 100_000;
/// The largest file, so that places fit in 32 bits with room to spare.
const LARGEST: usize = 1 << 30;

/// Parses the text of a file. Mistakes that leave a tree to work with do not stop it; `None` means that there is none.
pub(super) fn parse<'t>(
    file: FileId,
    text: &'t str,
    findings: &mut Findings,
) -> Option<YamlTree<'t>> {
    if text.len() > LARGEST {
        findings.push(error(
            Span::whole(file),
            "the file is larger than 1 GiB",
            None,
        ));
        return None;
    }
    let mut builder = Builder {
        tree: YamlTree {
            file,
            text,
            owned: String::new(),
            nodes: Vec::with_capacity(text.len() / 16),
        },
        open: Vec::new(),
        anchors: HashMap::new(),
        expanded: 0,
        documents: 0,
        findings,
    };
    builder.run()?;
    let tree = builder.tree;
    if tree.nodes.is_empty() || tree.plain(0) == Some("") {
        findings.push(error(
            Span::whole(file),
            "the file is empty",
            Some("a spec starts with `version: 1`"),
        ));
        return None;
    }
    Some(tree)
}

fn error(span: Span, message: impl Into<String>, help: Option<&str>) -> Finding {
    let finding = Finding::error(Code::S017, message).at(span, "");
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// A list or mapping that has begun.
struct Open {
    node: NodeId,
    anchor: usize,
    /// Elements, or keys and values, so far.
    children: u32,
    /// Nodes in it, aliases counted as what they stand for.
    size: u64,
    /// Levels below it.
    height: usize,
    flow: bool,
    /// Where its last child ends: the parser's own end of a block runs into what follows.
    end: u32,
}

/// What an alias stands for.
struct Anchor {
    node: NodeId,
    size: u64,
    height: usize,
}

struct Builder<'t, 'f> {
    tree: YamlTree<'t>,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    expanded: u64,
    documents: u32,
    findings: &'f mut Findings,
}

impl<'t> Builder<'t, '_> {
    fn run(&mut self) -> Option<()> {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.emit_unresolved_aliases = true;
        options.disallow_directives = true;
        options.flow_nesting_limit = DEPTH;
        options.block_nesting_limit = DEPTH;
        for event in Parser::new_from_str_with_options(self.tree.text, options) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    self.syntax(&error);
                    return None;
                }
            };
            let span = self.span(&span);
            self.event(event, span)?;
        }
        Some(())
    }

    fn event(&mut self, event: Event<'t>, span: Span) -> Option<()> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return self.stop(
                        span,
                        "a second document starts here: a spec is one document",
                        "remove the line `---`, or put what follows into a file of its own and name it in `include`",
                    );
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(span, tag.as_deref());
                self.scalar(&text, style, anchor, span);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_tag(span, tag.as_deref());
                self.begin(NodeKind::List, style, anchor, span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_tag(span, tag.as_deref());
                self.begin(NodeKind::Mapping, style, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(name) => {
                return self.stop(
                    span,
                    format!("the alias `*{name}` stands for nothing: no anchor `&{name}` comes before it"),
                    "write the value itself, or put text that begins with `*` in quotes",
                );
            }
            _ => {}
        }
        Some(())
    }

    fn stop(&mut self, span: Span, message: impl Into<String>, help: &str) -> Option<()> {
        self.findings.push(error(span, message, Some(help)));
        None
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, span: Span) {
        let plain = matches!(style, ScalarStyle::Plain);
        // The parser writes `~` where nothing stands.
        let nothing = plain && span.start == span.end;
        let text = if nothing { "" } else { text };
        let (kind, range) = match self.borrowed(text) {
            Some(start) if plain => (NodeKind::Plain, start..start + text.len()),
            Some(start) => (NodeKind::Quoted, start..start + text.len()),
            None => {
                let start = self.tree.owned.len();
                self.tree.owned.push_str(text);
                let kind = if plain {
                    NodeKind::OwnedPlain
                } else {
                    NodeKind::OwnedQuoted
                };
                (kind, start..self.tree.owned.len())
            }
        };
        let mut span = span;
        if nothing {
            // The key is the place to point at.
            span = self.key_before().unwrap_or(span);
        }
        let node = self.push(kind, span, offset(range.start), offset(range.end));
        self.anchor(anchor, node, 1, 0);
        self.child(1, 0, span.end);
    }

    /// The key that the next node is the value of.
    fn key_before(&self) -> Option<Span> {
        let open = self.open.last()?;
        let is_value =
            self.tree.node(open.node).kind == NodeKind::Mapping && open.children % 2 == 1;
        let key = NodeId::try_from(self.tree.nodes.len())
            .ok()?
            .checked_sub(1)?;
        is_value.then(|| self.tree.span(key))
    }

    /// Where a scalar stands in the text of the file, if it stands there as it is.
    fn borrowed(&self, text: &str) -> Option<usize> {
        let start = (text.as_ptr() as usize).checked_sub(self.tree.text.as_ptr() as usize)?;
        (self.tree.text.get(start..start + text.len()) == Some(text)).then_some(start)
    }

    fn begin(
        &mut self,
        kind: NodeKind,
        style: StructureStyle,
        anchor: usize,
        span: Span,
    ) -> Option<()> {
        if self.open.len() >= DEPTH {
            return self.too_deep(span);
        }
        let node = self.push(kind, span, 0, 0);
        self.open.push(Open {
            node,
            anchor,
            children: 0,
            size: 1,
            height: 1,
            flow: matches!(style, StructureStyle::Flow),
            end: span.start,
        });
        Some(())
    }

    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let behind = offset(self.tree.nodes.len());
        let first = self
            .tree
            .nodes
            .get(open.node as usize + 1)
            .map(|node| node.start);
        if let Some(node) = self.tree.nodes.get_mut(open.node as usize) {
            let is_mapping = node.kind == NodeKind::Mapping;
            node.a = if is_mapping {
                open.children / 2
            } else {
                open.children
            };
            node.b = behind;
            if open.flow {
                node.end = span.end;
            } else {
                if is_mapping {
                    node.start = first.unwrap_or(node.start);
                }
                node.end = open.end.max(node.start);
            }
        }
        let end = self.tree.node(open.node).end;
        self.anchor(open.anchor, open.node, open.size, open.height);
        if self.tree.node(open.node).kind == NodeKind::Mapping {
            keys::check(&mut self.tree, open.node, self.findings);
        }
        self.child(open.size, open.height, end);
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Option<()> {
        let Some(&Anchor { node, size, height }) = self.anchors.get(&anchor) else {
            return self.stop(
                span,
                "an alias stands inside the value that it stands for",
                "write the value itself",
            );
        };
        self.expanded = self.expanded.saturating_add(size);
        if self.expanded > ALIAS_BUDGET {
            return self.stop(
                span,
                format!("aliases stand for more than {ALIAS_BUDGET} values"),
                "write the values themselves, or put a long list into a file",
            );
        }
        if self.open.len() + height > DEPTH {
            return self.too_deep(span);
        }
        self.push(NodeKind::Alias, span, node, 0);
        self.child(size, height, span.end);
        Some(())
    }

    fn too_deep(&mut self, span: Span) -> Option<()> {
        self.stop(
            span,
            format!("values are nested more than {DEPTH} levels deep"),
            "look for a bracket that is never closed",
        )
    }

    fn push(&mut self, kind: NodeKind, span: Span, a: u32, b: u32) -> NodeId {
        let id = offset(self.tree.nodes.len());
        self.tree.nodes.push(Node {
            kind,
            refused: false,
            start: span.start,
            end: span.end,
            a,
            b,
        });
        id
    }

    fn anchor(&mut self, anchor: usize, node: NodeId, size: u64, height: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { node, size, height });
        }
    }

    /// Tells the list or mapping around it about a node that is complete.
    fn child(&mut self, size: u64, height: usize, end: u32) {
        if let Some(open) = self.open.last_mut() {
            open.children += 1;
            open.size = open.size.saturating_add(size);
            open.height = open.height.max(height + 1);
            open.end = open.end.max(end);
        }
    }

    fn refuse_tag(&mut self, span: Span, tag: Option<&granit_parser::Tag>) {
        if let Some(tag) = tag {
            self.findings.push(error(
                span,
                format!("the tag `{}` is not allowed: a spec is plain data", tag.original()),
                Some("remove the tag; put a number that is meant as text in quotes, and text that begins with `!` too"),
            ));
        }
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or(0..0);
        Span::new(self.tree.file, offset(range.start), offset(range.end))
    }

    fn syntax(&mut self, error_at: &ScanError) {
        let at = error_at.marker().byte_offset().unwrap_or(0);
        let at = offset(at.min(self.tree.text.len()));
        let (message, help) = explain(error_at);
        let place = Span::new(self.tree.file, at, at);
        self.findings.push(error(place, message, help));
    }
}

/// Offsets fit, because no larger file is parsed.
fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn explain(scan: &ScanError) -> (String, Option<&'static str>) {
    match scan.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => (
            "a tab stands where YAML wants spaces".to_owned(),
            Some("indent with spaces"),
        ),
        ErrorKind::RecursionLimitExceeded => (
            format!("values are nested more than {DEPTH} levels deep"),
            Some("look for a bracket that is never closed"),
        ),
        ErrorKind::DirectiveDisallowed => (
            "a line that begins with `%` is a directive, and a spec has none".to_owned(),
            Some("remove the line"),
        ),
        ErrorKind::UnclosedFlowCollection { open } => (
            format!("the bracket `{open}` is never closed"),
            Some("close it, or put text that begins with a bracket in quotes"),
        ),
        ErrorKind::UnclosedQuotedScalar => (
            "a quote is never closed".to_owned(),
            Some("close it with the same quote"),
        ),
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => (
            format!(
                "the control character U+{:04X} stands here, and a spec is text that can be seen",
                u32::from(*character)
            ),
            Some("remove it; quotes do not help"),
        ),
        ErrorKind::UnexpectedCharacter { character } => (
            format!("text cannot begin with `{}`", character.escape_debug()),
            Some("put it in quotes"),
        ),
        ErrorKind::MissingAnchorOrAliasName => (
            "`*` or `&` begins an alias or an anchor, and no name follows".to_owned(),
            Some("put text that begins with `*` or `&` in quotes: `\"*.contoso.com\"`"),
        ),
        _ => (format!("this is not YAML: {}", scan.info()), None),
    }
}
