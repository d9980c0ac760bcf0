//! Bilinear resizing without smoothing first, as the networks' own programs do it: their features, and the
//! distances on them, depend on it.

use rayon::prelude::*;

use super::Images;

/// Where pixels lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centres {
    /// Pixels are points, the first of both images at the same place (TensorFlow 1).
    AtCorners,
    /// Pixels are squares that cover both images: their centres lie at half pixels.
    AtHalves,
}

/// The colours of `images` on `side` × `side` pixels, `[count, 3, side, side]`; gray is repeated. `finish` is
/// given the colour (0 to 2) and its value (0 to 255). The same numbers whatever the number of threads.
pub fn resized(
    images: &Images<'_>,
    side: usize,
    centres: Centres,
    finish: impl Fn(usize, f32) -> f32 + Sync,
) -> Vec<f32> {
    let bytes = images.rgb();
    let taps: Vec<Tap> = (0..side).map(|to| Tap::new(to, images.side, side, centres)).collect();
    let mut numbers = vec![0.0; images.count() * 3 * side * side];
    let planes = bytes.par_chunks_exact((images.side * images.side).max(1)).enumerate();
    let filled = numbers.par_chunks_exact_mut((side * side).max(1)).zip(planes);
    filled.for_each(|(numbers, (index, plane))| {
        for (row, y) in numbers.chunks_exact_mut(side).zip(&taps) {
            let [above, below] = [y.low, y.high].map(|line| &plane[line * images.side..][..images.side]);
            for (number, x) in row.iter_mut().zip(&taps) {
                *number = finish(index % 3, y.between(x.of(above), x.of(below)));
            }
        }
    });
    numbers
}

/// Two neighbouring pixels, and how far from the first to the second. Single precision, as those programs.
struct Tap {
    low: usize,
    high: usize,
    share: f32,
}

impl Tap {
    /// What pixel `to` of `side` lies between, of `from`; beyond the outermost ones the edge goes on.
    fn new(to: usize, from: usize, side: usize, centres: Centres) -> Self {
        let scale = from as f32 / side as f32;
        let last = from.saturating_sub(1);
        let place = match centres {
            Centres::AtCorners => to as f32 * scale,
            Centres::AtHalves => (to as f32 + 0.5) * scale - 0.5,
        };
        let place = place.clamp(0.0, last as f32);
        let low = (place as usize).min(last);
        Self { low, high: (low + 1).min(last), share: place - low as f32 }
    }

    fn between(&self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.share
    }

    fn of(&self, line: &[u8]) -> f32 {
        self.between(f32::from(line[self.low]), f32::from(line[self.high]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_lie_between_their_neighbours() {
        let places = |from, to, centres| -> Vec<f32> {
            (0..to).map(|i| Tap::new(i, from, to, centres)).map(|t| t.low as f32 + t.share).collect()
        };
        // Two pixels become four: centres at -0.25, 0.25, 0.75 and 1.25 of the old ones.
        assert_eq!(places(2, 4, Centres::AtHalves), [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(places(4, 2, Centres::AtHalves), [0.5, 2.5]);
        assert_eq!(places(3, 3, Centres::AtHalves), [0.0, 1.0, 2.0]);
        assert_eq!(places(1, 2, Centres::AtHalves), [0.0, 0.0]);
        assert_eq!(places(2, 4, Centres::AtCorners), [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(places(4, 2, Centres::AtCorners), [0.0, 2.0]);
    }
}
