//! One part, measured in this process.

use std::time::Instant;

use super::items::{Item, measure_all};
use super::job::{Job, Part};
use super::word::Word;
use super::{convolutions, copies, kernel_times, machine, products, steps, torch_rows};
use crate::error::Result;
use crate::gpu::{self, DeviceSpec};

/// What a part of which nothing could begin has failed at.
const PREPARING: &str = "preparing";

/// Does the job on the calling thread. `say` hears everything that comes of it: trouble too.
pub fn perform(job: &Job, say: &mut dyn FnMut(Word)) {
    let clock = Instant::now();
    match items(job) {
        Ok(items) => measure_all(items, clock, job.begin_secs, say),
        Err(error) => say(Word::Failed { item: PREPARING.into(), reason: error.what }),
    }
}

fn items(job: &Job) -> Result<Vec<Item>> {
    let spec: DeviceSpec = job.device.parse()?;
    let opened = || gpu::open(&spec);
    Ok(match job.part {
        Part::Machine => machine::items(&spec),
        Part::SelfTests => machine::self_tests(&spec),
        Part::Copies => copies::items(&opened()?, job.extent),
        Part::Products => products::items(&opened()?, job.extent),
        Part::Convolutions => convolutions::items(&opened()?, job.extent),
        Part::Kernels => kernel_times::items(&opened()?, job.extent),
        Part::Steps(network) => steps::times(&opened()?, network, job),
        Part::Counts(network) => steps::counts(&spec, network, job)?,
        Part::Torch(network) => torch_rows::items(&opened()?, network, job)?,
    })
}
