//! A line of a profile: an operation, what it took, and how near that is to what the machine can do.

use serde::Serialize;

use super::Limits;
use crate::gpu::tally::Entry;

/// The last row: what of a step is in no operation that has a clock.
pub const EVERYTHING_ELSE: &str = "everything else";

/// All calls of an operation in one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub operation: &'static str,
    /// None where nothing was called by that name.
    pub calls: Option<f64>,
    /// Without the operations inside.
    pub secs: f64,
    /// Of the whole step.
    pub share: f64,
    /// What has to be computed and moved; none where nobody has counted.
    pub flops: Option<f64>,
    pub bytes: Option<f64>,
    pub flops_per_sec: Option<f64>,
    pub bytes_per_sec: Option<f64>,
    /// Which limit would let the operation take longest.
    pub limit: Option<Limit>,
    /// The time at that limit over the time that was taken: 1 is as fast as it can be.
    pub share_of_limit: Option<f64>,
}

/// What holds an operation up at the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// Arithmetic.
    Product,
    /// Memory.
    Copy,
}

/// Rows of one step, the longest first, from what `repeats` steps of `whole` seconds (their mean) have counted.
pub fn rows(entries: &[Entry], whole: f64, repeats: usize, limits: &Limits) -> Vec<Row> {
    let mut rows: Vec<Row> = entries.iter().map(|entry| Row::of(entry, whole, repeats, limits)).collect();
    rows.sort_by(|a, b| b.secs.total_cmp(&a.secs));
    let rest = whole - rows.iter().map(|row| row.secs).sum::<f64>();
    rows.push(Row::untold(EVERYTHING_ELSE, rest, whole));
    rows
}

impl Row {
    fn of(entry: &Entry, whole: f64, repeats: usize, limits: &Limits) -> Self {
        let each = |sum: f64| sum / repeats as f64;
        let secs = each(entry.time.as_secs_f64());
        let some = |count: u64| (count > 0).then_some(each(count as f64));
        let (flops, bytes) = (some(entry.cost.flops), some(entry.cost.bytes));
        let least = [
            (Limit::Product, flops.map(|flops| flops / limits.product_flops_per_sec)),
            (Limit::Copy, bytes.map(|bytes| bytes / limits.copy_bytes_per_sec)),
        ];
        let least = least.into_iter().filter_map(|(limit, secs)| Some((limit, secs?)));
        let binding = least.max_by(|a, b| a.1.total_cmp(&b.1));
        Self {
            calls: Some(each(entry.calls as f64)),
            flops,
            bytes,
            flops_per_sec: flops.map(|flops| flops / secs),
            bytes_per_sec: bytes.map(|bytes| bytes / secs),
            limit: binding.map(|(limit, _)| limit),
            share_of_limit: binding.map(|(_, least)| least / secs),
            ..Self::untold(entry.name, secs, whole)
        }
    }

    /// Time alone.
    fn untold(operation: &'static str, secs: f64, whole: f64) -> Self {
        Self {
            operation,
            calls: None,
            secs,
            share: secs / whole,
            flops: None,
            bytes: None,
            flops_per_sec: None,
            bytes_per_sec: None,
            limit: None,
            share_of_limit: None,
        }
    }
}
