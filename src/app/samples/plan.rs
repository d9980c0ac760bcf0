//! Where columns of tiles lie: all with the same tiles in the same order, as large as fits.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::app::theme;
use crate::app::tiles::{self, TILE_GAP};

/// Height of a column's heading, points.
const HEADING: f32 = 20.0;

/// A layout, in points from its own corner.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Columns of pictures, and tiles in each.
    blocks: usize,
    count: usize,
    /// Columns of pictures beside each other; the others follow below.
    across: usize,
    /// Tiles beside each other within one.
    tiles_across: usize,
    /// Side of a tile.
    pub side: f32,
    heading: f32,
}

impl Plan {
    /// The largest tiles that `area` has room for. `pixels` is the pictures' side and `pixels_per_point` the
    /// screen's density.
    pub fn fitting(blocks: usize, count: usize, area: Vec2, pixels: usize, pixels_per_point: f32) -> Self {
        // A grid that is alone needs no heading.
        let heading = if blocks > 1 { HEADING } else { 0.0 };
        let with = |across: usize| {
            let along = |length: f32, n: usize| (length - theme::GAP * (n as f32 - 1.0)) / n as f32;
            let rows = blocks.div_ceil(across);
            let block = vec2(along(area.x, across), along(area.y, rows) - heading);
            let (tiles_across, side) = tiles::fit(count, block, pixels, pixels_per_point);
            Self { blocks, count, across, tiles_across, side, heading }
        };
        let larger = |best: Self, next: Self| if next.side > best.side { next } else { best };
        // Beside each other they are compared best: they are stacked only where that gains something.
        (1..blocks.max(1)).rev().map(with).fold(with(blocks.max(1)), larger)
    }

    fn block(&self) -> Vec2 {
        let extent = |n: usize| n as f32 * (self.side + TILE_GAP) - TILE_GAP;
        vec2(extent(self.tiles_across.min(self.count)), extent(self.count.div_ceil(self.tiles_across)))
    }

    /// Of everything together.
    pub fn size(&self) -> Vec2 {
        let extent = |n: usize, length: f32| n as f32 * (length + theme::GAP) - theme::GAP;
        let block = self.block();
        vec2(
            extent(self.across.min(self.blocks), block.x),
            extent(self.blocks.div_ceil(self.across), block.y + self.heading),
        )
    }

    fn corner(&self, block: usize) -> Pos2 {
        let size = self.block();
        pos2(
            (block % self.across) as f32 * (size.x + theme::GAP),
            (block / self.across) as f32 * (size.y + self.heading + theme::GAP),
        )
    }

    pub fn heading(&self, block: usize) -> Rect {
        Rect::from_min_size(self.corner(block), vec2(self.block().x, self.heading))
    }

    /// Where all tiles of a column are.
    pub fn tiles(&self, block: usize) -> Rect {
        Rect::from_min_size(self.corner(block) + vec2(0.0, self.heading), self.block())
    }

    pub fn tile(&self, block: usize, index: usize) -> Rect {
        let place = vec2((index % self.tiles_across) as f32, (index / self.tiles_across) as f32);
        let corner = self.tiles(block).min + place * (self.side + TILE_GAP);
        Rect::from_min_size(corner, Vec2::splat(self.side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_leave_the_area_and_never_touch() {
        for blocks in 1..=4 {
            for area in [vec2(440.0, 230.0), vec2(300.0, 700.0), vec2(1200.0, 300.0)] {
                let plan = Plan::fitting(blocks, 36, area, 16, 1.0);
                let size = plan.size();
                assert!(size.x <= area.x + 0.1 && size.y <= area.y + 0.1, "{blocks} in {area:?}: {size:?}");
                let inside = Rect::from_min_size(Pos2::ZERO, size).expand(0.01);
                for block in 0..blocks {
                    assert!(inside.contains_rect(plan.tile(block, 35)), "{plan:?}");
                    for other in 0..block {
                        assert!(!plan.tiles(block).intersects(plan.tiles(other)), "{plan:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn wide_areas_put_columns_beside_each_other_and_tall_ones_below() {
        let wide = Plan::fitting(2, 1, vec2(800.0, 400.0), 16, 1.0);
        assert_eq!(wide.tile(0, 0).top(), wide.tile(1, 0).top());
        let tall = Plan::fitting(2, 1, vec2(400.0, 800.0), 16, 1.0);
        assert_eq!(tall.tile(0, 0).left(), tall.tile(1, 0).left());
    }
}
