//! The pictures to choose from.

use eframe::egui::{ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::entry::Entry;
use crate::app::{theme, tiles};

/// Side of the pictures in the list, points.
pub const THUMB: f32 = 52.0;

/// Around all pictures, for the ring around the selected one, points.
const RING: f32 = 4.0;

/// Diameter of the dot on a picture that waits for the trainer, points.
const WAITING: f32 = 10.0;

/// Shows them, newest first; returns the index of a clicked one.
pub fn show(ui: &mut Ui, entries: &mut [Entry], selected: usize) -> Option<usize> {
    let mut clicked = None;
    let side = THUMB.min(ui.available_height() - 2.0 * RING).max(1.0);
    ScrollArea::vertical().min_scrolled_height(0.0).auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        // The ring around the selected picture is cut off at the edge otherwise.
        ui.add_space(RING);
        for (index, entry) in entries.iter_mut().enumerate().rev() {
            let (slot, _) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
            let picture = entry.state().picture.clone();
            let texture = entry.texture.show(ui.ctx(), &picture);
            let rect = tiles::inside(texture.size_vec2(), slot);
            let response = tiles::tile(ui, rect, &texture, &format!("picture {}", index + 1));
            if index == selected {
                let stroke = Stroke::new(2.0, theme::palette(ui).accent);
                ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
            }
            if entry.is_projecting() {
                let palette = theme::palette(ui);
                let at = rect.right_bottom() - Vec2::splat(WAITING);
                ui.painter().circle(at, WAITING / 2.0, palette.accent, Stroke::new(1.5, palette.card));
            }
            if response.on_hover_text(&entry.name).clicked() {
                clicked = Some(index);
            }
        }
    });
    clicked
}
