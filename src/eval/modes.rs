//! How samples fall on the components of a mixture that is known.

use crate::error::Result;
use crate::finite::check_rows;
use crate::world::Mixture;

/// A component is hit if it has this share of the samples that are its due.
const HIT_SHARE: f64 = 0.2;
/// A sample lies on a component within so many standard deviations (root mean square over its numbers).
const INLIER_STDS: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModeCounts {
    /// Components that are hit.
    pub hit: usize,
    /// Share of samples that lie on a component.
    pub inlier: f64,
    /// Total variation between the shares of the components and equal shares.
    pub tv: f64,
}

/// Counts `samples`, rows of the mixture's dimension, by their nearest component.
///
/// # Errors
/// `Kind::Diverged` for numbers that are not finite: they are near no component.
pub fn count_modes(mixture: &Mixture, samples: &[f32]) -> Result<ModeCounts> {
    check_rows("samples", samples, mixture.dim)?;
    let mut counts = vec![0usize; mixture.components()];
    let (mut inliers, mut total) = (0usize, 0usize);
    for sample in samples.chunks_exact(mixture.dim) {
        let (nearest, rms) = nearest(mixture, sample);
        counts[nearest] += 1;
        inliers += usize::from(rms < INLIER_STDS * mixture.std);
        total += 1;
    }
    let (due, total) = (1.0 / counts.len() as f64, total.max(1) as f64);
    let shares: Vec<f64> = counts.iter().map(|c| *c as f64 / total).collect();
    Ok(ModeCounts {
        hit: shares.iter().filter(|share| **share > HIT_SHARE * due).count(),
        inlier: inliers as f64 / total,
        tv: 0.5 * shares.iter().map(|share| (share - due).abs()).sum::<f64>(),
    })
}

/// The component nearest to a sample, and its root mean square distance.
pub fn nearest(mixture: &Mixture, sample: &[f32]) -> (usize, f64) {
    let distance = |mean: &[f64]| -> f64 {
        let squares = mean.iter().zip(sample).map(|(m, x)| (f64::from(*x) - m).powi(2));
        (squares.sum::<f64>() / mixture.dim as f64).sqrt()
    };
    let all = mixture.means.iter().map(|mean| distance(mean)).enumerate();
    all.fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    #[test]
    fn the_worlds_own_samples_hit_every_mode() {
        for world in World::ALL {
            let mixture = world.mixture();
            let samples: Vec<f32> = (0..4000).flat_map(|i| mixture.sample(0, i).0).collect();
            let count = |samples: &[f32]| count_modes(&mixture, samples).expect("counts");
            let counts = count(&samples);
            assert_eq!(counts.hit, mixture.components());
            assert!(counts.inlier > 0.95 && counts.tv < 0.1, "{}: {counts:?}", world.name());
            let one: Vec<f32> = samples[..mixture.dim].repeat(100);
            let collapsed = count(&one);
            assert_eq!(collapsed.hit, 1);
            assert!(collapsed.tv > 0.8);
            let nothing = vec![9.0; mixture.dim * 10];
            assert_eq!(count(&nothing).inlier, 0.0);
            assert!(count_modes(&mixture, &vec![f32::NAN; mixture.dim]).is_err());
        }
    }
}
