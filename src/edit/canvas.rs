//! A picture as the numbers that are edited: fitted to the model, or as large as it is.

mod holes;

use image::{GrayImage, RgbImage};

use super::tiles::check_size;
use crate::data::{Shape, pixels};
use crate::error::{Error, Result};

/// How a picture of another size meets the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// The middle square is resized to the model's resolution, as training pictures are.
    #[default]
    Resize,
    /// The whole picture keeps its size and is edited in tiles.
    Tiles,
}

/// A picture in numbers, and which of its pixels are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Canvas {
    pub shape: Shape,
    /// C×H×W in [-1, 1].
    pub numbers: Vec<f32>,
    /// H×W; none where no mask was given, or the mask marks nothing at this size.
    pub known: Option<Vec<bool>>,
}

impl Canvas {
    /// `picture` for a model of pictures of shape `own`. White of `holes` (128 and up), which is as large
    /// as the picture, is to be filled in; where it is resized, a pixel is known only if nothing white is
    /// anywhere under it, and shows nothing of the holes beside it.
    ///
    /// # Errors
    /// `Kind::Usage` for holes of another size, for a picture too large for tiles, for a model of neither
    /// gray nor colour pictures.
    pub fn new(picture: &RgbImage, holes: Option<&GrayImage>, own: Shape, fit: Fit) -> Result<Self> {
        check_model(own)?;
        if let Some(holes) = holes.filter(|h| h.dimensions() != picture.dimensions()) {
            let ((width, height), (wide, high)) = (holes.dimensions(), picture.dimensions());
            return Err(Error::usage(format!(
                "the mask has {width}×{height} pixels, the picture {wide}×{high}"
            ))
            .hint("give a mask of the picture's size: white is filled in, black is kept"));
        }
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut canvas = match fit {
            Fit::Tiles => {
                check_size(height, width)?;
                Self {
                    shape: Shape { channels: own.channels, height, width },
                    numbers: pixels::chw_of_whole(picture, own.channels),
                    known: holes.map(holes::known),
                }
            }
            Fit::Resize => {
                let size = own.short_side();
                let (numbers, known) = match holes {
                    None => (pixels::chw_from_picture(picture, own.channels, size), None),
                    Some(holes) => {
                        let (numbers, known) = holes::fitted(picture, holes, own.channels, size);
                        (numbers, Some(known))
                    }
                };
                Self { shape: own, numbers, known }
            }
        };
        canvas.known = canvas.known.filter(|known| known.contains(&false));
        Ok(canvas)
    }

    pub fn picture(&self) -> RgbImage {
        pixels::picture_of_shape(&self.numbers, self.shape)
    }
}

/// # Errors
/// `Kind::Usage` for a model of neither gray nor colour pictures.
pub fn check_model(own: Shape) -> Result<()> {
    if matches!(own.channels, 1 | 3) {
        return Ok(());
    }
    Err(Error::usage(format!("the model's images have {} channels", own.channels))
        .hint("use a model of gray or colour pictures"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgb};

    const OWN: Shape = Shape { channels: 3, height: 8, width: 8 };

    fn wide() -> (RgbImage, GrayImage) {
        let holes = GrayImage::from_fn(40, 20, |x, _| Luma([if x < 20 { 255 } else { 0 }]));
        (RgbImage::from_fn(40, 20, |x, y| Rgb([x as u8, y as u8, 7])), holes)
    }

    #[test]
    fn tiles_keep_the_size_and_resizing_takes_the_middle_square_of_both() {
        let (picture, holes) = wide();
        let whole = Canvas::new(&picture, Some(&holes), OWN, Fit::Tiles).expect("it fits");
        assert_eq!((whole.shape.width, whole.shape.height), (40, 20));
        assert_eq!(whole.picture(), picture);
        let fitted = Canvas::new(&picture, Some(&holes), OWN, Fit::Resize).expect("it fits");
        assert_eq!((fitted.shape, fitted.numbers.len()), (OWN, 192));
        let left_unknown: Vec<bool> = (0..64).map(|i| i % 8 >= 4).collect();
        assert_eq!(fitted.known, Some(left_unknown));
        assert_eq!(Canvas::new(&picture, None, OWN, Fit::Resize).expect("it fits").known, None);
    }

    #[test]
    fn what_cannot_be_edited_is_refused_in_words() {
        let (picture, holes) = wide();
        let refused = |picture: &RgbImage, holes: Option<&GrayImage>, own, fit| {
            let error = Canvas::new(picture, holes, own, fit).expect_err("refused");
            assert!(error.remedy.is_some());
            error.what
        };
        let turned = image::imageops::rotate90(&holes);
        let words = refused(&picture, Some(&turned), OWN, Fit::Resize);
        assert!(words.contains("20×40") && words.contains("40×20"), "{words}");
        let black = GrayImage::new(40, 20);
        assert_eq!(Canvas::new(&picture, Some(&black), OWN, Fit::Tiles).expect("it fits").known, None);
        assert!(refused(&picture, None, Shape::square(2, 1), Fit::Resize).contains("2 channels"));
    }
}
