//! The span tree: what a document holds, and where.
//!
//! Nodes lie in one vector in the order of the document, so that a tree costs 20 bytes a node whatever its shape, and
//! text stays in the file it came from. This module must not know how a file is parsed.

use crate::source::{FileId, Span};

/// Place of a node in its tree.
pub(super) type NodeId = u32;

/// The document of one file.
#[derive(Debug)]
pub(super) struct YamlTree<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    /// Scalars that do not stand in the text as they are: escapes, folded lines.
    pub(super) owned: String,
    pub(super) nodes: Vec<Node>,
}

/// One node; `a` and `b` depend on its kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// A key that was complained about: what it leads to is not read.
    pub(super) refused: bool,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) a: u32,
    pub(super) b: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// Text `a..b` of the file, written without quotes.
    Plain,
    /// Text `a..b` of the file, written in quotes or as a block.
    Quoted,
    /// Text `a..b` of `owned`, written without quotes.
    OwnedPlain,
    /// Text `a..b` of `owned`, written in quotes or as a block.
    OwnedQuoted,
    /// `a` elements, up to node `b`.
    List,
    /// `a` entries, up to node `b`: keys and values in turn.
    Mapping,
    /// Stands for node `a`.
    Alias,
}

impl YamlTree<'_> {
    /// The node, or the one its alias stands for.
    pub(super) fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id) {
            Node {
                kind: NodeKind::Alias,
                a,
                ..
            } => a,
            _ => id,
        }
    }

    /// The node itself.
    pub(super) fn node(&self, id: NodeId) -> Node {
        // Every id comes from this tree; an empty scalar stands in for one that does not.
        self.nodes.get(id as usize).copied().unwrap_or(Node {
            kind: NodeKind::Plain,
            refused: false,
            start: 0,
            end: 0,
            a: 0,
            b: 0,
        })
    }

    /// The node behind this one and everything in it.
    pub(super) fn after(&self, id: NodeId) -> NodeId {
        match self.node(id) {
            Node {
                kind: NodeKind::List | NodeKind::Mapping,
                b,
                ..
            } => b,
            _ => id + 1,
        }
    }

    /// Where the node stands; for an alias, where the alias does.
    pub(super) fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span::new(self.file, node.start, node.end)
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self, id: NodeId) -> Option<&str> {
        let node = self.node(self.resolve(id));
        let range = node.a as usize..node.b as usize;
        match node.kind {
            NodeKind::Plain | NodeKind::Quoted => self.text.get(range),
            NodeKind::OwnedPlain | NodeKind::OwnedQuoted => self.owned.get(range),
            NodeKind::List | NodeKind::Mapping | NodeKind::Alias => None,
        }
    }

    /// The text of a scalar that stands without quotes.
    pub(super) fn plain(&self, id: NodeId) -> Option<&str> {
        match self.node(self.resolve(id)).kind {
            NodeKind::Plain | NodeKind::OwnedPlain => self.scalar(id),
            _ => None,
        }
    }
}
