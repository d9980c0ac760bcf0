//! What is asked of a source of images: their size, how many, and which.

use super::limits::SIZES;
use crate::error::{Error, Result};
use crate::random::{Random, Stream};
use crate::recipe;

/// The epoch whose order chooses a subset: training never comes so far.
const SUBSET_EPOCH: u64 = u64::MAX;

/// A checked request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Side of the images, pixels.
    pub size: usize,
    /// The most images that are used.
    pub limit: Option<usize>,
    /// Chooses which images, where there are more than the limit.
    pub seed: u32,
}

impl Plan {
    /// # Errors
    /// A size that no network takes, or a limit of 0.
    pub fn new(source: &recipe::Data, seed: u32) -> Result<Self> {
        let size = source.size;
        if !size.is_power_of_two() || !SIZES.contains(&size) {
            let sizes: Vec<String> = (3..=10).map(|power| (1usize << power).to_string()).collect();
            return Err(Error::usage(format!("data.size is {size}"))
                .hint(format!("use a power of two: one of {}", sizes.join(", "))));
        }
        if source.limit == Some(0) {
            return Err(Error::usage("data.limit is 0").hint("leave it out to use every image"));
        }
        Ok(Self { size, limit: source.limit, seed })
    }

    /// The images to use of `found`, in order, and the others in the order they stand in for
    /// unusable ones. A limit takes a random subset: the first files are often all of one class.
    pub fn choose(&self, found: usize) -> (Vec<usize>, Vec<usize>) {
        match self.limit {
            Some(limit) if limit < found => {
                let order = Random::new(self.seed, Stream::DataOrder).permutation(SUBSET_EPOCH, found);
                let mut first: Vec<usize> = order.iter().map(|i| *i as usize).collect();
                let spare = first.split_off(limit);
                first.sort_unstable();
                (first, spare)
            }
            _ => ((0..found).collect(), Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(size: usize, limit: Option<usize>) -> recipe::Data {
        recipe::Data { size, limit, ..recipe::Data::default() }
    }

    #[test]
    fn only_usable_sizes_pass() {
        for size in [8, 16, 32, 64, 128, 256, 512, 1024] {
            assert!(Plan::new(&source(size, None), 0).is_ok());
        }
        for size in [0, 1, 4, 12, 28, 100, 2048, usize::MAX] {
            let error = Plan::new(&source(size, None), 0).unwrap_err();
            assert!(error.remedy.unwrap().contains("8, 16, 32"));
        }
        assert!(Plan::new(&source(16, Some(0)), 0).is_err());
    }

    #[test]
    fn a_limit_takes_a_random_subset_and_keeps_the_rest_ready() {
        let plan = Plan::new(&source(16, Some(10)), 7).unwrap();
        let (first, spare) = plan.choose(1000);
        assert_eq!((first.len(), spare.len()), (10, 990));
        assert!(first.is_sorted() && first[9] > 100);
        assert_eq!(plan.choose(1000).0, first);
        assert_ne!(Plan { seed: 8, ..plan }.choose(1000).0, first);
        assert_eq!(plan.choose(10), ((0..10).collect(), Vec::new()));
    }
}
