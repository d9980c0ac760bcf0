//! The size that pictures have by themselves, and the one to train at.

use crate::error::Result;

/// Sides that can be trained at, pixels.
pub const SIZES: [usize; 6] = [8, 16, 32, 64, 128, 256];

/// The first to be tried: most small sets have it.
const FIRST: usize = 32;

/// The largest side that is proposed, pixels: larger ones take a machine with a large GPU, and days.
const MOST_PROPOSED: usize = 64;

/// The shorter side of the pictures, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    /// Of all pictures, which are square.
    Exactly(usize),
    /// Of most of them.
    Between(usize, usize),
    AtLeast(usize),
    Below(usize),
}

impl Native {
    /// Finds it by fitting pictures to sizes: `fit` gives, for a side, how many pictures there were, and of these
    /// how many had another size, and how many a smaller one.
    ///
    /// # Errors
    /// Those of `fit`.
    pub fn found(mut fit: impl FnMut(usize) -> Result<(usize, usize, usize)>) -> Result<Self> {
        let start = SIZES.iter().position(|size| *size == FIRST).unwrap_or(0);
        let mut largest = None;
        let mut at = start;
        loop {
            let size = SIZES[at];
            let (used, resized, enlarged) = fit(size)?;
            if resized == 0 {
                return Ok(Self::Exactly(size));
            }
            // A few strays do not decide.
            let is_larger = enlarged * 10 <= used;
            let next = if is_larger { at + 1 } else { at.wrapping_sub(1) };
            if is_larger {
                largest = Some(size);
            }
            let turned = (at > start && !is_larger) || (at < start && is_larger);
            match SIZES.get(next) {
                Some(_) if !turned => at = next,
                _ => break,
            }
        }
        Ok(match largest.and_then(|size| SIZES.iter().position(|known| *known == size)) {
            None => Self::Below(SIZES[0]),
            Some(place) => match SIZES.get(place + 1) {
                Some(next) => Self::Between(SIZES[place], next - 1),
                None => Self::AtLeast(SIZES[place]),
            },
        })
    }

    pub fn words(self) -> String {
        match self {
            Self::Exactly(side) => format!("{side} × {side} pixels"),
            Self::Between(low, high) => format!("their shorter side has {low} to {high} pixels"),
            Self::AtLeast(side) => format!("their shorter side has {side} pixels or more"),
            Self::Below(side) => format!("their shorter side has less than {side} pixels"),
        }
    }

    /// The side to train at: none of the pictures has to be enlarged.
    pub fn proposed(self) -> usize {
        let most = match self {
            Self::Exactly(side) | Self::Between(side, _) | Self::AtLeast(side) => side,
            Self::Below(_) => SIZES[0],
        };
        let fitting = SIZES.into_iter().rev().find(|size| *size <= most.min(MOST_PROPOSED));
        fitting.unwrap_or(SIZES[0])
    }

    /// Whether the pictures would be worth a larger side than is proposed.
    pub fn is_more_than_proposed(self) -> bool {
        matches!(self, Self::Exactly(side) | Self::Between(side, _) | Self::AtLeast(side) if side > self.proposed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of ten pictures with these shorter sides, and at how many sizes they were fitted.
    fn found(sides: [usize; 10], square: bool) -> (Native, usize) {
        let mut looks = 0;
        let native = Native::found(|size| {
            looks += 1;
            let resized = sides.iter().filter(|side| **side != size || !square).count();
            Ok((10, resized, sides.iter().filter(|side| **side < size).count()))
        });
        (native.expect("a size"), looks)
    }

    #[test]
    fn sizes_are_found_in_few_looks() {
        for (side, native, looks) in [
            (32, Native::Exactly(32), 1),
            (64, Native::Exactly(64), 2),
            (16, Native::Exactly(16), 2),
            (28, Native::Between(16, 31), 2),
            (100, Native::Between(64, 127), 3),
            (3000, Native::AtLeast(256), 4),
            (6, Native::Below(8), 3),
        ] {
            assert_eq!(found([side; 10], true), (native, looks), "{side}");
        }
        assert_eq!(found([32; 10], false).0, Native::Between(32, 63), "landscapes are cropped");
        let stray = [500, 500, 500, 500, 20, 500, 500, 500, 500, 500];
        assert_eq!(found(stray, true).0, Native::AtLeast(256), "one small picture does not decide");
    }

    #[test]
    fn a_permitted_size_at_or_below_the_pictures_own_is_proposed() {
        for (native, size, more) in [
            (Native::Exactly(32), 32, false),
            (Native::Exactly(64), 64, false),
            (Native::Between(16, 31), 16, false),
            (Native::Between(64, 127), 64, false),
            (Native::Exactly(128), 64, true),
            (Native::AtLeast(256), 64, true),
            (Native::Below(8), 8, false),
        ] {
            assert_eq!((native.proposed(), native.is_more_than_proposed()), (size, more), "{native:?}");
        }
    }
}
