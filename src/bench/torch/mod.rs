//! Our steps and sampling beside a PyTorch baseline: a script that is no part of Signet, run in turn
//! with ours at the same shapes, batch and number of threads.

mod baseline;
mod row;

use serde::Serialize;

use super::benchmark::{Benchmark, TorchTwin};
use super::catalogue;
use super::clock::{self, Subject};
use super::measurement::{self, Measurement, ratio, seconds};
use super::{Conditions, Event, Options, Spread, select};
use crate::error::{Error, Result};
use crate::gpu::Opened;
use crate::host_memory::PeakMemory;

pub use baseline::Baseline;
pub use row::Row;

/// Turns of baseline and ours: each is a process of the baseline, with its own warm-up.
const ROUNDS: usize = 2;

/// One benchmark, here and there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub name: String,
    pub signet: Measurement,
    /// What the script said of each round.
    pub torch: Vec<Row>,
    /// PyTorch's seconds over ours, both medians of a round, over the rounds: above 1, ours is faster.
    pub times_faster_than_torch: Spread,
}

/// Compares what `options` select of what the baseline measures too.
///
/// # Errors
/// `Kind::Usage` for a name that selects nothing, or nothing that the baseline has; whatever keeps the
/// script or the device from its work.
pub fn compare(
    opened: &Opened,
    baseline: &Baseline,
    options: &Options,
    events: &mut dyn FnMut(Event),
    compared: &mut dyn FnMut(Comparison),
) -> Result<()> {
    let all = catalogue::all(opened.backend, options.batch);
    let chosen = select::choose(all, &options.only)?;
    let chosen: Vec<(Benchmark, TorchTwin)> =
        chosen.into_iter().filter_map(|b| b.torch.map(|twin| (b, twin))).collect();
    if chosen.is_empty() {
        return Err(Error::usage("the PyTorch baseline measures none of what --only names")
            .hint("it has steps/edm, steps/sid and sampling of small32, cifar, cifar-cond and ffhq64"));
    }
    let total = chosen.len();
    for ((benchmark, twin), number) in chosen.iter().zip(1..) {
        events(Event::Begins { name: benchmark.name.clone(), number, total });
        compared(pair(opened, baseline, options, benchmark, *twin)?);
    }
    Ok(())
}

fn pair(
    opened: &Opened,
    baseline: &Baseline,
    options: &Options,
    benchmark: &Benchmark,
    twin: TorchTwin,
) -> Result<Comparison> {
    let [member] = benchmark.members.as_slice() else {
        return Err(Error::usage(format!("{} is a pair already", benchmark.name)));
    };
    let batch = benchmark.images.unwrap_or(1);
    let repeats = options.repeats.div_ceil(ROUNDS);
    let conditions = Conditions::now(opened);
    let memory = PeakMemory::begin();
    let mut ours = [Subject::start(&member.build, &opened.device)?];
    let (mut rows, mut ratios) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let theirs = || baseline.run(twin, batch, repeats, options.max_secs);
        let mut mine = || -> Result<f64> {
            let before = ours[0].secs.len();
            clock::in_turn(&mut ours, repeats, options.max_secs)?;
            Ok(Spread::of(ours[0].secs.get(before..).unwrap_or_default()).median)
        };
        // Whoever was first is second the next time.
        let (row, median) = if round % 2 == 0 {
            let row = theirs()?;
            (row, mine()?)
        } else {
            let median = mine()?;
            (theirs()?, median)
        };
        ratios.push(row.sec_per_step / median);
        rows.push(row);
    }
    let peak = memory.peak_bytes();
    let measured = measurement::of(benchmark, &ours, opened, peak, &conditions);
    let signet = measured.into_iter().next().ok_or_else(|| Error::usage("nothing was measured"))?;
    Ok(Comparison {
        name: benchmark.name.clone(),
        signet,
        torch: rows,
        times_faster_than_torch: Spread::of(&ratios),
    })
}

/// Comparisons as lines for a terminal.
pub fn table(comparisons: &[Comparison]) -> String {
    let wide = comparisons.iter().map(|c| c.name.chars().count()).max().unwrap_or(0).max(4);
    let mut lines = vec![format!(
        "{:wide$} {:>5} {:>9} {:>9} {:>11} {:>11}  {}",
        "name", "batch", "signet", "torch", "peak", "torch peak", "times faster than PyTorch (min .. max)"
    )];
    for c in comparisons {
        let batch = c.signet.batch.unwrap_or(1);
        let torch = Spread::of(&c.torch.iter().map(|row| row.sec_per_step).collect::<Vec<_>>());
        let mebibytes = |mib: Option<f64>| mib.map_or_else(|| "-".into(), |mib| format!("{mib:.0} MiB"));
        let ours = mebibytes(c.signet.peak_memory_bytes.map(|bytes| bytes as f64 / 1_048_576.0));
        let theirs = mebibytes(c.torch.iter().filter_map(|row| row.peak_rss_mib).reduce(f64::max));
        lines.push(format!(
            "{:wide$} {batch:>5} {:>9} {:>9} {ours:>11} {theirs:>11}  {}",
            c.name,
            seconds(c.signet.median_secs),
            seconds(torch.median),
            ratio(&c.times_faster_than_torch)
        ));
    }
    lines.join("\n")
}
