//! The single pictures of a grid file: what `Grid` put together, taken apart again.

use image::{Rgb, RgbImage, imageops};

use crate::data::pixels::{GAP_COLOUR, GRID_GAP, GRID_LARGE, GRID_SCALE};

/// The pictures in a sample grid, at the size they were made in. None for a picture that is no grid.
///
/// The file does not say how many there are: of all ways to divide it, the one into the most pictures is taken
/// that has nothing but the colour of gaps between them.
pub fn pictures_in(sheet: &RgbImage) -> Option<Vec<RgbImage>> {
    let (width, height) = (sheet.width() + GRID_GAP, sheet.height() + GRID_GAP);
    let divided = |columns: &u32| {
        let pitch = width / columns;
        let rows = height / pitch.max(1);
        // As many columns as rows, or one more.
        let whole = width.is_multiple_of(*columns) && height.is_multiple_of(pitch.max(1));
        let shape = rows == *columns || rows + 1 == *columns;
        let side = pitch.saturating_sub(GRID_GAP);
        let size = side >= GRID_LARGE || (side > 0 && side.is_multiple_of(GRID_SCALE));
        whole && shape && size && gaps_are_empty(sheet, pitch)
    };
    let columns = (1..=width / (GRID_GAP + 1)).rev().find(divided)?;
    let pitch = width / columns;
    let side = pitch - GRID_GAP;
    let cell = |i: u32| {
        let (x, y) = ((i % columns) * pitch, (i / columns) * pitch);
        imageops::crop_imm(sheet, x, y, side, side).to_image()
    };
    let rows = height / pitch;
    let mut cells: Vec<RgbImage> = (0..rows * columns).map(cell).collect();
    // The last row may be short, but never empty.
    for _ in 1..columns.min(cells.len() as u32) {
        if cells.last().is_none_or(|cell| !cell.pixels().all(|pixel| *pixel == GAP_COLOUR)) {
            break;
        }
        cells.pop();
    }
    let enlarged =
        side.is_multiple_of(GRID_SCALE) && side < GRID_LARGE * GRID_SCALE && cells.iter().all(is_enlarged);
    let scale = if enlarged { GRID_SCALE } else { 1 };
    Some(cells.iter().map(|cell| shrunk(cell, scale)).collect())
}

/// Whether everything between pictures that are `pitch` pixels apart has the colour of gaps.
fn gaps_are_empty(sheet: &RgbImage, pitch: u32) -> bool {
    let between = |at: u32| at % pitch >= pitch - GRID_GAP;
    let across = (0..sheet.width()).filter(|x| between(*x));
    let down = (0..sheet.height()).filter(|y| between(*y));
    let empty = |pixel: &Rgb<u8>| *pixel == GAP_COLOUR;
    across.flat_map(|x| (0..sheet.height()).map(move |y| (x, y))).all(|(x, y)| empty(sheet.get_pixel(x, y)))
        && down
            .flat_map(|y| (0..sheet.width()).map(move |x| (x, y)))
            .all(|(x, y)| empty(sheet.get_pixel(x, y)))
}

/// Whether each pixel stands for `GRID_SCALE`×`GRID_SCALE` equal ones.
fn is_enlarged(cell: &RgbImage) -> bool {
    cell.enumerate_pixels()
        .all(|(x, y, pixel)| pixel == cell.get_pixel(x - x % GRID_SCALE, y - y % GRID_SCALE))
}

fn shrunk(cell: &RgbImage, scale: u32) -> RgbImage {
    RgbImage::from_fn(cell.width() / scale, cell.height() / scale, |x, y| {
        *cell.get_pixel(x * scale, y * scale)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::grid::Grid;

    fn picture(side: u32, seed: u32) -> RgbImage {
        RgbImage::from_fn(side, side, |x, y| {
            let mixed = (x * 31 + y * 57 + seed * 101).wrapping_mul(2_654_435_761) >> 24;
            Rgb([mixed as u8, (mixed / 2) as u8, 40])
        })
    }

    #[test]
    fn a_grid_is_taken_apart_into_what_it_was_made_of() {
        for (side, count) in [(8, 1), (8, 2), (8, 5), (16, 36), (32, 7), (64, 3), (128, 4), (130, 3)] {
            let pictures: Vec<_> = (0..count).map(|seed| picture(side, seed)).collect();
            let png = Grid::of(&pictures).expect("a grid").png;
            let sheet = image::load_from_memory(&png).expect("a PNG").into_rgb8();
            assert!(pictures_in(&sheet).as_ref() == Some(&pictures), "{count} of {side}×{side} pixels");
        }
    }

    #[test]
    fn other_pictures_are_no_grids() {
        assert_eq!(pictures_in(&picture(37, 0)), None);
        assert_eq!(pictures_in(&RgbImage::new(600, 20)), None);
        assert_eq!(pictures_in(&RgbImage::new(1, 1)), None);
    }
}
