//! What is looked at as a PNG file, with words in it that say what it is.

use std::path::PathBuf;

use image::{Rgb, RgbImage, imageops};

use crate::app::fresh_file;
use crate::data::pixels::{self, GRID_GAP, GRID_LARGE, GRID_SCALE};
use crate::data::png_bytes;
use crate::error::Result;
use crate::plain_file::make_folder;
use crate::run::message::Pictures;

/// Space between grids, pixels.
const COLUMN_GAP: u32 = 16;

/// A picture that is to be written.
pub struct Export {
    pub path: PathBuf,
    pub what: What,
    pub texts: Vec<(&'static str, String)>,
}

pub enum What {
    /// One picture as it is.
    Single(RgbImage),
    /// Grids with the same number of columns, from left to right.
    Grids(Vec<Pictures>),
}

impl Export {
    /// Writes the file under a name that no other has.
    ///
    /// # Errors
    /// A folder or file that cannot be written; a folder of the run that is elsewhere.
    pub fn write(self) -> Result<PathBuf> {
        self.path.parent().map_or(Ok(()), make_folder)?;
        let picture = match self.what {
            What::Single(picture) => picture,
            What::Grids(grids) => beside_each_other(&grids),
        };
        let texts: Vec<_> = self.texts.into_iter().map(|(key, text)| (key, latin_1(&text))).collect();
        fresh_file::write(&self.path, &png_bytes(&picture, &texts)?)
    }
}

/// Grids in one picture. All tiles have the size of the largest.
fn beside_each_other(grids: &[Pictures]) -> RgbImage {
    let most = grids.iter().map(|grid| grid.len()).max().unwrap_or(0);
    let columns = (most as f64).sqrt().ceil() as usize;
    let sides = grids.iter().filter_map(|grid| grid.first()).map(RgbImage::width);
    let side = sides.max().unwrap_or(1);
    let tile = if side >= GRID_LARGE { side } else { side * GRID_SCALE };
    let sheets: Vec<RgbImage> = grids
        .iter()
        .map(|grid| {
            let sized =
                |picture: &RgbImage| imageops::resize(picture, tile, tile, imageops::FilterType::Nearest);
            let pictures: Vec<RgbImage> = grid.iter().map(sized).collect();
            pixels::grid(&pictures, columns, 1, GRID_GAP)
        })
        .collect();
    let width: u32 = sheets.iter().map(|sheet| sheet.width() + COLUMN_GAP).sum();
    let height = sheets.iter().map(RgbImage::height).max().unwrap_or(1);
    let ground: Rgb<u8> = pixels::GAP_COLOUR;
    let mut whole = RgbImage::from_pixel(width.saturating_sub(COLUMN_GAP).max(1), height, ground);
    let mut left = 0;
    for sheet in &sheets {
        imageops::replace(&mut whole, sheet, i64::from(left), 0);
        left += sheet.width() + COLUMN_GAP;
    }
    whole
}

/// PNG's plain words know no other characters.
pub fn latin_1(text: &str) -> String {
    text.chars().map(|c| if u32::from(c) < 256 { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(side: u32, value: u8, count: usize) -> Pictures {
        vec![RgbImage::from_pixel(side, side, Rgb([value; 3])); count].into()
    }

    #[test]
    fn tiles_of_all_columns_have_one_size() {
        let picture = beside_each_other(&[grid(8, 200, 4), grid(16, 100, 4)]);
        // Twice two tiles of 64 pixels with a gap, and the space between the grids.
        assert_eq!(picture.dimensions(), (2 * (64 + 2 + 64) + 16, 64 + 2 + 64));
        assert_eq!(picture.get_pixel(63, 63).0, [200; 3]);
        assert_eq!(picture.get_pixel(130 + 16, 0).0, [100; 3]);
        assert_eq!(*picture.get_pixel(130 + 8, 0), pixels::GAP_COLOUR);
    }

    #[test]
    fn words_that_png_does_not_know_do_not_lose_the_picture() {
        let folder = tempfile::tempdir().expect("a folder");
        let export = || Export {
            path: folder.path().join("saved").join("a.png"),
            what: What::Single(RgbImage::new(4, 4)),
            texts: vec![("recipe", "日本 Käse".to_owned())],
        };
        let first = export().write().expect("a file");
        let file = std::io::BufReader::new(std::fs::File::open(&first).expect("a file"));
        let reader = png::Decoder::new(file).read_info().expect("a PNG");
        assert_eq!(reader.info().uncompressed_latin1_text[0].text, "?? Käse");
        assert_ne!(export().write().expect("another file"), first, "nothing is overwritten");
    }
}
