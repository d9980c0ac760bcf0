//! Before, and after each application of the model, side by side.

use eframe::egui::{Label, Rect, RichText, Stroke, StrokeKind, Ui, UiBuilder, Vec2, pos2, vec2};

use super::gallery::Hung;
use super::state::Made;
use crate::app::{theme, tiles};
use crate::words;

/// Height of a picture's two caption lines, points.
const CAPTION: f32 = 36.0;

/// Lower than this, pictures have no captions, points: they would be smaller than their words.
const LOW: f32 = 120.0;

/// Space between two pictures, points.
const PICTURE_GAP: f32 = 8.0;

/// Shows them in `area`, or the picture before in every place while `held`; returns the index of a clicked
/// application.
pub fn show(ui: &mut Ui, area: Rect, made: &Made, hung: &Hung, chosen: usize, held: bool) -> Option<usize> {
    let projection = &made.projection;
    let count = hung.after.len() + 1;
    let below = if area.height() < LOW { 0.0 } else { CAPTION };
    let (columns, side) = fit(count, area.size(), below);
    let palette = theme::palette(ui);
    let mut clicked = None;
    for i in 0..count {
        let (column, row) = ((i % columns) as f32, (i / columns) as f32);
        let offset = vec2(column * (side + PICTURE_GAP), row * (side + below.max(PICTURE_GAP)));
        let corner = area.min + offset;
        let rect = Rect::from_min_size(corner, Vec2::splat(side));
        let (width, height) = projection.before.dimensions();
        let (texture, label, caption_words, detail) = match i.checked_sub(1) {
            None => {
                (&hung.before, "before".to_owned(), "input".to_owned(), format!("{width} × {height} pixels"))
            }
            Some(k) => {
                let count = made.applications(k);
                let moved = projection.moved_rms.get(count - 1);
                let detail = moved.map(|rms| format!("moved {} rms", words::value(f64::from(*rms))));
                let texture = if held { &hung.before } else { &hung.after[k] };
                let label = if held { format!("before, for after {i}") } else { format!("after {i}") };
                (texture, label, applications(count), detail.unwrap_or_default())
            }
        };
        let response = tiles::tile(ui, tiles::inside(texture.size_vec2(), rect), texture, &label);
        if i == chosen + 1 {
            let stroke = Stroke::new(2.0, palette.accent);
            ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
        }
        let response = response.on_hover_text(format!("{caption_words}, {detail}"));
        if response.clicked() && i > 0 {
            clicked = Some(i - 1);
        }
        if below == 0.0 {
            continue;
        }
        let caption = Rect::from_min_size(pos2(rect.left(), rect.bottom() + 2.0), vec2(side, CAPTION));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(caption));
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(Label::new(RichText::new(caption_words).small()).truncate());
        ui.add(Label::new(RichText::new(detail).small().color(palette.faint)).truncate())
            .on_hover_text("Root mean square change of the pixels, in [-1, 1] units");
    }
    clicked
}

/// Columns and side (points) with which `count` pictures are largest in `area` (points), each with captions `below`
/// it.
fn fit(count: usize, area: Vec2, below: f32) -> (usize, f32) {
    let side = |columns: usize| {
        let (across, rows) = (columns as f32, count.div_ceil(columns) as f32);
        ((area.x - PICTURE_GAP * (across - 1.0)) / across)
            .min(area.y / rows - below.max(PICTURE_GAP * (1.0 - 1.0 / rows)))
    };
    let sized = (1..=count.max(1)).map(|columns| (columns, side(columns).max(16.0)));
    sized.fold((1, 0.0), |best, next| if next.1 >= best.1 { next } else { best })
}

/// How often the model was applied, in words.
pub fn applications(count: usize) -> String {
    match count {
        1 => "applied once".to_owned(),
        2 => "applied twice".to_owned(),
        n => format!("applied {n} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_take_a_second_row_when_that_makes_them_larger() {
        assert_eq!(fit(3, vec2(540.0, 220.0), CAPTION).0, 3);
        let (columns, side) = fit(9, vec2(540.0, 240.0), CAPTION);
        assert_eq!(columns, 5);
        assert!(2.0 * (side + CAPTION) <= 240.0, "{side}");
        let (_, side) = fit(9, vec2(200.0, 100.0), 0.0);
        assert!(2.0 * side + PICTURE_GAP <= 100.01, "{side}");
    }
}
