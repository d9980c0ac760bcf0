//! A look at a picture, for what suits it.

use std::sync::Arc;

use image::RgbImage;
use image::imageops::crop_imm;

use crate::data::{Shape, pixels};
use crate::edit::{Advice, Case, Fit, Signs, Usual};

/// Side of the middle of a large picture that is looked at, pixels.
const MIDDLE: u32 = 512;

/// The signs of the last picture that was looked at: they take a while.
#[derive(Default)]
pub struct Look(Option<(Arc<RgbImage>, Fit, usize, Signs)>);

impl Look {
    /// What suits `picture`, with something of it marked or not, for a model of pictures of `side` pixels that
    /// knows what is `usual`; 0 where nobody knows the side yet.
    pub fn advice(
        &mut self,
        picture: &Arc<RgbImage>,
        has_mask: bool,
        fit: Fit,
        usual: &Usual,
        side: usize,
    ) -> Advice {
        if side == 0 {
            return Advice::blind(has_mask);
        }
        let is_known = |(of, by, at, _): &(Arc<RgbImage>, Fit, usize, Signs)| {
            Arc::ptr_eq(of, picture) && *by == fit && *at == side
        };
        let known = self.0.take().filter(is_known);
        let new = || (Arc::clone(picture), fit, side, signs(picture, fit, side));
        let (.., signs) = self.0.insert(known.unwrap_or_else(new));
        let own_side = picture.width().min(picture.height()) as usize;
        Advice::on(signs, usual, Case { has_mask, own_side, model_side: side, fit })
    }
}

/// The signs of a picture as it is edited.
fn signs(picture: &RgbImage, fit: Fit, side: usize) -> Signs {
    match fit {
        Fit::Resize => Signs::of(&pixels::chw_from_picture(picture, 3, side), Shape::square(3, side)),
        Fit::Tiles => {
            let [width, height] = [picture.width(), picture.height()].map(|side| side.min(MIDDLE));
            let [x, y] = [(picture.width() - width) / 2, (picture.height() - height) / 2];
            Signs::of_picture(&crop_imm(picture, x, y, width, height).to_image())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Way;
    use image::Rgb;

    #[test]
    fn the_way_is_chosen_anew_for_each_picture_and_where_something_is_marked() {
        let mut look = Look::default();
        let usual = Usual::default();
        let mut way = |picture: &RgbImage, has_mask: bool, fit: Fit| {
            look.advice(&Arc::new(picture.clone()), has_mask, fit, &usual, 32).way
        };
        let hash =
            |x: u32, y: u32| (x.wrapping_mul(97) ^ y.wrapping_mul(61)).wrapping_mul(2_654_435_761) >> 24;
        let gray = RgbImage::from_fn(64, 48, |x, y| Rgb([hash(x / 2, y / 2) as u8; 3]));
        let fine =
            RgbImage::from_fn(32, 32, |x, y| Rgb([if (x / 3 + y / 5) % 2 == 0 { 220 } else { 20 }, 90, 40]));
        let coarse =
            RgbImage::from_fn(32, 32, |x, y| Rgb([hash(x / 4, y / 4) as u8, 90, hash(y / 4, x / 4) as u8]));
        let small = RgbImage::from_fn(16, 16, |x, y| *fine.get_pixel(x, y));
        assert_eq!(way(&gray, false, Fit::Resize), Way::Colourise);
        assert_eq!(way(&fine, false, Fit::Resize), Way::Direct);
        assert_eq!(way(&coarse, false, Fit::Resize), Way::SuperResolve);
        assert_eq!(way(&small, false, Fit::Resize), Way::SuperResolve);
        assert_eq!(way(&small, false, Fit::Tiles), Way::Direct);
        assert_eq!(way(&gray, true, Fit::Resize), Way::Inpaint);
    }

    #[test]
    fn before_the_run_says_its_size_only_the_mask_counts() {
        let picture = Arc::new(RgbImage::from_fn(8, 8, |x, _| Rgb([x as u8 * 30; 3])));
        let advice = |has_mask| Look::default().advice(&picture, has_mask, Fit::Resize, &Usual::default(), 0);
        assert_eq!((advice(false), advice(true)), (Advice::blind(false), Advice::blind(true)));
    }
}
