//! What a run still takes: one plan for the whole recipe, from what everything that recurs has cost so far.

mod cost;
mod costs;
mod left;
mod span;

pub use costs::{Costs, Here, Work};
pub use left::Left;

#[cfg(test)]
mod tests;
