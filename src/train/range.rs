//! How far losses and weights may go: beyond that training has left what it can come back from, though its
//! numbers are finite.

use super::named::is_moment;
use super::{GRADIENT_NORM, Losses, Named, State};
use crate::error::{Error, Kind, Result};

/// Largest loss, mean over pixels. Images are in [-1, 1] and losses are weighted to be near 1: a network that
/// knows nothing has a few.
pub const LARGEST_LOSS: f32 = 1e3;
/// Largest weight. Networks begin with weights below 1, and trained ones rarely have any beyond 100.
pub const LARGEST_WEIGHT: f32 = 1e4;
/// So many steps in a row with losses out of range are not an accident.
pub const MOST_RUNAWAY_STEPS: u64 = 10;

/// What can be done about training that diverges.
pub const DIVERGED: &str = "the same command comes to the same steps again: start a new run with a lower learning \
    rate (a student can be given the teacher that is trained already by --teacher RUN), or go on with this one in \
    the window and lower the rate before those steps (Recipe, While it runs)";

/// The first loss that is finite and out of range, if there is one.
pub fn runaway(losses: &Losses) -> Option<(&'static str, f32)> {
    let judged = losses.iter().filter(|(name, _)| *name != GRADIENT_NORM);
    judged.copied().find(|(_, value)| value.is_finite() && value.abs() > LARGEST_LOSS)
}

/// Whether a checkpoint of `state` is worth going on from.
///
/// # Errors
/// `Kind::Diverged` naming a weight that is not finite or out of range.
pub fn check_weights(state: &State) -> Result<()> {
    for (name, values) in &state.tensors {
        let (network, parameter) = name.split_once('/').unwrap_or((name, ""));
        // Moments have other scales.
        if !is_moment(name) {
            check(network, parameter, values)?;
        }
    }
    Ok(())
}

/// Whether a student can begin from a teacher with these weights.
///
/// # Errors
/// As [`check_weights`].
pub fn check_teacher(weights: &Named) -> Result<()> {
    weights.iter().try_for_each(|(parameter, values)| check("teacher", parameter, values))
}

fn check(network: &str, parameter: &str, values: &[f32]) -> Result<()> {
    let is_wild = |weight: &&f32| !weight.is_finite() || weight.abs() > LARGEST_WEIGHT;
    let Some(weight) = values.iter().find(is_wild) else { return Ok(()) };
    let what = format!(
        "the weights of the {network} have left their range: one of {parameter} is {weight:e}, where \
         {LARGEST_WEIGHT:e} is the most"
    );
    Err(Error::new(Kind::Diverged, what).hint(DIVERGED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_and_weights_have_a_range() {
        assert_eq!(runaway(&vec![("denoise", 900.0), (GRADIENT_NORM, 1e9), ("sid", f32::NAN)]), None);
        assert_eq!(runaway(&vec![("denoise", 0.5), ("sid", -2e4)]), Some(("sid", -2e4)));
        let state = |name: &str, weight: f32| {
            let mut state = State::default();
            state.tensors.insert(name.into(), vec![0.5, weight]);
            check_weights(&state)
        };
        assert!(state("teacher/model.conv.weight", -9e3).is_ok());
        assert!(state("teacher.adam_square/model.conv.weight", 1e9).is_ok());
        for weight in [8e6, f32::NAN, f32::INFINITY] {
            let error = state("teacher.ema/model.conv.weight", weight).expect_err("out of range");
            assert!(error.kind == Kind::Diverged && error.to_string().contains("conv.weight"), "{error}");
        }
    }
}
