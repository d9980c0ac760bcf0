//! What a reader should know beside a Fréchet distance.

use super::Opened;
use crate::eval::Frechet;

/// Images of published FIDs.
const FID_IMAGES: usize = 50_000;

/// Of a distance between `images` samples and a reference.
pub fn frechet_cautions(frechet: &Frechet, opened: &Opened, images: usize) -> Vec<String> {
    let few = opened.extractor.is_fid() && images < FID_IMAGES;
    let few = few.then(|| {
        format!(
            "published FIDs are of {FID_IMAGES} images: fewer, as here, give larger numbers, which compare only among themselves"
        )
    });
    frechet.caution().into_iter().chain(few).collect()
}
