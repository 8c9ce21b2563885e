//! The graph of all states that a message can reach.
//!
//! Loops are looked for in the graph of states, not of places: a healthy detour passes a place twice, and differs from
//! the one that never ends in what the message carries.

use crate::topology::{LocationId, Sender};
use crate::values::Address;
use crate::walk::Model;
use crate::walk::state::{End, Message, Next, State, Step};
use foldhash::{HashMap, HashMapExt};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

/// Everything that can happen to one message.
pub struct Walk {
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
    pub fn end(&self) -> Option<&End> {
        match &self.step.next {
            Next::End(end) => Some(end),
            Next::State(_) => None,
        }
    }
}

impl Walk {
    /// Follows a message until nothing new happens.
    pub fn of(model: &Model<'_>, from: &Sender, to: &Address) -> Self {
        let (message, first) = model.begin(from, to);
        Self::from_first(model, message, first)
    }

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

    /// The places of every loop, each sorted: strongly connected states, and moves from a state to itself.
    pub fn loops(&self) -> Vec<Vec<LocationId>> {
        let mut graph: DiGraph<usize, ()> = DiGraph::new();
        let nodes: Vec<_> = (0..self.states.len())
            .map(|at| graph.add_node(at))
            .collect();
        for (from, moves) in self.moves.iter().enumerate() {
            for to in moves.iter().filter_map(|step| step.to) {
                graph.add_edge(nodes[from], nodes[to], ());
            }
        }
        let mut loops: Vec<Vec<LocationId>> = tarjan_scc(&graph)
            .into_iter()
            .filter(|group| {
                group.len() > 1 || group.iter().any(|&node| graph.contains_edge(node, node))
            })
            .map(|group| {
                let mut places: Vec<LocationId> = group
                    .iter()
                    .map(|&node| self.states[graph[node]].at)
                    .collect();
                places.sort_unstable();
                places.dedup();
                places
            })
            .collect();
        loops.sort();
        loops.dedup();
        loops
    }
}
