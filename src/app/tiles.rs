//! Pictures in rows, as large as fits, with rounded corners and square pixels.

use eframe::egui::epaint::RectShape;
use eframe::egui::load::SizedTexture;
use eframe::egui::{Color32, CornerRadius, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::theme::TILE_RADIUS;

/// Space between two tiles, points.
pub const TILE_GAP: f32 = 4.0;

/// From this magnification on it is rounded down to a whole number, so that all pixels look alike;
/// below it that would waste too much of the pane.
const SNAP_ZOOM: f32 = 3.0;

/// A grid may have slightly smaller tiles if that fills its last row: the price of a hole there, as a
/// share of the tiles' side were all of them holes.
const HOLE_COST: f32 = 0.5;

/// Columns and tile side (points) with which `count` square tiles are largest in `area` (points).
/// `pixels` is the pictures' side and `pixels_per_point` the screen's density.
pub fn fit(count: usize, area: Vec2, pixels: usize, pixels_per_point: f32) -> (usize, f32) {
    let side = |columns: usize| {
        let rows = count.div_ceil(columns);
        let along = |length: f32, n: usize| (length - TILE_GAP * (n as f32 - 1.0)) / n as f32;
        let side = along(area.x, columns).min(along(area.y, rows)).max(0.0);
        let zoom = side * pixels_per_point / pixels.max(1) as f32;
        if zoom >= SNAP_ZOOM { zoom.floor() * pixels as f32 / pixels_per_point } else { side }
    };
    let score = |columns: usize| {
        let holes = count.next_multiple_of(columns) - count;
        side(columns) * (1.0 - HOLE_COST * holes as f32 / count as f32)
    };
    let oblong = |columns: usize| columns.abs_diff(count.div_ceil(columns));
    let best = (1..=count)
        .max_by(|&a, &b| score(a).total_cmp(&score(b)).then(oblong(b).cmp(&oblong(a))))
        .unwrap_or(1);
    (best, side(best))
}

/// The largest rectangle of `size`'s proportions in the middle of `slot`.
pub fn inside(size: Vec2, slot: Rect) -> Rect {
    let zoom = (slot.width() / size.x.max(1.0)).min(slot.height() / size.y.max(1.0));
    Rect::from_center_size(slot.center(), size * zoom)
}

/// One picture that can be clicked.
pub fn tile(ui: &mut Ui, rect: Rect, texture: impl Into<SizedTexture>, label: &str) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(label), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label));
    paint(ui, rect, texture);
    if response.hovered() || response.has_focus() {
        let stroke = eframe::egui::Stroke::new(1.5, ui.visuals().text_color());
        ui.painter().rect_stroke(rect, TILE_RADIUS, stroke, eframe::egui::StrokeKind::Outside);
    }
    response
}

/// A picture with rounded corners that fills `rect`.
pub fn paint(ui: &Ui, rect: Rect, texture: impl Into<SizedTexture>) {
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    let shape = RectShape::filled(rect, CornerRadius::same(TILE_RADIUS), Color32::WHITE);
    ui.painter().add(shape.with_texture(texture.into().id, whole));
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    #[test]
    fn a_square_grid_fills_a_square_area() {
        let (columns, side) = fit(36, vec2(620.0, 620.0), 64, 1.0);
        assert_eq!(columns, 6);
        assert!((side - 100.0).abs() < 1e-3, "{side}");
    }

    #[test]
    fn of_equal_grids_the_fuller_one_is_taken() {
        // Eight columns and six give 64-point tiles here; six leave no hole.
        assert_eq!(fit(36, vec2(615.0, 472.0), 16, 1.0), (6, 64.0));
    }

    #[test]
    fn large_zooms_are_whole_and_tiles_never_leave_the_area() {
        for count in 1..70 {
            for area in [vec2(300.0, 620.0), vec2(900.0, 200.0)] {
                let (columns, side) = fit(count, area, 16, 1.5);
                let rows = count.div_ceil(columns);
                let width = columns as f32 * side + (columns as f32 - 1.0) * TILE_GAP;
                let height = rows as f32 * side + (rows as f32 - 1.0) * TILE_GAP;
                assert!(width <= area.x + 0.01 && height <= area.y + 0.01, "{count} in {area:?}");
                let zoom = side * 1.5 / 16.0;
                assert!(zoom < SNAP_ZOOM || (zoom - zoom.round()).abs() < 1e-4, "zoom {zoom}");
            }
        }
    }
}
