//! How alike two pictures are: peak signal-to-noise ratio, and structural similarity (Wang et al., 2004).

use std::ops::Range;

/// Side of the Gaussian window, pixels, and its standard deviation; smaller pictures have a smaller one.
const WINDOW: usize = 11;
const WINDOW_STD: f64 = 1.5;
/// C1 and C2 of Wang et al. for values in [0, 1]: (0.01)² and (0.03)².
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// Places whose similarity is found at a time, rows: large pictures are not in memory in f64.
const BAND: usize = 32;

/// Peak signal-to-noise ratio, dB, of pictures in [-1, 1]: what lies outside is clipped, as it would be
/// shown. Equal pictures have infinity.
pub fn psnr(a: &[f32], b: &[f32]) -> f64 {
    psnr_of(a.iter().copied().zip(b.iter().copied()))
}

/// The same of pairs of numbers.
pub fn psnr_of(pairs: impl Iterator<Item = (f32, f32)>) -> f64 {
    let (sum, count) =
        pairs.fold((0.0, 0u64), |(sum, count), (a, b)| (sum + (unit(a) - unit(b)).powi(2), count + 1));
    -10.0 * (sum / count.max(1) as f64).log10()
}

/// Mean structural similarity of two pictures in [-1, 1] (clipped), `channels` planes of
/// `height`×`width`; 1 is equal.
///
/// The window is 11×11 with standard deviation 1.5 and lies within the picture everywhere; a picture with
/// a shorter side has the largest odd window that it holds, and a standard deviation in proportion. Means
/// are over places, then over channels.
pub fn ssim(a: &[f32], b: &[f32], shape: [usize; 3]) -> f64 {
    ssim_of(shape, |within| [a, b].map(|values| values[within.clone()].to_vec()))
}

/// The same of pictures whose numbers `read` gives, a stretch of both at a time.
pub fn ssim_of([channels, height, width]: [usize; 3], read: impl Fn(Range<usize>) -> [Vec<f32>; 2]) -> f64 {
    let side = WINDOW.min(height).min(width);
    if side == 0 {
        return 1.0;
    }
    let taps = taps(side - (1 - side % 2));
    let rows = height + 1 - taps.len();
    let places = rows * (width + 1 - taps.len());
    let mut sum = 0.0;
    for channel in 0..channels {
        for top in (0..rows).step_by(BAND) {
            let below = (top + BAND).min(rows) + taps.len() - 1;
            let row = |y: usize| (channel * height + y) * width;
            let [a, b] = read(row(top)..row(below));
            sum += of_band(&a, &b, width, &taps) / places as f64;
        }
    }
    sum / channels.max(1) as f64
}

/// The sum over all places of the window.
fn of_band(a: &[f32], b: &[f32], width: usize, taps: &[f64]) -> f64 {
    let [a, b] = [a, b].map(|plane| plane.iter().map(|v| unit(*v)).collect::<Vec<f64>>());
    let mean_of = |x: &[f64], y: &[f64]| {
        let products: Vec<f64> = x.iter().zip(y).map(|(x, y)| x * y).collect();
        windowed(&products, width, taps)
    };
    let (mean_a, mean_b) = (windowed(&a, width, taps), windowed(&b, width, taps));
    let (aa, bb, ab) = (mean_of(&a, &a), mean_of(&b, &b), mean_of(&a, &b));
    let at = |i: usize| {
        let (ma, mb) = (mean_a[i], mean_b[i]);
        let (var_a, var_b, cov) = (aa[i] - ma * ma, bb[i] - mb * mb, ab[i] - ma * mb);
        (2.0 * ma * mb + C1) * (2.0 * cov + C2) / ((ma * ma + mb * mb + C1) * (var_a + var_b + C2))
    };
    (0..mean_a.len()).map(at).sum()
}

/// Weighted means of a plane under the window, wherever it lies within: first across, then down.
fn windowed(plane: &[f64], width: usize, taps: &[f64]) -> Vec<f64> {
    let weighted = |values: &mut dyn Iterator<Item = f64>| taps.iter().zip(values).map(|(t, v)| t * v).sum();
    let narrow = width + 1 - taps.len();
    let across: Vec<f64> = plane
        .chunks_exact(width)
        .flat_map(|row| row.windows(taps.len()).map(|w| weighted(&mut w.iter().copied())))
        .collect();
    let rows = (across.len() / narrow + 1).saturating_sub(taps.len());
    (0..rows * narrow).map(|start| weighted(&mut across[start..].iter().step_by(narrow).copied())).collect()
}

/// One side of the window, its sum 1.
fn taps(side: usize) -> Vec<f64> {
    let std = WINDOW_STD * side as f64 / WINDOW as f64;
    let middle = (side / 2) as f64;
    let values: Vec<f64> = (0..side).map(|i| (-0.5 * ((i as f64 - middle) / std).powi(2)).exp()).collect();
    let total: f64 = values.iter().sum();
    values.into_iter().map(|v| v / total).collect()
}

/// From [-1, 1] to [0, 1].
fn unit(value: f32) -> f64 {
    (f64::from(value) * 0.5 + 0.5).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(height: usize, width: usize) -> [Vec<f32>; 2] {
        let place = |i: usize| ((i % width) as f64, (i / width) as f64);
        let wave = |i| 0.7 * (0.7 * place(i).0).sin() * (0.4 * place(i).1).cos();
        let other = |i| wave(i) + 0.2 * (1.3 * place(i).0 + 0.9 * place(i).1).sin();
        let all = 0..height * width;
        [all.clone().map(|i| wave(i) as f32).collect(), all.map(|i| other(i) as f32).collect()]
    }

    /// Against a plain program that sums over the window in two dimensions.
    #[test]
    fn pictures_of_known_similarity() {
        for (height, width, similarity, ratio) in [
            (13, 16, 0.908_778_825, 23.001_707_0),
            (8, 8, 0.739_843_831, 23.066_958_2),
            (4, 20, 0.788_049_900, 23.025_897_7),
        ] {
            let [a, b] = pictures(height, width);
            let got = ssim(&a, &b, [1, height, width]);
            assert!((got - similarity).abs() < 1e-6, "{height}×{width}: {got}");
            let got = psnr(&a, &b);
            assert!((got - ratio).abs() < 1e-5, "{height}×{width}: {got} dB");
            let (twice_a, twice_b) = (a.repeat(2), [b.clone(), a].concat());
            let half = ssim(&twice_a, &twice_b, [2, height, width]);
            assert!((half - (similarity + 1.0) / 2.0).abs() < 1e-6, "{half}");
        }
    }

    /// In bands or at once: the places are the same.
    #[test]
    fn tall_pictures_are_measured_in_bands() {
        let (height, width) = (3 * BAND + 17, 12);
        let [a, b] = pictures(height, width);
        let got = ssim(&a, &b, [1, height, width]);
        let at_once = of_band(&a, &b, width, &taps(11)) / ((height - 10) * (width - 10)) as f64;
        assert!((got - at_once).abs() < 1e-12, "{got} and {at_once}");
    }

    /// Of two flat pictures only their brightness differs: (2ab + C1) / (a² + b² + C1).
    #[test]
    fn flat_equal_and_clipped_pictures() {
        let flat = |v: f32| vec![v; 144];
        let (a, b) = (0.7, 0.6);
        let want = (2.0 * a * b + C1) / (a * a + b * b + C1);
        let got = ssim(&flat(0.4), &flat(0.2), [1, 12, 12]);
        assert!((got - want).abs() < 1e-6, "{got}");
        assert!((psnr(&flat(0.4), &flat(0.2)) - 20.0).abs() < 1e-4);
        assert_eq!(ssim(&flat(3.0), &flat(1.0), [1, 12, 12]), 1.0);
        assert_eq!(psnr(&flat(3.0), &flat(1.0)), f64::INFINITY);
        assert_eq!(ssim(&[], &[], [1, 0, 0]), 1.0);
        assert_eq!(ssim(&[0.5], &[0.5], [1, 1, 1]), 1.0);
    }
}
