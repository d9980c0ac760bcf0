//! Before a GPU trains for the first time with its driver and this build, what training uses is compared there with f64
//! and the CPU. A driver that calculates wrong would spoil hours of training, and nobody would see why.

mod memory;
mod subject;
#[cfg(test)]
mod tests;

use std::time::Instant;

use self::memory::Memory;
use self::subject::Subject;
use super::message::Message;
use super::preparing::Preparing;
use crate::error::{Error, Kind, Result};
use crate::gpu::self_test::{self, BurnsOwn, Check, Comparison};
use crate::gpu::{self, Backend, Opened};
use crate::recipe::{Family, Recipe};
use crate::words;

/// What faces show meanwhile.
const WHAT: &str = "checking this GPU once, some seconds";

/// Checks a GPU that was just opened to train by `recipe`, unless it is known to calculate right or is to train
/// `untested`. The CPU is what it would be compared with.
///
/// # Errors
/// `Kind::Device` for a GPU that calculates wrong; what its driver says where it is lost or full; `Kind::Stopped` if a
/// face wants to stop.
pub(super) fn check(
    opened: &Opened,
    recipe: &Recipe,
    untested: bool,
    preparing: &mut Preparing,
    say: &dyn Fn(Message),
) -> Result<()> {
    if opened.backend == Backend::Cpu {
        return Ok(());
    }
    if untested {
        say(Message::Note("this GPU is not checked before it trains (--untested-device)".into()));
        return Ok(());
    }
    let examinee = Examinee { opened, subject: Subject::of(opened), memory: Memory::own() };
    examinee.examine(&self_test::of_training(burns_own(recipe)), preparing, say)
}

/// What the run's networks ask of burn's own operations.
fn burns_own(recipe: &Recipe) -> BurnsOwn {
    // A teacher from elsewhere, whose network the student has too, may be any.
    let is_any = recipe.teacher.path.is_some();
    BurnsOwn {
        products: is_any || recipe.data.use_labels || recipe.teacher.augment > 0.0,
        filters: is_any || recipe.network.family == Family::Ncsnpp,
    }
}

/// A device with what is known of it.
struct Examinee<'a> {
    opened: &'a Opened,
    /// None of one that nothing can be remembered of.
    subject: Option<Subject>,
    memory: Memory,
}

impl Examinee<'_> {
    /// Makes those of the comparisons that the device has not passed yet.
    fn examine(
        &self,
        comparisons: &[Comparison],
        preparing: &mut Preparing,
        say: &dyn Fn(Message),
    ) -> Result<()> {
        let known = self.subject.as_ref().map(|subject| self.memory.of(subject)).unwrap_or_default();
        let left: Vec<&Comparison> = comparisons.iter().filter(|one| !known.contains(one.name)).collect();
        if left.is_empty() {
            return Ok(());
        }
        let (clock, total) = (Instant::now(), left.len() as u64);
        preparing.announce(WHAT, total)?;
        let mut failed = Vec::new();
        for (comparison, done) in left.iter().zip(1..) {
            let check = comparison.run(&self.opened.device);
            let broke_off = check.failure.is_some();
            if !check.passed {
                failed.push(check);
            }
            if broke_off {
                // Those behind it would tell of its end, and not of themselves.
                break;
            }
            preparing.tell(WHAT, done, total)?;
        }
        if !failed.is_empty() {
            return Err(refused(self.opened, &failed));
        }
        let (name, secs) = (&self.opened.name, words::duration(clock.elapsed().as_secs_f64()));
        say(Message::Note(format!("{name} calculates right: {total} of {total} checks passed, in {secs}")));
        let names = left.iter().map(|comparison| comparison.name);
        let kept = self.subject.as_ref().map_or(Ok(()), |subject| self.memory.add(subject, names));
        if let Err(error) = kept {
            say(Message::Note(format!("this is not remembered, and checked again next time: {error}")));
        }
        Ok(())
    }
}

/// Why a device does not train, and what to do.
fn refused(opened: &Opened, failed: &[Check]) -> Error {
    let trouble = |check: &Check| {
        let trouble = gpu::device_error(check.failure.as_ref()?)?;
        Some(Error { what: format!("{}: {}", check.name, trouble.what), ..trouble })
    };
    if let Some(trouble) = failed.iter().find_map(trouble) {
        return trouble;
    }
    let told: Vec<String> = failed.iter().map(told).collect();
    let what =
        format!("{} does not calculate right, and would not train right: {}", opened.name, told.join("; "));
    let other_build =
        if cfg!(feature = "spirv") { ", use a build without the `spirv` feature (WGSL)" } else { "" };
    Error::new(Kind::Device, what).hint(format!(
        "update the GPU's driver{other_build}, or choose another device: `--device wgpu:N` of those that `--device \
         list` shows, or `--device cpu`; `signet doctor` shows all checks; `--untested-device` trains on it all the \
         same"
    ))
}

fn told(check: &Check) -> String {
    match &check.failure {
        Some(words) => {
            let words: Vec<&str> = words.split_whitespace().collect();
            format!("{} broke off ({})", check.name, words.join(" "))
        }
        None => {
            let Check { name, max_relative_error, tolerance, .. } = check;
            format!("{name} is off by {max_relative_error:.1e}, and {tolerance:.0e} is the most")
        }
    }
}
