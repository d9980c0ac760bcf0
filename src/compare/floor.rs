//! The floor of a distance: one half of a set against the other, which a perfect model could not beat.

use super::{Reference, Subject};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::random::{Random, Stream};

/// Two halves of at most `count` images each, drawn by `seed`: an order of the set's own, by classes in turn
/// say, must not decide what lies in which.
///
/// # Errors
/// `Kind::Usage` for a set of fewer than four images.
pub fn halves<'a>(set: &Dataset, count: usize, seed: u32) -> Result<(Subject, Reference<'a>)> {
    if set.len() < 4 {
        return Err(Error::usage(format!("{} images have no halves to compare", set.len()))
            .hint("give four images or more"));
    }
    let order = Random::new(seed, Stream::Metric).permutation(0, set.len());
    let half = count.min(set.len() / 2);
    let pick = |from: usize| -> Vec<usize> { order[from..from + half].iter().map(|i| *i as usize).collect() };
    let (first, second) = (set.subset(&pick(0))?, set.subset(&pick(half))?);
    let name = format!("one half of {} against the other", set.name);
    Ok((Subject::images_of(name, first), Reference::set(move |_| Ok(second.clone()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bright and dark images in turn: both halves have both.
    #[test]
    fn halves_are_alike_whatever_the_order() {
        let pixels = (0..400).flat_map(|i| [if i % 2 == 0 { 10 } else { 240 }; 64]).collect();
        let set = Dataset::new("stripes", 1, 8, pixels, None, Vec::new()).expect("a set");
        let (first, mut second) = halves(&set, 1000, 0).expect("two halves");
        let bright = |bytes: &[u8]| bytes.chunks(64).filter(|image| image[0] > 100).count();
        let first = first.images(200, 0, &mut |_, _, _| Ok(())).expect("images");
        let second = second.dataset(8).expect("images");
        let second: Vec<u8> = (0..second.len()).flat_map(|i| second.image_u8(i).to_vec()).collect();
        assert_eq!((first.count(), second.len() / 64), (200, 200));
        assert_eq!(bright(&first.bytes) + bright(&second), 200);
        assert!((60..140).contains(&bright(&second)), "{}", bright(&second));
        assert!(halves(&set.subset(&[0, 1, 2]).expect("three"), 10, 0).is_err());
    }
}
