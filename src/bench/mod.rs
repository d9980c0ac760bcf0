//! Benchmarks: training steps, sampling and kernels on one device, timed under stated conditions; PyTorch on the same
//! shapes beside them, and what steps and samples spend their time on; all of it in one file for a machine that is far
//! away (`survey`). They measure and judge nothing: what is fast enough is for whoever reads the table.

mod benchmark;
mod catalogue;
mod clock;
mod conditions;
pub mod counts;
mod host_copy;
mod kernels;
mod measurement;
mod metrics;
mod network;
mod networks;
mod pace;
pub mod profile;
mod select;
mod spread;
pub mod survey;
pub mod torch;
mod torch_twin;

pub use benchmark::{Benchmark, Member};
pub use clock::Build;
pub use conditions::Conditions;
pub use measurement::{Measurement, Speedup, table};
pub use pace::pace;
pub use spread::Spread;

use crate::error::Result;
use crate::gpu::Opened;
use crate::host_memory::PeakMemory;
use clock::Subject;

/// What is measured, and how often.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names or parts of names (`steps/sid`, `kernels`, `tiny`); none is everything but large networks.
    pub only: Vec<String>,
    /// Repeats of each benchmark after its warm-up.
    pub repeats: usize,
    /// No further repeat of a benchmark begins after so many seconds of them.
    pub max_secs: f64,
    /// Images of a batch of steps and samples, instead of each benchmark's own.
    pub batch: Option<usize>,
}

/// What a face hears while benchmarks run.
#[derive(Clone, Debug)]
pub enum Event {
    /// Benchmark number `number` of `total` begins.
    Begins {
        name: String,
        number: usize,
        total: usize,
    },
    Measured(Box<Measurement>),
}

/// Measures what is asked for, of all that there is here and of `more`, one benchmark after another, on the
/// calling thread; members of a pair in turn. Results arrive as they are made.
///
/// # Errors
/// `Kind::Usage` for a name that selects nothing; whatever a device cannot do.
pub fn run(
    opened: &Opened,
    options: &Options,
    more: Vec<Benchmark>,
    events: &mut dyn FnMut(Event),
) -> Result<()> {
    let mut all = catalogue::all(opened.backend, options.batch);
    all.extend(catalogue::in_mixed(opened, options.batch).chain(more));
    let chosen = select::choose(all, &options.only)?;
    let total = chosen.len();
    for (benchmark, number) in chosen.into_iter().zip(1..) {
        events(Event::Begins { name: benchmark.name.clone(), number, total });
        for measurement in measured(&benchmark, opened, options.repeats, options.max_secs)? {
            events(Event::Measured(Box::new(measurement)));
        }
    }
    Ok(())
}

/// All members of one benchmark, in turn.
fn measured(
    benchmark: &Benchmark,
    opened: &Opened,
    repeats: usize,
    max_secs: f64,
) -> Result<Vec<Measurement>> {
    let conditions = Conditions::now(opened);
    let memory = PeakMemory::begin();
    let members = benchmark.members.iter();
    let mut subjects =
        members.map(|m| Subject::start(&m.build, &opened.device)).collect::<Result<Vec<_>>>()?;
    clock::in_turn(&mut subjects, repeats, max_secs)?;
    // What members of a pair need cannot be told apart.
    let peak = if subjects.len() == 1 { memory.peak_bytes() } else { None };
    Ok(measurement::of(benchmark, &subjects, opened, peak, &conditions))
}

#[cfg(test)]
mod tests;
