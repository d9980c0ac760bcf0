//! The same steps in turn with PyTorch.

use super::items::Item;
use super::job::{Extent, Job, Network};
use super::rows::TorchRow;
use super::steps::{batch, names};
use super::word::Finding;
use crate::bench::torch::{self, Baseline, Comparison, Setup};
use crate::bench::{Options, Spread};
use crate::error::{Error, Result};
use crate::gpu::Opened;

/// Rounds, and timed repeats of each side in one: fewer than `signet bench` has, for there is less time.
const ROUNDS: usize = 3;
const REPEATS: usize = 3;
/// Of a part's time what the repeats of one method may take on each side.
const SHARE: f64 = 0.1;

/// # Errors
/// Where there is no Python, or no PyTorch for it.
pub fn items(opened: &Opened, network: Network, job: &Job) -> Result<Vec<Item>> {
    let asked = job.torch.clone().ok_or_else(|| Error::usage("no PyTorch was asked for"))?;
    let baseline = Baseline::open(Setup {
        python: asked.python,
        script: None,
        device: asked.device,
        channels_last: false,
        compile: false,
    })?;
    let rounds = if job.extent == Extent::Quick { 1 } else { ROUNDS };
    let (max_secs, batch) = (job.end_secs * SHARE, batch(job.extent));
    let item = |name: String| {
        let (opened, baseline) = (opened.clone(), baseline.clone());
        let only = vec![name.clone()];
        Item::new(name, move |take| {
            let options = Options { only, repeats: REPEATS * rounds, max_secs, batch };
            let mut found = |comparison| take(Finding::Torch(row(comparison)));
            torch::compare(&opened, &baseline, &options, rounds, &mut |_| {}, &mut found)
        })
    };
    Ok(names(network).into_iter().map(item).collect())
}

fn row(comparison: Comparison) -> TorchRow {
    let theirs: Vec<f64> = comparison.torch.iter().map(|round| round.sec_per_step).collect();
    TorchRow {
        name: comparison.name,
        batch: comparison.signet.batch,
        signet_median_seconds: comparison.signet.median_secs,
        torch_median_seconds: Spread::of(&theirs).median,
        times_faster_than_torch: comparison.times_faster_than_torch,
        rounds: comparison.torch,
    }
}
