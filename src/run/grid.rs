//! Pictures as one PNG, large enough to be looked at.

use image::RgbImage;

use crate::data::pixels::{self, GRID_GAP, GRID_LARGE, GRID_SCALE};
use crate::error::{Error, Kind, Result};

/// How the name of a file with a grid of samples begins.
pub const SAMPLES_PREFIX: &str = "samples-";

/// An encoded grid; its sides in pixels.
#[derive(Clone, Debug)]
pub struct Grid {
    pub width: u32,
    pub height: u32,
    pub png: Vec<u8>,
}

impl Grid {
    pub fn of(pictures: &[RgbImage]) -> Result<Self> {
        let columns = (pictures.len() as f64).sqrt().ceil() as usize;
        let large = pictures.first().is_some_and(|p| p.width() >= GRID_LARGE);
        let grid = pixels::grid(pictures, columns, if large { 1 } else { GRID_SCALE }, GRID_GAP);
        let mut png = std::io::Cursor::new(Vec::new());
        grid.write_to(&mut png, image::ImageFormat::Png)
            .map_err(|e| Error::new(Kind::Data, format!("the pictures cannot be encoded: {e}")))?;
        Ok(Self { width: grid.width(), height: grid.height(), png: png.into_inner() })
    }
}
