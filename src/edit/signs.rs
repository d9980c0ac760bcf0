//! What a picture shows of how it came about: whether it has colours, how fine its detail is, how much noise
//! lies on it.

use super::luma::gray as luma;
use crate::data::{Shape, pixels};

/// Mean and largest difference of a gray picture's channels, bytes: what lossy files leave of no colours.
const GRAY_MEAN: f32 = 2.5;
const GRAY_MOST: f32 = 24.0;

/// Pictures that vary less than this have nothing to see, root mean square around the mean, [-1, 1] units.
const FLAT: f32 = 0.02;

/// Sides of blocks that are looked for, pixels, largest first.
const BLOCKS: [usize; 5] = [16, 8, 4, 3, 2];

/// Least number of blocks across and down: fewer may be a flag.
const LEAST_BLOCKS: usize = 4;

/// How far a pixel may be from the others of its block, [-1, 1] units: what rounding and good JPEGs add.
const BLOCK_NOISE: f32 = 4.0 / 127.5;

/// Share of the borders between blocks, across and down, on which there has to be a step.
const STEPS: f32 = 0.25;

/// What a normal variable's median is of its standard deviation, both without sign.
const MEDIAN_OF_NORMAL: f32 = 0.6745;

/// The signs of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signs {
    /// Whether it has no colours.
    pub is_gray: bool,
    /// Side of the blocks of one colour that it is made of, pixels, if it is: a small picture enlarged.
    pub block: Option<usize>,
    /// What is lost where its detail finer than two pixels is, as a share of its contrast; none of a picture
    /// without contrast.
    pub detail: Option<f32>,
    /// Standard deviation of its finest grain, [-1, 1] units: noise, where it is more than pictures of the kind
    /// have.
    pub grain_sigma: f32,
}

impl Signs {
    /// The signs of a picture (C×H×W in [-1, 1]) of `shape`, which has pixels.
    pub fn of(numbers: &[f32], shape: Shape) -> Self {
        let gray = luma(numbers, shape);
        let contrast = rms_around_mean(&gray);
        let has_contrast = contrast >= FLAT;
        Self {
            is_gray: has_contrast && is_gray(numbers, shape),
            block: BLOCKS.into_iter().find(|side| has_contrast && is_blocks(&gray, shape, *side)),
            detail: has_contrast.then(|| detail(&gray, shape) / contrast),
            grain_sigma: grain(&gray, shape),
        }
    }

    /// The signs of a picture as it is.
    pub fn of_picture(picture: &image::RgbImage) -> Self {
        let (width, height) = picture.dimensions();
        let shape = Shape { channels: 3, height: height as usize, width: width as usize };
        Self::of(&pixels::chw_of_whole(picture, shape.channels), shape)
    }
}

/// Whether all channels say the same, but for a little.
fn is_gray(numbers: &[f32], shape: Shape) -> bool {
    let plane = shape.pixels().max(1);
    let (mut sum, mut most) = (0.0, 0.0_f32);
    for pixel in 0..shape.pixels() {
        let values = numbers.iter().skip(pixel).step_by(plane);
        let (least, largest) = values.fold((1.0_f32, -1.0_f32), |(a, b), v| (a.min(*v), b.max(*v)));
        let bytes = (largest - least).max(0.0) * 127.5;
        sum += bytes;
        most = most.max(bytes);
    }
    most <= GRAY_MOST && sum / plane as f32 <= GRAY_MEAN
}

/// Whether the gray picture is made of blocks of `side`×`side` pixels, each of one colour, and they differ.
fn is_blocks(gray: &[f32], shape: Shape, side: usize) -> bool {
    let Shape { width, height, .. } = shape;
    if width.min(height) / side < LEAST_BLOCKS {
        return false;
    }
    let at = |x: usize, y: usize| gray[y * width + x];
    let differ = |a: f32, b: f32| (a - b).abs() > BLOCK_NOISE;
    let (mut steps, mut borders) = ([0, 0], [0, 0]);
    for y in 0..height {
        for x in 0..width {
            let neighbours = [(x + 1 < width).then(|| (x + 1, y)), (y + 1 < height).then(|| (x, y + 1))];
            for (along, next) in neighbours.into_iter().enumerate() {
                let Some((to_x, to_y)) = next else { continue };
                let differs = differ(at(x, y), at(to_x, to_y));
                let is_border = [to_x, to_y][along] % side == 0;
                if differs && !is_border {
                    return false;
                }
                borders[along] += usize::from(is_border);
                steps[along] += usize::from(differs);
            }
        }
    }
    steps.iter().zip(borders).all(|(steps, borders)| *steps as f32 >= STEPS * borders.max(1) as f32)
}

/// Root mean square of what is lost where the gray picture is shrunk to half its size and enlarged again.
fn detail(gray: &[f32], shape: Shape) -> f32 {
    let (width, height) = (shape.width / 2, shape.height / 2);
    if width == 0 || height == 0 {
        return 0.0;
    }
    let at = |x: usize, y: usize| gray[y * shape.width + x];
    let half: Vec<f32> = (0..width * height)
        .map(|i| (2 * (i % width), 2 * (i / width)))
        .map(|(x, y)| (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0)
        .collect();
    // Between the centres of the half picture's pixels lie a quarter and three quarters.
    let nearest = |at: usize, side: usize| {
        let other = if at.is_multiple_of(2) { (at / 2).saturating_sub(1) } else { at / 2 + 1 };
        (at / 2, other.min(side - 1))
    };
    let mut sum = 0.0;
    for y in 0..2 * height {
        let (own_y, other_y) = nearest(y, height);
        for x in 0..2 * width {
            let (own_x, other_x) = nearest(x, width);
            let row = |y: usize| 0.75 * half[y * width + own_x] + 0.25 * half[y * width + other_x];
            sum += (at(x, y) - 0.75 * row(own_y) - 0.25 * row(other_y)).powi(2);
        }
    }
    (sum / (4 * width * height) as f32).sqrt()
}

/// Standard deviation of noise with which 2×2 pixels would differ crosswise as they do, by the median: edges are
/// few, noise is everywhere (Donoho & Johnstone, Biometrika 81, 1994).
fn grain(gray: &[f32], shape: Shape) -> f32 {
    let Shape { width, height, .. } = shape;
    let at = |x: usize, y: usize| gray[y * width + x];
    let crosswise =
        |x: usize, y: usize| (at(x, y) - at(x + 1, y) - at(x, y + 1) + at(x + 1, y + 1)).abs() / 2.0;
    let mut all: Vec<f32> = (1..height)
        .flat_map(|y| (1..width).map(move |x| (x - 1, y - 1)))
        .map(|(x, y)| crosswise(x, y))
        .collect();
    if all.is_empty() {
        return 0.0;
    }
    let middle = all.len() / 2;
    let (_, median, _) = all.select_nth_unstable_by(middle, f32::total_cmp);
    *median / MEDIAN_OF_NORMAL
}

fn rms_around_mean(values: &[f32]) -> f32 {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Corruption;

    const SHAPE: Shape = Shape { channels: 3, height: 32, width: 32 };

    /// Something with colours, edges and slopes.
    fn scene() -> Vec<f32> {
        let value = |channel: usize, x: usize, y: usize| {
            let disc = (x as f32 - 13.0).hypot(y as f32 - 17.0) < 8.0;
            let stripes = (x * 3 + y * 5) % 7 < 3;
            let base = 0.5 * ((channel * 2 + 1) as f32 * 0.13 * (x + y) as f32).sin();
            base + if disc { 0.4 - 0.3 * channel as f32 } else { 0.0 } + if stripes { 0.15 } else { -0.15 }
        };
        (0..SHAPE.numbers()).map(|i| value(i / 1024, i % 32, i % 1024 / 32)).collect()
    }

    fn spoiled(corruption: Corruption) -> Signs {
        Signs::of(&corruption.apply(&scene(), SHAPE, 0, 0).image, SHAPE)
    }

    #[test]
    fn each_sign_is_seen_where_it_is_and_nowhere_else() {
        let clean = Signs::of(&scene(), SHAPE);
        assert!(!clean.is_gray && clean.block.is_none(), "{clean:?}");
        let clean_detail = clean.detail.expect("contrast");
        let gray = spoiled(Corruption::Grayscale);
        assert!(gray.is_gray && gray.block.is_none(), "{gray:?}");
        let coarse = spoiled(Corruption::DownUp);
        assert_eq!((coarse.is_gray, coarse.block), (false, Some(4)));
        let blurred = spoiled(Corruption::Blur);
        assert!(blurred.detail.expect("contrast") < 0.6 * clean_detail, "{blurred:?} of {clean:?}");
        assert!(!blurred.is_gray && blurred.block.is_none());
    }

    #[test]
    fn noise_is_measured() {
        // On a slope, which has no grain of its own.
        let slope: Vec<f32> = (0..SHAPE.numbers()).map(|i| (i % 32) as f32 / 31.0 - 0.5).collect();
        assert!(Signs::of(&slope, SHAPE).grain_sigma < 1e-3);
        for sigma in [0.15_f32, 0.3] {
            let noisy = Corruption::Noise { sigma }.apply(&slope, SHAPE, 5, 2).image;
            // Luma averages the channels' noise: its weights' squares add up to 0.447.
            let seen = Signs::of(&noisy, SHAPE).grain_sigma / 0.447_f32.sqrt();
            assert!((seen / sigma - 1.0).abs() < 0.15, "{seen} for {sigma}");
        }
    }

    #[test]
    fn flags_and_flat_pictures_are_not_coarse_and_one_colour_is_not_gray() {
        let shape = Shape::square(3, 16);
        let flag: Vec<f32> = (0..768).map(|i| if (i % 16 < 8) == (i < 256) { 0.7 } else { -0.7 }).collect();
        let signs = Signs::of(&flag, shape);
        assert!(!signs.is_gray && signs.block.is_none() && signs.grain_sigma == 0.0, "{signs:?}");
        for value in [-1.0, 0.3, 1.0] {
            let flat = Signs::of(&[value; 768], shape);
            assert!(!flat.is_gray && flat.block.is_none() && flat.detail.is_none(), "{flat:?}");
        }
        let tiny = Signs::of(&[0.5, -0.5, 0.1], Shape { channels: 3, height: 1, width: 1 });
        assert_eq!((tiny.block, tiny.grain_sigma), (None, 0.0));
    }

    #[test]
    fn what_a_lossy_file_leaves_of_gray_is_gray() {
        let gray = Corruption::Grayscale.apply(&scene(), SHAPE, 0, 0).image;
        let tinted = |by: f32| -> Vec<f32> {
            gray.iter().enumerate().map(|(i, v)| if i < 1024 { v + by } else { *v }).collect()
        };
        assert!(Signs::of(&tinted(2.0 / 127.5), SHAPE).is_gray);
        assert!(!Signs::of(&tinted(12.0 / 127.5), SHAPE).is_gray, "sepia is a colour");
    }
}
