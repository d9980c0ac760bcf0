//! A file as it is edited: read, with its holes, fitted, and spoiled if that was asked for.

use super::masks::{self, Masks};
use super::{Numbered, Request};
use crate::data::{self, Photo, Profile, Shape};
use crate::edit::{Canvas, Way};
use crate::error::{Error, Result};

/// Most pixels of a picture that is spoiled first: a blur of a large one would take hours.
const MOST_SPOILED_PIXELS: usize = 1 << 22;

/// A file as it is edited.
pub struct Prepared {
    pub canvas: Canvas,
    /// The numbers before they were spoiled, where they were.
    pub clean: Option<Vec<f32>>,
    /// What the numbers mean as colours, for the result.
    pub profile: Option<Profile>,
    /// What of the file could not be kept, in words.
    pub note: Option<String>,
}

/// The picture as a model of pictures of shape `own` edits it.
///
/// # Errors
/// A file or mask that is no picture, does not fit, or leaves nothing to do.
pub fn prepare(own: Shape, request: &Request, masks: &Masks, file: &Numbered<'_>) -> Result<Prepared> {
    let path = file.path;
    let Photo { picture, alpha, profile, note } = data::open_photo(path)?;
    let mask = masks.of(path)?;
    let fills = request.wish.way.is_none_or(|way| way == Way::Inpaint);
    let clear = alpha.filter(|_| fills).map(masks::of_alpha);
    let holes = masks::both(mask.as_deref(), clear);
    let mut canvas = Canvas::new(&picture, holes.as_ref(), own, request.wish.fit)?;
    if mask.is_some() && canvas.known.is_none() {
        return Err(Error::data(path, "the mask marks nothing to be filled in, at the size that is edited")
            .hint("paint white what is to be filled in; --fit tiles keeps the picture's size"));
    }
    if canvas.known.as_ref().is_some_and(|known| !known.contains(&true)) {
        return Err(Error::data(path, "nothing of the picture is known, at the size that is edited").hint(
            "mark less of it; --fit tiles keeps the picture's size; --mode direct fills no transparent pixels in",
        ));
    }
    // Its pixels are in the canvas now.
    drop(picture);
    let Some(corruption) = request.corruption else {
        return Ok(Prepared { canvas, clean: None, profile, note });
    };
    if canvas.shape.pixels() > MOST_SPOILED_PIXELS {
        let Shape { width, height, .. } = canvas.shape;
        let what =
            format!("{width}×{height} pixels are too many to be spoiled: {MOST_SPOILED_PIXELS} are the most");
        return Err(Error::data(path, what).hint("leave --corrupt out, or make the picture smaller"));
    }
    let spoiled = corruption.apply(&canvas.numbers, canvas.shape, request.wish.seed, file.number);
    let clean = std::mem::replace(&mut canvas.numbers, spoiled.image);
    canvas.known = match (canvas.known.take(), spoiled.known) {
        (Some(a), Some(b)) => Some(a.into_iter().zip(b).map(|(a, b)| a && b).collect()),
        (a, b) => a.or(b),
    };
    Ok(Prepared { canvas, clean: Some(clean), profile, note })
}
