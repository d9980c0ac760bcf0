//! How large a setting may be: beyond these a typo is likelier than a plan.

pub(super) const MAX_BATCH: f64 = 65_536.0;
/// FID's 50,000 and to spare.
pub(super) const MAX_METRIC_SAMPLES: f64 = 100_000.0;
/// Most samples of a toy world.
pub(super) const MAX_WORLD_SAMPLES: usize = 10_000_000;
/// Most pairs of SIGN's regression: all are kept in memory.
pub(super) const MAX_PAIRS: f64 = 1_000_000.0;
/// Most steps that teach SIGN's head in advance.
pub(super) const MAX_HEAD_STEPS: f64 = 1_000_000.0;
/// Longest name of a recipe: it becomes part of a folder's name.
pub(super) const MAX_NAME: usize = 64;
/// Most pictures in a grid.
pub(super) const MAX_GRID: f64 = 1024.0;
/// A rate that may still be given to a stage in progress; a recipe may not say 0.
pub(super) const SMALLEST_RATE: f64 = 1e-12;
/// An Adam step of more than its weights' size.
pub(super) const LARGEST_RATE: f64 = 1.0;
/// Of a term of SIGN, while it trains.
pub(super) const LARGEST_WEIGHT: f64 = 1e4;
pub(super) const LARGEST_ALPHA: f64 = 100.0;
/// Of a stage.
pub(super) const LONGEST_KIMG: f64 = 1e9;
