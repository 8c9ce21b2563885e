//! The nodes of a document with their places, for edits that leave everything else as it stands.

use crate::finding::Findings;
use crate::source::FileId;
use crate::yaml::parse;
use crate::yaml::tree::{NodeId, NodeKind, YamlTree};

/// A parsed text.
pub(crate) struct Outline<'t> {
    tree: YamlTree<'t>,
}

/// A node of an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot(NodeId);

/// What holds a node: a mapping with the key that leads to it, or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The mapping, the key and its value.
    Mapping(Spot, Spot, Spot),
    /// The list and the item.
    List(Spot, Spot),
}

impl<'t> Outline<'t> {
    /// The outline of a text; nothing where it is no document.
    pub(crate) fn of(text: &'t str) -> Option<Self> {
        let mut findings = Findings::default();
        let tree = parse::parse(FileId::default(), text, &mut findings)?;
        Some(Self { tree })
    }

    /// The whole document.
    pub(crate) fn root(&self) -> Spot {
        Spot(0)
    }

    /// Where a node begins and ends, in bytes.
    pub(crate) fn range(&self, spot: Spot) -> (usize, usize) {
        let span = self.tree.span(spot.0);
        (span.start as usize, span.end as usize)
    }

    /// The text of a scalar; none for an alias, whose text stands elsewhere.
    pub(crate) fn scalar(&self, spot: Spot) -> Option<&str> {
        let is_alias = self.tree.node(spot.0).kind == NodeKind::Alias;
        self.tree.scalar(spot.0).filter(|_| !is_alias)
    }

    /// The keys and values of a mapping; none for anything else.
    pub(crate) fn entries(&self, spot: Spot) -> Option<Vec<(Spot, Spot)>> {
        let node = self.tree.node(spot.0);
        let mut next = spot.0 + 1;
        (node.kind == NodeKind::Mapping).then(|| {
            (0..node.a)
                .map(|_| {
                    let key = next;
                    let value = self.tree.after(key);
                    next = self.tree.after(value);
                    (Spot(key), Spot(value))
                })
                .collect()
        })
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self, spot: Spot) -> Option<Vec<Spot>> {
        let node = self.tree.node(spot.0);
        let mut next = spot.0 + 1;
        (node.kind == NodeKind::List).then(|| {
            (0..node.a)
                .map(|_| {
                    let item = next;
                    next = self.tree.after(item);
                    Spot(item)
                })
                .collect()
        })
    }

    /// The key and the value of an entry.
    pub(crate) fn entry(&self, mapping: Spot, key: &str) -> Option<(Spot, Spot)> {
        let mut entries = self.entries(mapping)?.into_iter();
        entries.find(|(known, _)| self.scalar(*known) == Some(key))
    }

    /// What holds the node with this range, from the nearest to the farthest; a key counts as its entry.
    pub(crate) fn holders(&self, range: (usize, usize)) -> Vec<Holder> {
        let mut found = Vec::new();
        self.search(self.root(), range, &mut found);
        found
    }

    fn search(&self, at: Spot, range: (usize, usize), found: &mut Vec<Holder>) -> bool {
        for (key, value) in self.entries(at).into_iter().flatten() {
            let is_here = self.range(key) == range || self.range(value) == range;
            if is_here || self.search(value, range, found) {
                found.push(Holder::Mapping(at, key, value));
                return true;
            }
        }
        for item in self.items(at).into_iter().flatten() {
            if self.range(item) == range || self.search(item, range, found) {
                found.push(Holder::List(at, item));
                return true;
            }
        }
        false
    }
}
