//! A list of values that knows the summary of any stretch of itself: blocks of values are summed up, and
//! blocks of blocks, as in a mip map. Appending costs O(1) on average, a summary O(log n).

use std::ops::Range;

use super::summary::Summary;

/// Values of a block, and blocks of the next larger one: small enough that the loose ends of a stretch are
/// few, large enough that the blocks take a sixth of the values' memory.
const FAN: usize = 32;

#[derive(Clone, Debug, Default)]
pub struct Pyramid {
    values: Vec<f64>,
    /// Level k holds the whole blocks of `FAN^(k+1)` values, in order.
    levels: Vec<Vec<Summary>>,
}

impl Pyramid {
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn push(&mut self, value: f64) {
        self.values.push(value);
        let mut whole = self.values.len();
        let mut level = 0;
        while whole.is_multiple_of(FAN) {
            let first = whole - FAN;
            let block = match level {
                0 => self.values[first..].iter().map(|v| Summary::of(*v)).fold(Summary::EMPTY, Summary::and),
                _ => self.levels[level - 1][first..].iter().copied().fold(Summary::EMPTY, Summary::and),
            };
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(block);
            whole = self.levels[level].len();
            level += 1;
        }
    }

    /// Forgets all but the first `len` values.
    pub fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        let mut whole = self.values.len();
        for level in &mut self.levels {
            whole /= FAN;
            level.truncate(whole);
        }
    }

    /// The longest part of `range` around index `around`, which is no gap itself, that has none.
    pub fn unbroken(&self, range: Range<usize>, around: usize) -> Range<usize> {
        let sound = |range: Range<usize>| !self.summary(range).has_gap(false);
        if sound(range.clone()) {
            return range;
        }
        if !sound(around..around + 1) {
            return around..around;
        }
        // Both halves: the furthest end up to which all is sound, and no further.
        let furthest = |near: usize, far: usize, reach: &dyn Fn(usize) -> Range<usize>| {
            let (mut good, mut bad) = (0, near.abs_diff(far) + 1);
            while good + 1 < bad {
                let middle = good.midpoint(bad);
                if sound(reach(middle)) { good = middle } else { bad = middle }
            }
            good
        };
        let before = furthest(around, range.start, &|count| around - count..around);
        let after = furthest(around, range.end, &|count| around..around + count);
        around - before..around + after
    }

    /// What the values of `range` come to; what lies beyond the end is left out.
    pub fn summary(&self, range: Range<usize>) -> Summary {
        let end = range.end.min(self.values.len());
        let mut at = range.start;
        let mut total = Summary::EMPTY;
        while at < end {
            // The largest block that begins here and ends within the range.
            let (mut size, mut block) = (1, None);
            for level in &self.levels {
                let larger = size * FAN;
                if !at.is_multiple_of(larger) || at + larger > end {
                    break;
                }
                (size, block) = (larger, level.get(at / larger));
            }
            total = total.and(block.copied().unwrap_or_else(|| Summary::of(self.values[at])));
            at += size;
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    fn brute(values: &[f64]) -> Summary {
        values.iter().map(|v| Summary::of(*v)).fold(Summary::EMPTY, Summary::and)
    }

    /// The same but for how the sum was rounded.
    fn alike(a: Summary, b: Summary) -> bool {
        let close = (a.sum - b.sum).abs() <= 1e-9 * (1.0 + b.len as f64);
        close && Summary { sum: 0.0, ..a } == Summary { sum: 0.0, ..b }
    }

    fn noise(len: usize) -> Vec<f64> {
        let normals = Random::new(5, Stream::SelfTest).normals(0, 0, len);
        let value = |(i, v): (usize, f32)| match i % 97 {
            13 => f64::NAN,
            51 => f64::INFINITY,
            _ if (4000..4100).contains(&i) => f64::NAN,
            _ => f64::from(v),
        };
        normals.into_iter().enumerate().map(value).collect()
    }

    fn built(values: &[f64]) -> Pyramid {
        let mut pyramid = Pyramid::default();
        values.iter().for_each(|v| pyramid.push(*v));
        pyramid
    }

    #[test]
    fn every_range_is_what_counting_by_hand_gives() {
        let values = noise(40_000);
        let pyramid = built(&values);
        assert_eq!(pyramid.levels.iter().map(Vec::len).collect::<Vec<_>>(), [1250, 39, 1]);
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for _ in 0..2000 {
            let (a, b) = (draw(values.len() + 1), draw(values.len() + 1));
            let range = a.min(b)..a.max(b);
            let (ours, theirs) = (pyramid.summary(range.clone()), brute(&values[range.clone()]));
            assert!(alike(ours, theirs), "{range:?}: {ours:?} is not {theirs:?}");
        }
        for range in [0..40_000, 0..0, 32..64, 31..65, 1024..2048, 4000..4100, 39_999..40_000] {
            assert!(alike(pyramid.summary(range.clone()), brute(&values[range.clone()])), "{range:?}");
        }
        assert_eq!(pyramid.summary(4000..4100).extremes(false), None, "a hundred gaps have no extremes");
        assert_eq!(pyramid.summary(39_000..90_000).len, 1000, "there is nothing beyond the end");
    }

    #[test]
    fn a_gap_ends_the_unbroken_part() {
        let mut values = vec![1.0; 5000];
        values[1000] = f64::NAN;
        values[3000] = f64::INFINITY;
        let pyramid = built(&values);
        assert_eq!(pyramid.unbroken(1500..2500, 2000), 1500..2500);
        assert_eq!(pyramid.unbroken(0..5000, 2000), 1001..3000);
        assert_eq!(pyramid.unbroken(900..2000, 1001), 1001..2000);
        assert_eq!(pyramid.unbroken(900..2000, 999), 900..1000);
    }

    #[test]
    fn a_list_that_is_cut_and_grows_again_is_like_a_new_one() {
        let values = noise(5000);
        for keep in [0, 1, 31, 32, 33, 1023, 1024, 1025, 4999] {
            let mut cut = built(&values);
            cut.truncate(keep);
            let mut expected = values[..keep].to_vec();
            for value in values.iter().rev().take(3000) {
                cut.push(*value);
                expected.push(*value);
            }
            assert_eq!(cut.levels, built(&expected).levels, "after {keep}");
            assert!(alike(cut.summary(0..expected.len()), brute(&expected)));
        }
    }

    #[test]
    fn a_logarithm_has_its_own_gaps() {
        let summary = built(&[-2.0, 0.0, 5.0, f64::NAN, 0.5]).summary(0..5);
        assert_eq!((summary.extremes(false), summary.extremes(true)), (Some([-2.0, 5.0]), Some([0.5, 5.0])));
        assert!(summary.has_gap(false) && summary.has_gap(true));
        let summary = built(&[-2.0, 1.0]).summary(0..2);
        assert!(!summary.has_gap(false) && summary.has_gap(true));
        assert_eq!(summary.mean(), Some(-0.5));
    }
}
