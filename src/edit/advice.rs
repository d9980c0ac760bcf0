//! Which way to edit a picture suits it, by what it shows and by what its model's training images show.

use image::RgbImage;

use super::signs::Signs;
use super::{Fit, Way};

/// Least detail of training images, as [`Signs::detail`], and their grain where nobody knows them.
const USUAL_DETAIL: f32 = 0.12;
const USUAL_GRAIN: [f32; 2] = [0.02, 0.07];

/// A picture is coarse with less than this share of the detail that nearly all training images have, and very
/// coarse with less than that.
const COARSE: f32 = 0.6;
const VERY_COARSE: f32 = 0.45;

/// More detail than this no coarse picture has, however busy the training images are: a flag has few edges, but
/// sharp ones.
const SHARP: f32 = 0.12;

/// Training images of which nearly all have more: a share of them.
const NEARLY_NONE: f32 = 0.05;

/// A picture of this share of the model's side or less has been enlarged.
const SMALL: f32 = 0.75;

/// Weakest noise that is told to the model, [-1, 1] units: four steps of a byte.
const LEAST_NOISE: f32 = 4.0 / 127.5;

/// Luma's share of the noise that lies on each of three channels.
const LUMA_SHARE: f32 = 0.669;

/// What is usual among the pictures that a model learned from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// Whether most have no colours.
    is_gray: bool,
    /// What nearly all have more of, as [`Signs::detail`].
    detail: f32,
    /// The median and what nearly all have less of, as [`Signs::grain_sigma`].
    grain: [f32; 2],
}

impl Default for Usual {
    fn default() -> Self {
        Self { is_gray: false, detail: USUAL_DETAIL, grain: USUAL_GRAIN }
    }
}

impl Usual {
    /// Of some of the training images.
    pub fn of(pictures: &[RgbImage]) -> Self {
        let seen: Vec<Signs> =
            pictures.iter().filter(|p| p.width() > 1 && p.height() > 1).map(Signs::of_picture).collect();
        let gray = seen.iter().filter(|signs| signs.is_gray).count();
        let details: Vec<f32> = seen.iter().filter_map(|signs| signs.detail).collect();
        let grains: Vec<f32> = seen.iter().map(|signs| signs.grain_sigma).collect();
        let or = |value: Option<f32>, usual: f32| value.unwrap_or(usual);
        Self {
            is_gray: 2 * gray > seen.len(),
            detail: or(quantile(details, NEARLY_NONE), USUAL_DETAIL),
            grain: [
                or(quantile(grains.clone(), 0.5), USUAL_GRAIN[0]),
                or(quantile(grains, 1.0 - NEARLY_NONE), USUAL_GRAIN[1]),
            ],
        }
    }
}

/// The value that a share of all are below; none of none.
fn quantile(mut values: Vec<f32>, share: f32) -> Option<f32> {
    let at = (share * values.len().saturating_sub(1) as f32).round() as usize;
    values.sort_by(f32::total_cmp);
    values.get(at).copied()
}

/// What is known of a picture besides its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Whether something of it is marked.
    pub has_mask: bool,
    /// The shorter side of the file, and the side of the model's pictures, pixels.
    pub own_side: usize,
    pub model_side: usize,
    pub fit: Fit,
}

/// What suits a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Advice {
    pub way: Way,
    /// Side of the patches whose means are to be kept where it is sharpened, pixels; none where nothing in the
    /// picture says it.
    pub patch: Option<usize>,
    /// The noise that lies on it, [-1, 1] units; none where there is no more than usual.
    pub noise_sigma: Option<f64>,
}

impl Advice {
    /// Nothing is known of a picture but whether something of it is marked.
    pub fn blind(has_mask: bool) -> Self {
        Self { way: if has_mask { Way::Inpaint } else { Way::Direct }, patch: None, noise_sigma: None }
    }

    /// What is marked is filled in; a gray picture gets colours, unless the model's own have none; a coarse one
    /// gets detail; everything else is projected as it is.
    pub fn on(signs: &Signs, usual: &Usual, case: Case) -> Self {
        let patch = coarse(signs, usual, case);
        let way = match () {
            () if case.has_mask => Way::Inpaint,
            () if signs.is_gray && !usual.is_gray => Way::Colourise,
            () if patch.is_some() => Way::SuperResolve,
            () => Way::Direct,
        };
        Self { way, patch, noise_sigma: noise(signs, usual) }
    }
}

/// Side of the patches that say all of a coarse picture, pixels.
fn coarse(signs: &Signs, usual: &Usual, case: Case) -> Option<usize> {
    if let Some(block) = signs.block {
        return Some(block);
    }
    // At its own size a photograph is smoother than small pictures are: nothing can be told.
    if case.fit == Fit::Tiles || signs.grain_sigma > usual.grain[1] {
        return None;
    }
    let share = case.own_side as f32 / case.model_side.max(1) as f32;
    if share <= SMALL {
        return Some(((1.0 / share).round() as usize).clamp(2, (case.model_side / 2).max(2)));
    }
    let detail = signs.detail.filter(|detail| *detail < SHARP)? / usual.detail.max(f32::MIN_POSITIVE);
    (detail < COARSE).then_some(if detail < VERY_COARSE { 4 } else { 2 })
}

fn noise(signs: &Signs, usual: &Usual) -> Option<f64> {
    let [median, most] = usual.grain;
    let own = (signs.grain_sigma.powi(2) - median.powi(2)).max(0.0).sqrt();
    let is_noise = signs.grain_sigma > most && own / LUMA_SHARE >= LEAST_NOISE;
    // Of a gray picture all channels have the same noise, which luma does not average.
    let share = if signs.is_gray { 1.0 } else { LUMA_SHARE };
    is_noise.then(|| f64::from(own / share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// Colours, no blocks, the detail that is usual without knowing better, no noise.
    const PLAIN: Signs = Signs { is_gray: false, block: None, detail: Some(0.3), grain_sigma: 0.01 };

    const CASE: Case = Case { has_mask: false, own_side: 32, model_side: 32, fit: Fit::Resize };

    fn way(signs: Signs, case: Case) -> Way {
        Advice::on(&signs, &Usual::default(), case).way
    }

    #[test]
    fn each_kind_of_picture_has_its_way() {
        let gray = Signs { is_gray: true, ..PLAIN };
        let blocks = Signs { block: Some(4), ..PLAIN };
        let smooth = Signs { detail: Some(0.05), ..PLAIN };
        let masked = Case { has_mask: true, ..CASE };
        for (signs, want) in [
            (PLAIN, Way::Direct),
            (gray, Way::Colourise),
            (blocks, Way::SuperResolve),
            (smooth, Way::SuperResolve),
            (Signs { detail: None, ..PLAIN }, Way::Direct),
        ] {
            assert_eq!(way(signs, CASE), want, "{signs:?}");
            assert_eq!(way(signs, masked), Way::Inpaint, "{signs:?} with a mask");
        }
        assert_eq!(
            way(PLAIN, Case { own_side: 16, ..CASE }),
            Way::SuperResolve,
            "fewer pixels than the model's"
        );
        assert_eq!(way(PLAIN, Case { own_side: 30, ..CASE }), Way::Direct);
        assert_eq!(
            way(smooth, Case { fit: Fit::Tiles, ..CASE }),
            Way::Direct,
            "a photograph at its own size"
        );
    }

    #[test]
    fn a_model_of_gray_or_soft_pictures_finds_them_usual() {
        let gray: Vec<RgbImage> = (0..8)
            .map(|i| RgbImage::from_fn(16, 16, |x, y| Rgb([(x * 7 + y * i * 3) as u8 % 200; 3])))
            .collect();
        let usual = Usual::of(&gray);
        assert_eq!(
            Advice::on(&Signs::of_picture(&gray[1]), &usual, Case { own_side: 16, model_side: 16, ..CASE })
                .way,
            Way::Direct
        );
        let soft: Vec<RgbImage> = (0..8)
            .map(|i| RgbImage::from_fn(32, 32, |x, y| Rgb([(x * 6) as u8, (y * 6) as u8, (x + y + i) as u8])))
            .collect();
        for picture in &soft {
            let signs = Signs::of_picture(picture);
            assert_eq!(Advice::on(&signs, &Usual::default(), CASE).way, Way::SuperResolve, "{signs:?}");
            assert_eq!(Advice::on(&signs, &Usual::of(&soft), CASE).way, Way::Direct, "{signs:?}");
        }
        assert_eq!(Usual::of(&[]), Usual { is_gray: false, ..Usual::default() });
    }

    #[test]
    fn patches_and_noise_are_as_the_picture_says() {
        let on = |signs: Signs, case| Advice::on(&signs, &Usual::default(), case);
        assert_eq!(on(Signs { block: Some(8), ..PLAIN }, CASE).patch, Some(8));
        assert_eq!(on(PLAIN, Case { own_side: 8, ..CASE }).patch, Some(4));
        assert_eq!(on(PLAIN, Case { own_side: 1, ..CASE }).patch, Some(16));
        assert_eq!(on(PLAIN, CASE).noise_sigma, None);
        let noisy = on(Signs { grain_sigma: 0.3 * LUMA_SHARE, ..PLAIN }, CASE);
        assert!(noisy.noise_sigma.is_some_and(|sigma| (sigma - 0.3).abs() < 0.01), "{noisy:?}");
        assert_eq!(noisy.way, Way::Direct);
    }
}
