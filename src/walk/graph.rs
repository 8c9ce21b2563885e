//! The graph of all states that messages can reach.
//!
//! A loop is a state that comes again, not a location: a healthy detour passes a location twice, and differs from the one
//! that never ends in what the message carries.

use crate::walk::Model;
use crate::walk::state::{End, Message, Next, State, Step};
use foldhash::HashMap;

/// The states that messages can reach, with every move from each. Messages between which no object decides share it, so that
/// a state behind the first hop is looked at once, whoever writes.
#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) states: Vec<State>,
    /// Moves from each state.
    pub(crate) moves: Vec<Vec<Move>>,
    positions: HashMap<State, usize>,
}

/// A move to a known state or an end.
pub(crate) struct Move {
    pub(crate) step: Step,
    /// The state it leads to; `None` where it ends.
    pub(crate) to: Option<usize>,
}

impl Move {
    /// The end it leads to.
    pub(crate) fn end(&self) -> Option<&End> {
        match &self.step.next {
            Next::End(end) => Some(end),
            Next::State(_) => None,
        }
    }
}

impl Graph {
    /// Follows a message from its first moves until nothing new happens.
    pub(crate) fn follow(
        &mut self,
        model: &Model<'_>,
        message: &Message,
        first: Vec<Step>,
    ) -> Vec<Move> {
        let starts = self.moves_of(first);
        while let Some(state) = self.states.get(self.moves.len()).cloned() {
            let steps = model.steps(message, &state);
            let moves = self.moves_of(steps);
            self.moves.push(moves);
        }
        starts
    }

    fn moves_of(&mut self, steps: Vec<Step>) -> Vec<Move> {
        steps
            .into_iter()
            .map(|step| {
                let to = match &step.next {
                    Next::State(state) => Some(if let Some(known) = self.positions.get(state) {
                        *known
                    } else {
                        let new = self.states.len();
                        self.positions.insert(state.clone(), new);
                        self.states.push(state.clone());
                        new
                    }),
                    Next::End(_) => None,
                };
                Move { step, to }
            })
            .collect()
    }
}
