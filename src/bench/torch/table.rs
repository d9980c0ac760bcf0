//! Comparisons for a terminal.

use super::Comparison;
use crate::bench::Spread;
use crate::bench::measurement::{ratio, seconds};

/// A line each.
pub fn table(comparisons: &[Comparison]) -> String {
    let wide = comparisons.iter().map(|c| c.name.chars().count()).max().unwrap_or(0).max(4);
    let mut lines = vec![format!(
        "{:wide$} {:>5} {:>9} {:>9} {:>11} {:>11}  {:35}  {}",
        "name",
        "batch",
        "signet",
        "torch",
        "peak",
        "torch peak",
        "times faster (min .. max) in rounds",
        "than PyTorch"
    )];
    for c in comparisons {
        let batch = c.signet.batch.unwrap_or(1);
        let torch = Spread::of(&c.torch.iter().map(|row| row.sec_per_step).collect::<Vec<_>>());
        let mebibytes = |mib: Option<f64>| mib.map_or_else(|| "-".into(), |mib| format!("{mib:.0} MiB"));
        let ours = mebibytes(c.signet.peak_memory_bytes.map(|bytes| bytes as f64 / 1_048_576.0));
        let theirs = mebibytes(c.torch.iter().filter_map(|row| row.peak_rss_mib).reduce(f64::max));
        let times = format!("{} in {}", ratio(&c.times_faster_than_torch), c.torch.len());
        let mode = c.torch.first().map_or("-", |row| row.mode());
        lines.push(format!(
            "{:wide$} {batch:>5} {:>9} {:>9} {ours:>11} {theirs:>11}  {times:35}  {mode}",
            c.name,
            seconds(c.signet.median_secs),
            seconds(torch.median),
        ));
    }
    lines.join("\n")
}
