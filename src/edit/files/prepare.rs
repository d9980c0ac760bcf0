//! A file as it is edited: read, with its holes, fitted, and spoiled if that was asked for.

use super::masks::{self, Masks};
use super::{Numbered, Request};
use crate::data::{self, Shape};
use crate::edit::{Canvas, Way};
use crate::error::{Error, Result};

/// The picture as a model of pictures of shape `own` edits it, and as it was where it is spoiled first.
///
/// # Errors
/// A file or mask that is no picture, does not fit, or leaves nothing to do.
pub fn prepare(
    own: Shape,
    request: &Request,
    masks: &Masks,
    file: &Numbered<'_>,
) -> Result<(Canvas, Option<Vec<f32>>)> {
    let path = file.path;
    let (picture, alpha) = data::open_with_alpha(path)?;
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
    let Some(corruption) = request.corruption else { return Ok((canvas, None)) };
    let spoiled = corruption.apply(&canvas.numbers, canvas.shape, request.wish.seed, file.number);
    let clean = std::mem::replace(&mut canvas.numbers, spoiled.image);
    canvas.known = match (canvas.known.take(), spoiled.known) {
        (Some(a), Some(b)) => Some(a.into_iter().zip(b).map(|(a, b)| a && b).collect()),
        (a, b) => a.or(b),
    };
    Ok((canvas, Some(clean)))
}
