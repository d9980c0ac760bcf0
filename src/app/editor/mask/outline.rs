//! The line around what is masked.

use eframe::egui::{Color32, Painter, Rect, Stroke};
use image::GrayImage;

use super::bitmap::Mask;
use super::changes::Stamp;
use super::stroke;
use super::view::View;

/// Most pieces that are painted: masks of many small holes have checks alone.
const MOST: usize = 6_000;

/// A piece between two corners of pixels.
type Piece = [[u32; 2]; 2];

/// The pieces of the line, found anew where the mask has changed.
#[derive(Default)]
pub struct Outline {
    of: Option<Stamp>,
    pieces: Vec<Piece>,
}

impl Outline {
    pub fn show(&mut self, painter: &Painter, view: View, mask: &Mask) {
        if self.of != Some(mask.stamp()) {
            (self.of, self.pieces) = (Some(mask.stamp()), pieces(mask.image()));
        }
        let seen = painter.clip_rect().expand(2.0);
        for line in stroke::lines(Color32::WHITE) {
            let line = Stroke::new(line.width * 0.8, line.color);
            for piece in &self.pieces {
                let ends = piece.map(|[x, y]| view.to_screen([x as f32, y as f32]));
                if seen.intersects(Rect::from_two_pos(ends[0], ends[1])) {
                    painter.line_segment(ends, line);
                }
            }
        }
    }
}

/// Where masked and unmasked pixels meet, and where masked ones meet the picture's edge; none where there are too
/// many pieces.
fn pieces(mask: &GrayImage) -> Vec<Piece> {
    let (width, height) = mask.dimensions();
    let is_masked = |x: Option<u32>, y: Option<u32>| match (x, y) {
        (Some(x), Some(y)) if x < width && y < height => mask.get_pixel(x, y).0[0] != 0,
        _ => false,
    };
    let mut pieces = Vec::new();
    let mut along =
        |lines: u32, len: u32, meets: &dyn Fn(u32, u32) -> bool, corner: &dyn Fn(u32, u32) -> [u32; 2]| {
            for line in 0..=lines {
                let mut start = None;
                for at in 0..=len {
                    match (at < len && meets(line, at), start) {
                        (true, None) => start = Some(at),
                        (false, Some(from)) => {
                            pieces.push([corner(line, from), corner(line, at)]);
                            start = None;
                        }
                        _ => {}
                    }
                }
                if pieces.len() > MOST {
                    return;
                }
            }
        };
    let across = |y: u32, x: u32| is_masked(Some(x), y.checked_sub(1)) != is_masked(Some(x), Some(y));
    along(height, width, &across, &|y, x| [x, y]);
    let down = |x: u32, y: u32| is_masked(x.checked_sub(1), Some(y)) != is_masked(Some(x), Some(y));
    along(width, height, &down, &|x, y| [x, y]);
    if pieces.len() > MOST { Vec::new() } else { pieces }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn the_line_goes_around_what_is_masked_in_few_pieces() {
        let mut mask = Mask::new(9, 7);
        mask.fill_box([2.0, 1.0], [5.0, 4.0], 255);
        let mut found = pieces(mask.image());
        found.sort_unstable();
        assert_eq!(found, [[[2, 1], [2, 4]], [[2, 1], [5, 1]], [[2, 4], [5, 4]], [[5, 1], [5, 4]]]);
        mask.clear();
        assert!(pieces(mask.image()).is_empty());
        mask.invert();
        assert_eq!(pieces(mask.image()).len(), 4, "the picture's edge");
    }

    #[test]
    fn dust_has_no_line() {
        let dust =
            GrayImage::from_fn(200, 200, |x, y| Luma([if x % 2 == 0 && y % 2 == 0 { 255 } else { 0 }]));
        assert!(pieces(&dust).is_empty());
    }
}
