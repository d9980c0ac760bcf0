//! What a training step or a batch of samples spends its time on: by operation, beside what this machine could do.

mod limits;
mod row;
mod table;

use std::time::Instant;

use serde::Serialize;

pub use limits::Limits;
pub use row::{EVERYTHING_ELSE, Limit, Row};
pub use table::table;

use super::clock::Subject;
use super::{Benchmark, Conditions, Event, Options, Spread, catalogue, select};
use crate::error::{Error, Result};
use crate::gpu::{Backend, Opened, tally};

/// One step, or one batch of samples, by operation. All numbers are means over the repeats.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    pub name: String,
    pub device: String,
    pub shape: String,
    /// Images.
    pub batch: Option<usize>,
    pub repeats: usize,
    /// Seconds of a whole step, with the clocks of its operations.
    pub mean_secs: f64,
    pub min_secs: f64,
    pub max_secs: f64,
    pub limits: Limits,
    /// The longest first; what is left of the whole comes last.
    pub rows: Vec<Row>,
    #[serde(flatten)]
    pub conditions: Conditions,
}

/// Profiles those steps and samples that are asked for, one after another, on the calling thread. `hear` is told
/// what begins, `take` gets each profile as it is made.
///
/// # Errors
/// `Kind::Usage` on a GPU, and for a name that selects nothing.
pub fn run(
    opened: &Opened,
    options: &Options,
    hear: &mut dyn FnMut(Event),
    take: &mut dyn FnMut(Profile),
) -> Result<()> {
    if opened.backend != Backend::Cpu {
        return Err(Error::usage("--profile times operations of the CPU backend; a GPU only queues its own")
            .hint("add --device cpu; for a GPU use its maker's tools"));
    }
    let all = catalogue::of_networks(opened, options.batch).collect();
    let chosen = select::choose(all, &options.only)?;
    let limits = Limits::measure();
    let total = chosen.len();
    for (benchmark, number) in chosen.iter().zip(1..) {
        hear(Event::Begins { name: benchmark.name.clone(), number, total });
        take(profile(benchmark, opened, options, limits)?);
    }
    Ok(())
}

fn profile(benchmark: &Benchmark, opened: &Opened, options: &Options, limits: Limits) -> Result<Profile> {
    let conditions = Conditions::now(opened);
    let [member] = &benchmark.members[..] else {
        return Err(Error::usage(format!("{} is several things: it has no profile", benchmark.name)));
    };
    let mut subject = Subject::start(&member.build, &opened.device)?;
    let clock = Instant::now();
    let (outcome, entries) = tally::during(|| -> Result<()> {
        while subject.secs.is_empty()
            || subject.secs.len() < options.repeats && clock.elapsed().as_secs_f64() < options.max_secs
        {
            subject.repeat()?;
        }
        Ok(())
    });
    outcome?;
    let repeats = subject.secs.len();
    let mean_secs = subject.secs.iter().sum::<f64>() / repeats as f64;
    let Spread { min, max, .. } = Spread::of(&subject.secs);
    Ok(Profile {
        name: benchmark.name.clone(),
        device: opened.name.clone(),
        shape: benchmark.shape.clone(),
        batch: benchmark.images,
        repeats,
        mean_secs,
        min_secs: min,
        max_secs: max,
        limits,
        rows: row::rows(&entries, mean_secs, repeats, &limits),
        conditions,
    })
}

#[cfg(test)]
mod tests;
