//! Operators: comparison, concatenation, `-match`, `-replace`, `-split`.

use super::pattern::{Found, Pattern};
use super::value::Value;

/// The value of `left OPERATOR right`, and what `-match` found.
pub fn apply<'t>(
    operator: &str,
    left: Value<'t>,
    right: Value<'t>,
) -> (Value<'t>, Option<Vec<String>>) {
    let value = match operator {
        "+" => plus(left, right),
        "-" => Value::Int(int(&left) - int(&right)),
        "*" => Value::Int(int(&left) * int(&right)),
        "-eq" => filtered(left, |one| same(one, &right, false)),
        "-ne" => filtered(left, |one| !same(one, &right, false)),
        "-ceq" => filtered(left, |one| same(one, &right, true)),
        "-cne" => filtered(left, |one| !same(one, &right, true)),
        "-lt" => Value::Bool(left.order(&right).is_lt()),
        "-gt" => Value::Bool(left.order(&right).is_gt()),
        "-ge" => Value::Bool(left.order(&right).is_ge()),
        "-le" => Value::Bool(left.order(&right).is_le()),
        "-contains" => Value::Bool(contains(left, &right, false)),
        "-notcontains" => Value::Bool(!contains(left, &right, false)),
        "-cnotcontains" => Value::Bool(!contains(left, &right, true)),
        "-match" => {
            let text: Vec<char> = left.text().chars().collect();
            let found = Pattern::new(&right.text()).find(&text, 0);
            let groups = found.map(|found| found.iter().map(|group| part(&text, *group)).collect());
            return (Value::Bool(groups.is_some()), groups);
        }
        "-replace" => {
            let mut arguments = right.unrolled().into_iter();
            let pattern = arguments.next().expect("a pattern").text();
            let with = arguments.next().map(|with| with.text()).unwrap_or_default();
            Value::Text(replace(&left.text(), &pattern, &with))
        }
        "-split" => {
            let mut arguments = right.unrolled().into_iter();
            let pattern = arguments.next().expect("a pattern").text();
            let most = arguments.next().map_or(0, |most| int(&most));
            split(&left.text(), &pattern, most)
        }
        "-is" => Value::Bool(is(&left, &right.text())),
        "-isnot" => Value::Bool(!is(&left, &right.text())),
        other => panic!("not interpreted: operator {other}"),
    };
    (value, None)
}

fn int(value: &Value<'_>) -> i64 {
    match value {
        Value::Int(number) => *number,
        Value::Null => 0,
        other => other.text().parse().expect("a number"),
    }
}

fn plus<'t>(left: Value<'t>, right: Value<'t>) -> Value<'t> {
    match left {
        Value::List(mut items) => {
            items.extend(right.unrolled());
            Value::List(items)
        }
        Value::Int(number) => Value::Int(number + int(&right)),
        Value::Null => right,
        Value::Text(text) => Value::Text(text + &right.text()),
        _ => panic!("not interpreted: + of this"),
    }
}

/// A comparison of a list keeps the items for which it holds.
fn filtered<'t>(left: Value<'t>, holds: impl Fn(&Value<'t>) -> bool) -> Value<'t> {
    match left {
        Value::List(items) => Value::List(items.into_iter().filter(|item| holds(item)).collect()),
        one => Value::Bool(holds(&one)),
    }
}

/// The right side is taken for what the left one is.
fn same(left: &Value<'_>, right: &Value<'_>, case: bool) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Bool(a), b) => *a == b.is_true(),
        (Value::Int(a), b) => b.text().parse::<i64>().is_ok_and(|b| *a == b),
        (a, b) => {
            let (a, b) = (a.text(), b.text());
            if case {
                a == b
            } else {
                a.to_lowercase() == b.to_lowercase()
            }
        }
    }
}

fn contains<'t>(left: Value<'t>, right: &Value<'t>, case: bool) -> bool {
    left.unrolled().iter().any(|one| same(one, right, case))
}

fn is(value: &Value<'_>, name: &str) -> bool {
    match name.to_lowercase().as_str() {
        "bool" => matches!(value, Value::Bool(_)),
        "int" => matches!(value, Value::Int(_)),
        "string" => matches!(value, Value::Text(_)),
        "system.collections.ienumerable" => {
            matches!(value, Value::Text(_) | Value::List(_) | Value::Hash(_))
        }
        other => panic!("not interpreted: -is {other}"),
    }
}

fn part(text: &[char], range: Option<(usize, usize)>) -> String {
    range.map_or_else(String::new, |(from, to)| text[from..to].iter().collect())
}

fn matches_in(text: &[char], pattern: &str) -> Vec<Found> {
    let pattern = Pattern::new(pattern);
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(found) = pattern.find(text, at) {
        let (from, to) = found[0].expect("the match");
        at = to.max(from + 1);
        all.push(found);
        if at > text.len() {
            break;
        }
    }
    all
}

fn replace(text: &str, pattern: &str, with: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut result = String::new();
    let mut at = 0;
    for found in matches_in(&chars, pattern) {
        let (from, to) = found[0].expect("the match");
        result.extend(&chars[at..from]);
        let first = found.get(1).copied().flatten();
        result.push_str(&with.replace("$1", &part(&chars, first)));
        at = to;
    }
    result.extend(&chars[at..]);
    result
}

fn split<'t>(text: &str, pattern: &str, most: i64) -> Value<'t> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    for found in matches_in(&chars, pattern) {
        if most > 0 && i64::try_from(parts.len()).is_ok_and(|count| count + 1 == most) {
            break;
        }
        let (from, to) = found[0].expect("the match");
        parts.push(Value::Text(chars[at..from].iter().collect()));
        at = to;
    }
    parts.push(Value::Text(chars[at..].iter().collect()));
    Value::List(parts)
}
