//! Trouble with the device on purpose, to try what a run does then (docs/runs.md).

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;

use crate::error::Result;
use crate::gpu;

/// Environment variables, each the steps of all stages that a run makes before the trouble.
const LOSE: &str = "SIGNET_DEBUG_LOSE_DEVICE";
const FILL: &str = "SIGNET_DEBUG_FULL_DEVICE";

/// What befalls a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Lost,
    Full,
    /// A library panics with these words.
    #[cfg(test)]
    Panic(&'static str),
}

/// Trouble that is still to come, each after so many steps; once, however often the run comes by there.
#[derive(Debug, Default)]
pub(super) struct Rehearsal {
    to_come: Vec<(u64, Trouble)>,
}

impl Rehearsal {
    #[cfg(test)]
    pub fn of(to_come: &[(u64, Trouble)]) -> Self {
        Self { to_come: to_come.to_vec() }
    }

    /// What the environment asks for: for the first run of this process.
    pub fn asked() -> Self {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        if TAKEN.swap(true, Ordering::Relaxed) {
            return Self::default();
        }
        let steps = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
        let all = [(LOSE, Trouble::Lost), (FILL, Trouble::Full)];
        let asked = all.into_iter().filter_map(|(name, trouble)| Some((steps(name)?, trouble)));
        Self { to_come: asked.collect() }
    }

    /// Makes the trouble that is due after so many `steps`.
    ///
    /// # Errors
    /// What the trouble is on a device that has no handles to be destroyed by. Otherwise the next that the device is
    /// asked for fails.
    pub fn make(&mut self, steps: u64, device: &Device) -> Result<()> {
        let Some(place) = self.to_come.iter().position(|(due, _)| *due == steps) else { return Ok(()) };
        let (_, trouble) = self.to_come.remove(place);
        match (trouble, gpu::handles(device)) {
            (Trouble::Lost, Some(setup)) => {
                setup.device.destroy();
                // A driver that resets a device says so at once; after `destroy` wgpu has to be asked, once it is idle.
                let _ = setup.device.poll(wgpu::PollType::wait_indefinitely());
                Ok(())
            }
            (Trouble::Lost, None) => Err(gpu::lost("on purpose")),
            (Trouble::Full, _) => Err(gpu::full("on purpose")),
            #[cfg(test)]
            (Trouble::Panic(words), _) => panic!("{words}"),
        }
    }
}
