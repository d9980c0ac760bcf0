//! How a run that fails ends: what of it is safe, and what to do.

use std::path::PathBuf;

use crate::error::{Error, Kind, Result};
use crate::gpu;
use crate::train::{Checkpoint, Manifest};
use crate::words;

/// The newest checkpoint of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Saved {
    pub path: PathBuf,
    pub manifest: Manifest,
}

impl Saved {
    pub fn of(checkpoint: &Checkpoint) -> Self {
        Self { path: checkpoint.path.clone(), manifest: checkpoint.manifest.clone() }
    }
}

impl std::fmt::Display for Saved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Manifest { stage, step, images, .. } = &self.manifest;
        let (step, kimg) = (words::count(*step), words::kimg(*images as f64 / 1000.0));
        write!(f, "the checkpoint of {} at step {step} ({kimg} kimg)", stage.name())
    }
}

/// `error`, and what is left of the run.
pub(super) fn with_what_is_safe(error: Error, saved: Option<&Saved>) -> Error {
    error.safe(match saved {
        Some(saved) => format!("{saved}; the same command goes on from it"),
        None => "nothing was saved yet; the same command starts from the beginning".to_owned(),
    })
}

/// What comes of `work`. A panic of a graphics driver or of a library must not take the face down with it.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    outcome.unwrap_or_else(|panic| Err(from_panic(panic.as_ref())))
}

fn from_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = gpu::panic_words(panic).unwrap_or("no message");
    gpu::device_error(text).unwrap_or_else(|| {
        Error::new(Kind::Device, format!("the trainer stopped unexpectedly: {text}")).hint(
            "start the same command again; if it happens again, try --device cpu, and see what \
             `signet doctor` says",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::message::Stage;
    use crate::train::{At, made_up_manifest};

    /// A driver that gives up inside a library is told as what it is, with what is safe.
    #[test]
    fn a_lost_device_is_told_with_the_last_checkpoint() {
        let error =
            caught::<()>(|| panic!("wgpu error: Validation Error\nCaused by:\n  Parent device is lost"))
                .expect_err("a panic");
        assert_eq!(error.kind, Kind::DeviceLost);
        let manifest = made_up_manifest(Stage::Sign, At { step: 1125, images: 18_000 });
        let saved = Saved { path: PathBuf::from("step-00001125-sign"), manifest };
        let told = with_what_is_safe(error, Some(&saved)).to_string();
        for words in ["lost", "step 1 125 (18.0 kimg)", "the same command", "doctor", "--device"] {
            assert!(told.contains(words), "“{words}” is not in: {told}");
        }
    }

    #[test]
    fn another_panic_is_not_taken_for_the_device() {
        let error = caught::<()>(|| panic!("index 7 is out of bounds")).expect_err("a panic");
        assert_eq!(error.kind, Kind::Device);
        let told = with_what_is_safe(error, None).to_string();
        assert!(told.contains("index 7") && told.contains("nothing was saved yet"), "{told}");
        assert_eq!(caught(|| Ok(7)), Ok(7));
    }
}
