//! Our steps and sampling beside PyTorch's: a script in Python that does the same work, run in turn with
//! ours at the same shapes, batch and number of threads.

mod baseline;
mod row;
mod table;

use serde::Serialize;

use super::benchmark::Benchmark;
use super::catalogue;
use super::clock::{self, Subject};
use super::measurement::{self, Measurement};
use super::torch_twin::TorchTwin;
use super::{Conditions, Event, Options, Spread, select};
use crate::error::{Error, Result};
use crate::gpu::{Backend, Opened};
use crate::host_memory::PeakMemory;

pub use baseline::{Baseline, SCRIPT, Setup};
pub use row::Row;
pub use table::table;

/// One benchmark, here and there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub name: String,
    pub signet: Measurement,
    /// What the script said of each round.
    pub torch: Vec<Row>,
    /// PyTorch's seconds over ours, both medians of a round: above 1, ours is faster.
    pub times_faster_each_round: Vec<f64>,
    /// The same over the rounds.
    pub times_faster_than_torch: Spread,
}

/// Compares what `options` select of what the baseline measures too, in `rounds` rounds: in each, PyTorch
/// (a process of its own, with its own warm-up) and ours take turns. They share out the repeats and the
/// seconds of `options`; each measures at least one repeat a round.
///
/// # Errors
/// `Kind::Usage` for a name that selects nothing, or nothing that the baseline has; whatever keeps the
/// script or the device from its work.
pub fn compare(
    opened: &Opened,
    baseline: &Baseline,
    options: &Options,
    rounds: usize,
    events: &mut dyn FnMut(Event),
    compared: &mut dyn FnMut(Comparison),
) -> Result<()> {
    let chosen = chosen(opened.backend, options)?;
    let total = chosen.len();
    for ((benchmark, twin), number) in chosen.iter().zip(1..) {
        events(Event::Begins { name: benchmark.name.clone(), number, total });
        compared(pair(opened, baseline, options, rounds.max(1), (benchmark, twin))?);
    }
    Ok(())
}

/// What is selected and has a twin.
fn chosen(backend: Backend, options: &Options) -> Result<Vec<(Benchmark, TorchTwin)>> {
    let all = catalogue::all(backend, options.batch);
    // What a user may name instead: `METHOD/NETWORK` in two lists.
    let (mut works, mut sizes) = (Vec::new(), Vec::new());
    for (work, size) in all.iter().filter(|b| b.torch.is_some()).filter_map(|b| b.name.rsplit_once('/')) {
        for (list, part) in [(&mut works, work), (&mut sizes, size)] {
            if !list.iter().any(|known| known == part) {
                list.push(part.to_string());
            }
        }
    }
    let chosen = select::choose(all, &options.only)?;
    let with_twin = |mut benchmark: Benchmark| benchmark.torch.take().map(|twin| (benchmark, twin));
    let chosen: Vec<_> = chosen.into_iter().filter_map(with_twin).collect();
    if chosen.is_empty() {
        return Err(Error::usage("the PyTorch script measures none of what --only names").hint(format!(
            "it has {} of {}",
            works.join(", "),
            sizes.join(", ")
        )));
    }
    Ok(chosen)
}

fn pair(
    opened: &Opened,
    baseline: &Baseline,
    options: &Options,
    rounds: usize,
    (benchmark, twin): (&Benchmark, &TorchTwin),
) -> Result<Comparison> {
    let [member] = benchmark.members.as_slice() else {
        return Err(Error::usage(format!("{} is a pair already", benchmark.name)));
    };
    let batch = benchmark.images.unwrap_or(1);
    let (repeats, max_secs) = (options.repeats.div_ceil(rounds), options.max_secs / rounds as f64);
    let conditions = Conditions::now(opened);
    let memory = PeakMemory::begin();
    let mut ours = [Subject::start(&member.build, &opened.device)?];
    let (mut rows, mut ratios) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let theirs = || baseline.run(twin, batch, repeats, max_secs);
        let mut mine = || -> Result<f64> {
            let before = ours[0].secs.len();
            clock::in_turn(&mut ours, repeats, max_secs)?;
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
        times_faster_each_round: ratios,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(only: &[&str]) -> Result<Vec<String>> {
        let only = only.iter().map(|word| word.to_string()).collect();
        let options = Options { only, repeats: 1, max_secs: 1.0, batch: None };
        let chosen = chosen(Backend::Cpu, &options)?;
        Ok(chosen.into_iter().map(|(benchmark, _)| benchmark.name).collect())
    }

    #[test]
    fn every_step_and_sampler_of_every_network_has_a_twin() {
        let of_tiny = asked(&["tiny"]).expect("the demo's network");
        let want = ["edm", "sid", "sign"].map(|method| format!("steps/{method}/tiny"));
        let sampling = ["one-step", "heun"].map(|how| format!("sampling/{how}/tiny"));
        assert_eq!(of_tiny, [&want[..], &sampling].concat());
        assert_eq!(asked(&["sign/cifar-cond"]), Ok(vec!["steps/sign/cifar-cond".into()]));
        assert_eq!(asked(&[]).expect("all but the large").len(), 15);
    }

    #[test]
    fn what_has_no_twin_is_refused_with_what_has_one() {
        let error = asked(&["kernels", "metrics"]).expect_err("PyTorch's kernels are its own");
        let said = error.to_string();
        assert!(error.exit_code() == 2 && said.contains("sampling/heun of tiny, small,"), "{said}");
        assert!(said.contains("steps/sign") && !said.contains("kernels/"), "{said}");
    }
}
