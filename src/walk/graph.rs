//! The graph of all states that a message can reach.
//!
//! A loop is a state that comes again, not a location: a healthy detour passes a location twice, and differs from the one
//! that never ends in what the message carries.

use crate::walk::Model;
use crate::walk::state::{End, Message, Next, State, Step};
use foldhash::{HashMap, HashMapExt};

/// Everything that can happen to one message.
pub(super) struct Walk {
    /// The message.
    pub message: Message,
    pub(crate) states: Vec<State>,
    /// First moves.
    pub(crate) starts: Vec<Move>,
    /// Moves from each state.
    pub(crate) moves: Vec<Vec<Move>>,
}

/// A move to a known state or an end.
pub(crate) struct Move {
    pub step: Step,
    /// The state it leads to; `None` where it ends.
    pub to: Option<usize>,
}

impl Move {
    /// The end it leads to.
    pub(super) fn end(&self) -> Option<&End> {
        match &self.step.next {
            Next::End(end) => Some(end),
            Next::State(_) => None,
        }
    }
}

impl Walk {
    /// Follows a message until nothing new happens.
    pub(crate) fn from_first(model: &Model<'_>, message: Message, first: Vec<Step>) -> Self {
        let mut walk = Self {
            message,
            states: Vec::new(),
            starts: Vec::new(),
            moves: Vec::new(),
        };
        let mut known = HashMap::new();
        walk.starts = walk.intern(&mut known, first);
        let mut next = 0;
        while let Some(state) = walk.states.get(next).cloned() {
            let steps = model.steps(&walk.message, &state);
            let moves = walk.intern(&mut known, steps);
            walk.moves.push(moves);
            next += 1;
        }
        walk
    }

    fn intern(&mut self, known: &mut HashMap<State, usize>, steps: Vec<Step>) -> Vec<Move> {
        steps
            .into_iter()
            .map(|step| {
                let to = match &step.next {
                    Next::State(state) => Some(*known.entry(state.clone()).or_insert_with(|| {
                        self.states.push(state.clone());
                        self.states.len() - 1
                    })),
                    Next::End(_) => None,
                };
                Move { step, to }
            })
            .collect()
    }
}
