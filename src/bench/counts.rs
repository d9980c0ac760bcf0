//! What a training step or a batch of samples asks of a GPU. The numbers are those of every adapter, one in software too:
//! where no GPU is at hand, they tell what a change has spared.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::clock::{Subject, settle};
use super::{Benchmark, Conditions, Event, Options, catalogue, select};
use crate::error::{Error, Result};
use crate::gpu::counting::{Counter, Counts};
use crate::gpu::{self, DeviceSpec, Opened};

/// One step, or one batch of samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counted {
    pub name: String,
    pub device: String,
    pub shape: String,
    /// Images.
    pub batch: Option<usize>,
    /// Passes that were counted together, after those that compile and tune kernels.
    pub repeats: usize,
    pub counts: PerPass,
    #[serde(flatten)]
    pub conditions: Conditions,
}

/// The mean over the passes; see [`Counts`] for what each number is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PerPass {
    pub host_waits: f64,
    pub submissions: f64,
    pub dispatches: f64,
    pub copies: f64,
    pub uploaded_bytes: f64,
    pub read_bytes: f64,
    /// The most at once, while the passes ran.
    pub peak_device_bytes: u64,
}

impl PerPass {
    fn of(counts: Counts, passes: usize) -> Self {
        let each = |count: u64| count as f64 / passes as f64;
        Self {
            host_waits: each(counts.host_waits),
            submissions: each(counts.submissions),
            dispatches: each(counts.dispatches),
            copies: each(counts.copies),
            uploaded_bytes: each(counts.uploaded_bytes),
            read_bytes: each(counts.read_bytes),
            peak_device_bytes: counts.peak_device_bytes,
        }
    }
}

/// Counts those steps and samples that are asked for, one after another, on the calling thread, on a device of their
/// own. `hear` is told what begins, `take` gets each result as it is made.
///
/// # Errors
/// On the CPU, where nothing is asked of a GPU; for a name that selects nothing; whatever a device cannot do.
pub fn run(
    spec: &DeviceSpec,
    options: &Options,
    hear: &mut dyn FnMut(Event),
    take: &mut dyn FnMut(Counted),
) -> Result<()> {
    let (opened, counter) = gpu::open_counted(spec)?;
    let all = catalogue::of_networks(&opened, options.batch).collect();
    let chosen = select::choose(all, &options.only)?;
    let total = chosen.len();
    for (benchmark, number) in chosen.iter().zip(1..) {
        hear(Event::Begins { name: benchmark.name.clone(), number, total });
        take(counted(benchmark, &opened, &counter, options.repeats)?);
    }
    Ok(())
}

/// What so many passes of one step, or of one batch of samples, ask of a counted device.
pub(super) fn counted(
    benchmark: &Benchmark,
    opened: &Opened,
    counter: &Counter,
    repeats: usize,
) -> Result<Counted> {
    let conditions = Conditions::now(opened);
    let [member] = &benchmark.members[..] else {
        return Err(Error::usage(format!("{} is several things: it cannot be counted", benchmark.name)));
    };
    let mut subject = Subject::start(&member.build, &opened.device)?;
    counter.reset_peak();
    let before = counter.counts();
    let repeats = repeats.max(1);
    for _ in 0..repeats {
        subject.pass()?;
    }
    settle(&opened.device)?;
    Ok(Counted {
        name: benchmark.name.clone(),
        device: opened.name.clone(),
        shape: benchmark.shape.clone(),
        batch: benchmark.images,
        repeats,
        counts: PerPass::of(counter.since(before), repeats),
        conditions,
    })
}

/// A line a step.
pub fn table(all: &[Counted]) -> String {
    let wide = all.iter().map(|one| one.name.len()).max().unwrap_or(0).max(4);
    let mut text = format!(
        "{:wide$} {:>5} {:>6} {:>11} {:>10} {:>7} {:>12} {:>10} {:>9}\n",
        "name",
        "batch",
        "waits",
        "submissions",
        "dispatches",
        "copies",
        "uploaded kB",
        "read bytes",
        "peak MiB"
    );
    for Counted { name, batch, counts, .. } in all {
        let batch = batch.map_or_else(|| "-".into(), |batch| batch.to_string());
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{name:wide$} {batch:>5} {:>6.1} {:>11.1} {:>10.1} {:>7.1} {:>12.1} {:>10.1} {:>9.1}",
            counts.host_waits,
            counts.submissions,
            counts.dispatches,
            counts.copies,
            counts.uploaded_bytes / 1e3,
            counts.read_bytes,
            counts.peak_device_bytes as f64 / 1_048_576.0,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_one_pass_and_the_peak_that_of_all() {
        let counts =
            Counts { submissions: 30, dispatches: 3, peak_device_bytes: 7 << 20, ..Counts::default() };
        let each = PerPass::of(counts, 4);
        assert_eq!((each.submissions, each.dispatches, each.host_waits), (7.5, 0.75, 0.0));
        assert_eq!(each.peak_device_bytes, 7 << 20);
    }

    #[test]
    fn a_cpu_is_refused() {
        let options = Options { only: vec!["tiny".into()], repeats: 1, max_secs: 1.0, batch: None };
        let error = run(&DeviceSpec::Cpu, &options, &mut |_| {}, &mut |_| {}).expect_err("no GPU");
        assert!(error.to_string().contains("wgpu"), "{error}");
    }
}
