//! The keys of a mapping: text, each once, and none that merges.

use crate::finding::{Code, Finding, Findings};
use crate::values::shown;
use crate::yaml::tree::{Node, NodeId, YamlTree};
use foldhash::HashMap;

/// Complains about the keys of a mapping and marks those whose values are not to be read.
pub(super) fn check(tree: &mut YamlTree<'_>, mapping: NodeId, findings: &mut Findings) {
    let mut refused = Vec::new();
    let mut seen = Seen::default();
    for key in keys(tree, mapping) {
        let fault = match tree.scalar(key) {
            None => Finding::error(Code::S017, "a key is text, not a list or a mapping")
                .help("put text that begins with `{` or `[` in quotes"),
            Some("") if tree.plain(key).is_some() => {
                Finding::error(Code::S017, "a key is missing before `:`")
                    .help("write a key, or remove the line")
            }
            Some("<<") => Finding::error(
                Code::S007,
                "unknown key `<<`: the language does not merge mappings",
            )
            .help("write the keys here, or give a whole value by an alias: `key: *name`"),
            Some(name) => {
                if seen.is_again(name, key) {
                    refused.push(key);
                }
                continue;
            }
        };
        refused.push(key);
        findings.push(fault.at(tree.span(key), ""));
    }
    findings.extend(
        seen.again
            .iter()
            .map(|(name, keys)| duplicate(tree, name, keys)),
    );
    for key in refused {
        if let Some(node) = tree.nodes.get_mut(key as usize) {
            node.refused = true;
        }
    }
}

fn keys<'t>(tree: &'t YamlTree<'_>, mapping: NodeId) -> impl Iterator<Item = NodeId> + 't {
    let Node { b: behind, .. } = tree.node(mapping);
    let mut next = mapping + 1;
    std::iter::from_fn(move || {
        let key = next;
        (key < behind).then(|| {
            next = tree.after(tree.after(key));
            key
        })
    })
}

/// Mappings as people write them; beyond that a table of the names is worth its cost.
const FEW: usize = 12;

#[derive(Default)]
struct Seen<'t> {
    few: Vec<(&'t str, NodeId)>,
    many: HashMap<&'t str, NodeId>,
    /// Names that stand more than once, with all their places, in the order of the second one.
    again: Vec<(&'t str, Vec<NodeId>)>,
}

impl<'t> Seen<'t> {
    fn is_again(&mut self, name: &'t str, key: NodeId) -> bool {
        let Some(first) = self.first(name, key) else {
            return false;
        };
        match self.again.iter_mut().find(|(known, _)| *known == name) {
            Some((_, keys)) => keys.push(key),
            None => self.again.push((name, vec![first, key])),
        }
        true
    }

    /// Where the name stood before; remembers it where it did not.
    fn first(&mut self, name: &'t str, key: NodeId) -> Option<NodeId> {
        if self.many.is_empty() {
            if let Some((_, first)) = self.few.iter().find(|(known, _)| *known == name) {
                return Some(*first);
            }
            if self.few.len() < FEW {
                self.few.push((name, key));
                return None;
            }
            self.many.extend(self.few.drain(..));
        }
        let first = *self.many.entry(name).or_insert(key);
        (first != key).then_some(first)
    }
}

fn duplicate(tree: &YamlTree<'_>, name: &str, keys: &[NodeId]) -> Finding {
    let times = match keys.len() {
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    };
    let mut finding = Finding::error(
        Code::S015,
        format!("the key {} stands here {times}", shown(name)),
    );
    // The first one is read, so the others are where it happened.
    for &key in keys.iter().skip(1) {
        finding = finding.at(tree.span(key), "again here");
    }
    if let Some(&first) = keys.first() {
        finding = finding.at(tree.span(first), "first here");
    }
    finding.help("keep one of them, or merge what they say")
}
