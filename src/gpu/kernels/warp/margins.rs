//! How far images are reflected beyond their borders, and where their points are found then.

use super::RIM;
use super::affine::Affine;

/// Pixels added on each side before a warp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

impl Margins {
    /// The margins that `maps` of `size`×`size` images need, all together: those of Karras et al.'s whole
    /// batches, so that an image comes out as theirs does. Beyond its reflection an image is 0.
    pub fn of<'a>(maps: impl Iterator<Item = &'a Affine>, size: usize) -> Self {
        let half = (size as f64 - 1.0) / 2.0;
        let corners = [[-half, -half], [half, -half], [half, half], [-half, half]];
        let reached: Vec<[f64; 2]> = maps.flat_map(|map| corners.map(|c| map.at(c))).collect();
        let side = |far: fn(&[f64; 2]) -> f64| {
            let furthest = reached.iter().map(far).fold(f64::NEG_INFINITY, f64::max);
            (furthest + 2.0 * RIM as f64 - half).clamp(0.0, size as f64 - 1.0).ceil() as usize
        };
        Self { left: side(|p| -p[0]), top: side(|p| -p[1]), right: side(|p| p[0]), bottom: side(|p| p[1]) }
    }

    /// Where a place of the transformed image is found in the original that has these margins. Both are at twice the
    /// resolution, and their places count from their corners: pixel i, of the margins or of the transformed image's
    /// rim too, lies at place 2 i.
    pub fn found(self, map: &Affine, size: usize, place: [usize; 2]) -> [f64; 2] {
        let centre = (size as f64 - 1.0) / 2.0;
        let [x, y] = map.at(place.map(|place| place as f64 / 2.0 - RIM as f64 - centre));
        let corner = [self.left, self.top].map(|margin| margin as f64 + centre);
        [2.0 * (x + corner[0]), 2.0 * (y + corner[1])]
    }
}
