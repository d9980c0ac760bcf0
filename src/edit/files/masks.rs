//! The mask of each file: one for all, or one each by name.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage, imageops};

use super::list;
use super::namesakes::{Found, Names};
use crate::data::{self, Photo};
use crate::error::{Error, Result};

/// Where masks come from. White of a mask is to be filled in; what is transparent in it is kept, as black is.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a call")]
pub enum Masks {
    None,
    ForAll(GrayImage),
    Each {
        folder: PathBuf,
        /// The pictures in it, and the files that are none.
        pictures: Names,
        others: Names,
    },
}

impl Masks {
    /// A picture for all files, or a folder with one for each under the same name, whatever its ending.
    ///
    /// # Errors
    /// A file that is no picture; a folder that cannot be read.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::None) };
        if !path.is_dir() {
            return Ok(Self::ForAll(read(path)?));
        }
        // What cannot be read is told when its turn comes.
        let (pictures, others) =
            list::files_in(path)?.into_iter().partition(|file| data::is_picture(file).unwrap_or(true));
        let [pictures, others] = [pictures, others].map(Names::new);
        Ok(Self::Each { folder: path.to_path_buf(), pictures, others })
    }

    /// The mask of `file`; none where no masks were given at all.
    ///
    /// # Errors
    /// A mask that is missing or no picture; two that could be meant.
    pub fn of(&self, file: &Path) -> Result<Option<Cow<'_, GrayImage>>> {
        match self {
            Self::None => Ok(None),
            Self::ForAll(mask) => Ok(Some(Cow::Borrowed(mask))),
            Self::Each { folder, pictures, others } => match pictures.find(file) {
                Found::One(mask) => Ok(Some(Cow::Owned(read(mask)?))),
                Found::Several(masks) => {
                    let names = masks.iter().map(|mask| list::name(mask)).collect::<Vec<_>>().join(", ");
                    Err(Error::data(file, format!("more than one mask could be meant for it: {names}"))
                        .hint(format!("keep one of them in {}", folder.display())))
                }
                Found::None => {
                    let mut what = format!("there is no mask of the name {} for it", list::stem(file));
                    if let Found::One(other) = others.find(file) {
                        what.push_str(&format!("; {} is no picture", list::name(other)));
                    }
                    Err(Error::data(file, what)
                        .hint(format!("put one into {}, or leave the picture out", folder.display())))
                }
            },
        }
    }
}

/// What is less opaque than this is a hole in a picture: below, the white that it is laid on shows.
const OPAQUE: u8 = 250;

/// The mask that a picture's opacity makes: what is not opaque is to be filled in.
pub fn of_alpha(mut alpha: GrayImage) -> GrayImage {
    alpha.iter_mut().for_each(|value| *value = if *value < OPAQUE { u8::MAX } else { 0 });
    alpha
}

/// What either marks. Masks of different sizes are left to be refused.
pub fn both(mask: Option<&GrayImage>, clear: Option<GrayImage>) -> Option<GrayImage> {
    let (Some(mask), Some(clear)) = (mask, &clear) else { return mask.cloned().or(clear) };
    if mask.dimensions() != clear.dimensions() {
        return Some(mask.clone());
    }
    let mut marked = mask.clone();
    marked.iter_mut().zip(clear.as_raw()).for_each(|(mask, clear)| *mask = (*clear).max(*mask));
    Some(marked)
}

/// A mask file in gray, on black where it is transparent: white strokes on a layer of their own mark what
/// they cover.
///
/// # Errors
/// A file that is missing or no picture.
pub fn read(path: &Path) -> Result<GrayImage> {
    let Photo { picture, alpha, .. } = data::open_photo(path)?;
    Ok(of_picture(&picture, alpha))
}

/// A picture that was laid on white as a mask, and how opaque it was where not all of it was.
pub fn of_picture(picture: &RgbImage, alpha: Option<GrayImage>) -> GrayImage {
    let mut mask = imageops::grayscale(picture);
    if let Some(alpha) = alpha {
        // It comes laid on white: black instead is less by just what is transparent.
        let on_black = |value: u8, alpha: u8| value.saturating_sub(u8::MAX - alpha);
        mask.iter_mut().zip(alpha.as_raw()).for_each(|(value, alpha)| *value = on_black(*value, *alpha));
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    #[test]
    fn masks_are_found_by_name_and_doubles_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        GrayImage::from_pixel(6, 5, image::Luma([255])).save(at("cat.png")).expect("a mask");
        let masks = Masks::open(Some(folder.path())).expect("a folder of masks");
        let cat = masks.of(Path::new("pictures/cat.jpg")).expect("a mask").expect("one");
        assert_eq!((cat.dimensions(), cat.get_pixel(0, 0).0), ((6, 5), [255]));
        let error = masks.of(Path::new("pictures/dog.jpg")).expect_err("no mask");
        assert!(error.what.contains("dog") && error.remedy.is_some(), "{error}");

        let one = Masks::open(Some(&at("cat.png"))).expect("a mask");
        assert!(one.of(Path::new("dog.jpg")).expect("for all").is_some());
        assert!(Masks::open(None).expect("none").of(Path::new("dog.jpg")).expect("none").is_none());
        assert!(Masks::open(Some(&at("missing.png"))).is_err());

        GrayImage::new(6, 5).save(at("cat.bmp")).expect("a mask");
        let masks = Masks::open(Some(folder.path())).expect("a folder of masks");
        let error = masks.of(Path::new("cat.jpg")).expect_err("two");
        assert!(error.what.contains("cat.bmp, cat.png") && error.remedy.is_some(), "{error}");
        assert!(masks.of(Path::new("cat.png")).expect("its own").is_some());
    }

    /// Notes, lists and thumbnails' caches beside masks are none, whatever they are called.
    #[test]
    fn only_pictures_are_masks() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        GrayImage::from_pixel(6, 5, image::Luma([255])).save(at("cat.png")).expect("a mask");
        // A picture by its contents alone.
        std::fs::copy(at("cat.png"), at("dog.mask")).expect("a mask");
        for (name, contents) in
            [("cat.json", "{}"), ("cat.txt", ""), ("fox.png", "not yet drawn"), ("Thumbs.db", "x")]
        {
            std::fs::write(at(name), contents).expect("a file");
        }
        let masks = Masks::open(Some(folder.path())).expect("a folder of masks");
        for name in ["cat.jpg", "dog.jpg"] {
            assert!(masks.of(Path::new(name)).expect("a mask").is_some(), "{name}");
        }
        let error = masks.of(Path::new("fox.jpg")).expect_err("no picture");
        assert!(
            error.what.contains("no mask of the name fox") && error.what.contains("fox.png is no"),
            "{error}"
        );
    }

    #[test]
    fn strokes_on_a_transparent_layer_mark_what_they_cover() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("layer.png");
        // Transparent black, transparent white, opaque white, opaque black, half white, half of a half.
        let colours = [[0, 0], [255, 0], [255, 255], [0, 255], [255, 128], [128, 128]];
        let layer = RgbaImage::from_fn(6, 4, |x, _| {
            let [value, alpha] = colours[x as usize];
            Rgba([value, value, value, alpha])
        });
        layer.save(&path).expect("a mask");
        let masks = Masks::open(Some(&path)).expect("a mask");
        let mask = masks.of(Path::new("a.png")).expect("for all").expect("a mask");
        assert!(mask.as_raw().chunks(6).all(|row| row == [0, 0, 255, 0, 128, 64]), "{:?}", mask.as_raw());
    }

    #[test]
    fn what_is_not_opaque_is_a_hole() {
        let alpha = GrayImage::from_raw(4, 1, vec![0, 249, 250, 255]).expect("a picture");
        assert_eq!(*of_alpha(alpha.clone()).as_raw(), [255, 255, 0, 0]);
        let mask = GrayImage::from_raw(4, 1, vec![0, 0, 0, 200]).expect("a picture");
        let marked = both(Some(&mask), Some(of_alpha(alpha))).expect("a mask");
        assert_eq!(*marked.as_raw(), [255, 255, 0, 200]);
        assert_eq!(both(None, None), None);
    }
}
