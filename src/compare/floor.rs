//! The floor of a distance: one half of a set against the other, which a perfect model could not beat.

use super::{Reference, Subject};
use crate::data::Dataset;
use crate::error::Result;

/// Two halves of at most `count` images each, taken in turn.
///
/// # Errors
/// `Kind::Usage` for a set of fewer than four images.
pub fn halves<'a>(set: &Dataset, count: usize) -> Result<(Subject, Reference<'a>)> {
    let chosen: Vec<usize> = set.spread(2 * count).collect();
    let (even, odd): (Vec<usize>, Vec<usize>) = chosen.into_iter().partition(|i| i % 2 == 0);
    let first = set.subset(&even)?;
    let second = set.subset(&odd)?;
    let name = format!("one half of {} against the other", set.name);
    Ok((Subject::images_of(name, first), Reference::set(move |_| Ok(second.clone()))))
}
