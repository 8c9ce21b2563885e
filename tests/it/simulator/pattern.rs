//! Regular expressions, as far as the frames use them: characters, `.`, classes, groups, `|`, `*`, `+`, `^` and `$`.

#[derive(Debug)]
enum Node {
    Char(char),
    Any,
    Class(Vec<(char, char)>, bool),
    Start,
    End,
    Group(Option<usize>, Vec<Vec<Node>>),
    Repeat(Box<Node>, usize),
}

/// A pattern, read.
pub struct Pattern {
    alternatives: Vec<Vec<Node>>,
    groups: usize,
}

/// Where it matched, and each group.
pub type Found = Vec<Option<(usize, usize)>>;

impl Pattern {
    pub fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut reader = Reader {
            chars: &chars,
            at: 0,
            groups: 0,
        };
        let alternatives = reader.alternatives();
        assert_eq!(reader.at, chars.len(), "not interpreted: {text}");
        Self {
            alternatives,
            groups: reader.groups,
        }
    }

    /// The first match at or behind `from`. Case does not matter.
    pub fn find(&self, text: &[char], from: usize) -> Option<Found> {
        let is_anchored = |nodes: &Vec<Node>| matches!(nodes.first(), Some(Node::Start));
        let last = if self.alternatives.iter().all(is_anchored) {
            0
        } else {
            text.len()
        };
        let mut found = vec![None; self.groups + 1];
        (from..=last).find_map(|start| {
            let mut end = None;
            let hit = self.alternatives.iter().any(|nodes| {
                may_start(nodes, text, start)
                    && sequence(nodes, text, start, &mut found, &mut |at, _| {
                        end = Some(at);
                        true
                    })
            });
            hit.then(|| {
                found[0] = end.map(|end| (start, end));
                found.clone()
            })
        })
    }
}

/// A quick look at the first character.
fn may_start(nodes: &[Node], text: &[char], start: usize) -> bool {
    match nodes.first() {
        Some(Node::Char(c)) => text
            .get(start)
            .is_some_and(|own| own.eq_ignore_ascii_case(c)),
        _ => true,
    }
}

type Then<'a> = &'a mut dyn FnMut(usize, &mut Found) -> bool;

fn sequence(nodes: &[Node], text: &[char], at: usize, found: &mut Found, then: Then<'_>) -> bool {
    let Some((first, rest)) = nodes.split_first() else {
        return then(at, found);
    };
    one(first, text, at, found, &mut |at, found| {
        sequence(rest, text, at, found, then)
    })
}

fn one(node: &Node, text: &[char], at: usize, found: &mut Found, then: Then<'_>) -> bool {
    let single = |fits: bool| fits.then_some(at + 1);
    let next = match node {
        Node::Start => (at == 0).then_some(at),
        Node::End => (at == text.len()).then_some(at),
        Node::Any => single(at < text.len()),
        Node::Char(c) => single(text.get(at).is_some_and(|x| x.eq_ignore_ascii_case(c))),
        Node::Class(ranges, negated) => single(text.get(at).is_some_and(|x| {
            let within = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
            (within(x.to_ascii_lowercase()) || within(x.to_ascii_uppercase())) != *negated
        })),
        Node::Group(index, alternatives) => {
            return alternatives.iter().any(|nodes| {
                sequence(nodes, text, at, found, &mut |end, found| {
                    let before = index.map(|index| found[index]);
                    if let Some(index) = index {
                        found[*index] = Some((at, end));
                    }
                    if then(end, found) {
                        return true;
                    }
                    if let (Some(index), Some(before)) = (index, before) {
                        found[*index] = before;
                    }
                    false
                })
            });
        }
        Node::Repeat(inner, least) => return repeat(inner, *least, text, at, found, then),
    };
    next.is_some_and(|at| then(at, found))
}

/// As often as it fits, then less and less.
fn repeat(
    inner: &Node,
    least: usize,
    text: &[char],
    at: usize,
    found: &mut Found,
    then: Then<'_>,
) -> bool {
    let more = one(inner, text, at, found, &mut |end, found| {
        end > at && repeat(inner, least.saturating_sub(1), text, end, found, then)
    });
    more || (least == 0 && then(at, found))
}

struct Reader<'c> {
    chars: &'c [char],
    at: usize,
    groups: usize,
}

impl Reader<'_> {
    fn alternatives(&mut self) -> Vec<Vec<Node>> {
        let mut all = vec![Vec::new()];
        while let Some(&c) = self.chars.get(self.at) {
            match c {
                ')' => break,
                '|' => {
                    self.at += 1;
                    all.push(Vec::new());
                }
                _ => {
                    let node = self.quantified();
                    all.last_mut().expect("has one").push(node);
                }
            }
        }
        all
    }

    fn quantified(&mut self) -> Node {
        let node = self.atom();
        let least = match self.chars.get(self.at) {
            Some('*') => 0,
            Some('+') => 1,
            _ => return node,
        };
        self.at += 1;
        Node::Repeat(Box::new(node), least)
    }

    fn atom(&mut self) -> Node {
        let c = self.chars[self.at];
        self.at += 1;
        match c {
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '\\' => {
                self.at += 1;
                Node::Char(self.chars[self.at - 1])
            }
            '[' => self.class(),
            '(' => {
                self.groups += 1;
                let index = self.groups;
                let inner = self.alternatives();
                assert_eq!(self.chars.get(self.at), Some(&')'), "a group ends");
                self.at += 1;
                Node::Group(Some(index), inner)
            }
            '?' | '{' => panic!("not interpreted: {c} in a pattern"),
            _ => Node::Char(c),
        }
    }

    fn class(&mut self) -> Node {
        let negated = self.chars[self.at] == '^';
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        while self.chars[self.at] != ']' {
            let low = self.chars[self.at];
            self.at += 1;
            if self.chars[self.at] == '-' && self.chars[self.at + 1] != ']' {
                ranges.push((low, self.chars[self.at + 1]));
                self.at += 2;
            } else {
                ranges.push((low, low));
            }
        }
        self.at += 1;
        Node::Class(ranges, negated)
    }
}

#[test]
fn patterns_match_as_they_read() {
    let chars = |text: &str| text.chars().collect::<Vec<char>>();
    for (pattern, text, expected) in [
        ("^smtp:", "SMTP:contoso.com;1", Some("SMTP:")),
        (";1$", "contoso.com;1", Some(";1")),
        (";1$", "contoso.com;11", None),
        (r"^\[(.*)\]$", "[192.0.2.1]", Some("[192.0.2.1]")),
        (r"^\[(.*)\]$", "[::]:25", None),
        ("/(32|128)$", "192.0.2.1/32", Some("/32")),
        ("/(32|128)$", "192.0.2.0/24", None),
        ("[^0-9]", "26,214", Some(",")),
        (
            r"\((.*) bytes\)",
            "25 MB (26,214,400 bytes)",
            Some("(26,214,400 bytes)"),
        ),
        ("^([0-9]+)(B|KB|MB|GB)$", "25mb", Some("25mb")),
        (
            r"([a-z0-9-]+\.)+mx\.microsoft",
            "10 contoso-com.e-v1.mx.microsoft",
            Some("contoso-com.e-v1.mx.microsoft"),
        ),
        (", *", "a,  b", Some(",  ")),
    ] {
        let text = chars(text);
        let found = Pattern::new(pattern).find(&text, 0);
        let whole = found.map(|found| {
            let (from, to) = found[0].expect("the match");
            text[from..to].iter().collect::<String>()
        });
        assert_eq!(whole.as_deref(), expected, "{pattern}");
    }
}
