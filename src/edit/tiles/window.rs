//! Where tiles lie along one side of a picture, and how much each counts there.

/// Share of a tile that overlaps with the next, at least.
const OVERLAP: f64 = 0.5;

/// Tiles along one side.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiling {
    /// First pixel of each tile.
    pub starts: Vec<usize>,
    /// What each tile counts on its pixels, those within the picture only. On every pixel the weights of
    /// all tiles add up to 1.
    pub weights: Vec<Vec<f32>>,
}

impl Tiling {
    /// Tiles of `tile` pixels that cover `len` pixels, evenly spread from one end to the other.
    pub fn new(len: usize, tile: usize) -> Self {
        let room = len.saturating_sub(tile);
        let stride = ((tile as f64 * (1.0 - OVERLAP)) as usize).max(1);
        let gaps = room.div_ceil(stride);
        let starts: Vec<usize> = (0..=gaps).map(|i| (room * i + gaps / 2) / gaps.max(1)).collect();
        // A Hann window, off its zeros: every pixel counts a little in every tile.
        let hann: Vec<f64> = (0..tile)
            .map(|i| (std::f64::consts::PI * (i as f64 + 0.5) / tile as f64).sin().powi(2))
            .collect();
        let mut totals = vec![0.0; len];
        for start in &starts {
            totals.iter_mut().skip(*start).zip(&hann).for_each(|(total, weight)| *total += weight);
        }
        let share = |start: &usize| -> Vec<f32> {
            hann.iter().zip(&totals[*start..]).map(|(weight, total)| (weight / total) as f32).collect()
        };
        let weights = starts.iter().map(share).collect();
        Self { starts, weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_tiles_cover_the_side() {
        for (len, tile) in [(1, 8), (8, 8), (9, 8), (12, 8), (13, 8), (100, 8), (1000, 64), (7, 1)] {
            let Tiling { starts, weights } = Tiling::new(len, tile);
            let mut sums = vec![0.0; len];
            for (start, weights) in starts.iter().zip(&weights) {
                assert!(weights.iter().all(|w| *w > 0.0));
                sums[*start..*start + weights.len()].iter_mut().zip(weights).for_each(|(s, w)| *s += w);
            }
            assert!(sums.iter().all(|s| (s - 1.0).abs() < 1e-5), "{len} of {tile}: {sums:?}");
            assert_eq!(starts[0], 0);
            assert_eq!(starts.last().map(|s| (s + tile).max(len)), Some(len.max(tile)));
            assert!(starts.windows(2).all(|s| s[1] > s[0] && s[1] - s[0] <= tile.div_ceil(2)), "{starts:?}");
        }
    }
}
