//! The tree of a script, copied out of the parser once so that walking it is cheap.

use std::ops::Range;

#[derive(Debug)]
struct Data {
    kind: String,
    field: Option<String>,
    is_named: bool,
    bytes: Range<usize>,
    children: Vec<usize>,
}

/// All nodes of a script; the first is the root.
#[derive(Debug)]
pub struct Arena(Vec<Data>);

/// A node.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    arena: &'t Arena,
    index: usize,
}

impl Arena {
    /// Copies a tree without its comments.
    pub fn new(tree: &tree_sitter::Tree) -> Self {
        let mut arena = Self(Vec::new());
        arena.copy(&mut tree.walk());
        arena
    }

    fn copy(&mut self, cursor: &mut tree_sitter::TreeCursor<'_>) -> usize {
        let node = cursor.node();
        let index = self.0.len();
        self.0.push(Data {
            kind: node.kind().to_owned(),
            field: cursor.field_name().map(str::to_owned),
            is_named: node.is_named(),
            bytes: node.byte_range(),
            children: Vec::new(),
        });
        if cursor.goto_first_child() {
            loop {
                if cursor.node().kind() != "comment" {
                    let child = self.copy(cursor);
                    self.0[index].children.push(child);
                }
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
            cursor.goto_parent();
        }
        // Every level of precedence is a node of its own, and most hold one thing.
        match self.0[index].children.as_slice() {
            &[only] if is_level(&self.0[index].kind) => only,
            _ => index,
        }
    }

    /// The whole script.
    pub const fn root(&self) -> Node<'_> {
        Node {
            arena: self,
            index: 0,
        }
    }
}

fn is_level(kind: &str) -> bool {
    let levels = [
        "logical",
        "bitwise",
        "comparison",
        "additive",
        "multiplicative",
        "format",
        "range",
        "array_literal",
        "unary",
        "argument",
        "logical_argument",
        "bitwise_argument",
        "comparison_argument",
        "additive_argument",
        "multiplicative_argument",
        "format_argument",
        "range_argument",
    ];
    kind.strip_suffix("_expression")
        .is_some_and(|level| levels.contains(&level))
}

impl<'t> Node<'t> {
    fn data(self) -> &'t Data {
        &self.arena.0[self.index]
    }

    pub fn kind(&self) -> &'t str {
        &self.data().kind
    }

    pub fn is_named(&self) -> bool {
        self.data().is_named
    }

    pub fn byte_range(&self) -> Range<usize> {
        self.data().bytes.clone()
    }

    /// The child in this role.
    pub fn child_by_field_name(&self, field: &str) -> Option<Self> {
        children(*self)
            .into_iter()
            .find(|child| child.data().field.as_deref() == Some(field))
    }
}

pub fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let arena = node.arena;
    node.data()
        .children
        .iter()
        .map(|&index| Node { arena, index })
        .collect()
}

pub fn named(node: Node<'_>) -> Vec<Node<'_>> {
    children(node).into_iter().filter(Node::is_named).collect()
}

/// The first child of this kind.
pub fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    children(node)
        .into_iter()
        .find(|child| child.kind() == kind)
}
