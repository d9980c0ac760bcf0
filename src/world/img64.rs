//! Sixty-four little pictures: each the sum of two blobs, light or dark.

use super::Mixture;
use crate::random::{Random, Stream};

pub const SIDE: usize = 8;
const PICTURES: usize = 64;
const BLOBS: usize = 2;
const STD: f64 = 0.1;
/// Where a blob's centre may lie, pixels.
const CENTRE: [f64; 2] = [1.0, 6.0];
/// A blob's width, pixels.
const WIDTH: [f64; 2] = [0.8, 1.6];
/// The world is one and the same for everybody.
const SEED: u32 = 0;

/// The pictures, their mean taken away and scaled to a standard deviation of 1/2, noise included.
pub fn mixture() -> Mixture {
    let mut means: Vec<Vec<f64>> = (0..PICTURES).map(picture).collect();
    let count = (PICTURES * SIDE * SIDE) as f64;
    let mean = means.iter().flatten().sum::<f64>() / count;
    means.iter_mut().flatten().for_each(|m| *m -= mean);
    let square = means.iter().flatten().map(|m| m * m).sum::<f64>() / count;
    let scale = ((0.25 - STD * STD) / square).sqrt();
    means.iter_mut().flatten().for_each(|m| *m *= scale);
    Mixture { dim: SIDE * SIDE, means, std: STD }
}

fn picture(index: usize) -> Vec<f64> {
    let random = Random::new(SEED, Stream::WorldShape);
    let mut pixels = vec![0.0; SIDE * SIDE];
    for blob in 0..BLOBS {
        let draws = random.uniforms(index as u64, blob as u32, 4);
        let within = |i: usize, [low, high]: [f64; 2]| low + (high - low) * f64::from(draws[i]);
        let (x, y, width) = (within(0, CENTRE), within(1, CENTRE), within(2, WIDTH));
        let sign = if draws[3] < 0.5 { -1.0 } else { 1.0 };
        for (i, pixel) in pixels.iter_mut().enumerate() {
            let (dx, dy) = ((i % SIDE) as f64 - x, (i / SIDE) as f64 - y);
            *pixel += sign * (-(dx * dx + dy * dy) / (2.0 * width * width)).exp();
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    /// Pictures that look alike could not be told apart by a metric.
    #[test]
    fn every_picture_is_its_own() {
        let mixture = super::mixture();
        for (i, a) in mixture.means.iter().enumerate() {
            for b in &mixture.means[..i] {
                let rms = (a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 64.0).sqrt();
                assert!(rms > mixture.std, "two pictures differ by {rms} only");
            }
        }
    }
}
