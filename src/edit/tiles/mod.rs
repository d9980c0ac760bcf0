//! Edits of pictures of any size: tile by tile, overlapping, the seams blended.

mod in_tiles;
mod sweep;
mod window;

pub use in_tiles::InTiles;

use crate::data;
use crate::error::{Error, Result};

/// Most pixels of a picture that is edited in tiles: of the largest that is decoded.
pub const MOST_PIXELS: usize = data::MOST_PIXELS as usize;

/// # Errors
/// `Kind::Usage` for a picture without pixels or with more than [`MOST_PIXELS`].
pub fn check_size(height: usize, width: usize) -> Result<()> {
    if (1..=MOST_PIXELS).contains(&height.saturating_mul(width)) {
        return Ok(());
    }
    Err(Error::usage(format!("{width}×{height} pixels cannot be edited in tiles: 1 to {MOST_PIXELS} can"))
        .hint("make the picture smaller, or edit it with --fit resize"))
}

#[cfg(test)]
mod tests;
