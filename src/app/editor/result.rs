//! What the model made of the selected picture.

use std::path::{Path, PathBuf};

use eframe::egui::{
    Align, Button, Label, Layout, Rect, RichText, Stroke, StrokeKind, Ui, UiBuilder, Vec2, pos2, vec2,
};

use super::entry::{Entry, Settings, Shown, State};
use super::keep;
use crate::app::{theme, tiles, words};

/// Height of a picture's two caption lines, points.
const CAPTION: f32 = 36.0;

/// Space between two pictures, points.
const PICTURE_GAP: f32 = 8.0;

/// Height of the line with the save button, points.
const SAVE_LINE: f32 = 32.0;

/// Before and after side by side, and the line to save one; returns a problem in words, if saving fails.
pub fn show(
    ui: &mut Ui,
    entry: &mut Entry,
    settings: Settings,
    run_dir: Option<&Path>,
    saved: &mut Option<PathBuf>,
) -> Option<String> {
    let State::Projected(shown) = &entry.state else { return None };
    let rect = ui.available_rect_before_wrap();
    let area = rect.with_max_y((rect.bottom() - SAVE_LINE).max(rect.top()));
    if let Some(chosen) = strip(ui, area, shown, entry.chosen) {
        entry.chosen = chosen;
    }
    let foot = rect.with_min_y(area.bottom() + 2.0);
    let layout = Layout::right_to_left(Align::Center);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(foot).layout(layout));
    let applications = entry.chosen + 1;
    let hover = match run_dir {
        Some(dir) => format!("As a file in {}", dir.join("edits").display()),
        None => "Once the run folder is open".to_owned(),
    };
    let clicked = ui.add_enabled(run_dir.is_some(), Button::new("Save PNG")).on_hover_text(hover).clicked();
    let mut problem = None;
    if clicked && let (Some(dir), Some(picture)) = (run_dir, shown.projection.after.get(entry.chosen)) {
        match keep::save(dir, &entry.name, applications, picture) {
            Ok(path) => *saved = Some(path),
            Err(error) => problem = Some(error.to_string()),
        }
    }
    let palette = theme::palette(&ui);
    let (words, colour) = match saved {
        Some(path) => (format!("saved {}", path.display()), palette.good),
        None if shown.settings != settings => {
            ("the settings have changed: press Project to use them".to_owned(), palette.warn)
        }
        None => (format!("{} · {}", entry.name, shown.projection.model), palette.faint),
    };
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(words).small().color(colour)).truncate());
    });
    problem
}

/// The picture before and after each application; returns the index of a clicked one.
fn strip(ui: &mut Ui, area: Rect, shown: &Shown, chosen: usize) -> Option<usize> {
    let count = shown.after.len() + 1;
    let (columns, side) = columns(count, area.size());
    let palette = theme::palette(ui);
    let mut clicked = None;
    for i in 0..count {
        let (column, row) = ((i % columns) as f32, (i / columns) as f32);
        let offset = vec2(column * (side + PICTURE_GAP), row * (side + CAPTION));
        let corner = area.min + offset;
        let rect = Rect::from_min_size(corner, Vec2::splat(side));
        let (width, height) = shown.projection.before.dimensions();
        let (texture, label, caption_words, detail) = match i.checked_sub(1) {
            None => {
                (&shown.before, "before".to_owned(), "input".to_owned(), format!("{width} × {height} pixels"))
            }
            Some(k) => {
                let moved = shown.projection.moved_rms.get(k);
                let detail = moved.map(|rms| format!("moved {} rms", words::value(f64::from(*rms))));
                (&shown.after[k], format!("after {i}"), applications(i), detail.unwrap_or_default())
            }
        };
        let response = tiles::tile(ui, tiles::inside(texture.size_vec2(), rect), texture, &label);
        if i == chosen + 1 {
            let stroke = Stroke::new(2.0, palette.accent);
            ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
        }
        if response.clicked() && i > 0 {
            clicked = Some(i - 1);
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

/// Columns and side (points) with which `count` captioned pictures are largest in `area` (points).
fn columns(count: usize, area: Vec2) -> (usize, f32) {
    let side = |columns: usize| {
        let (across, rows) = (columns as f32, count.div_ceil(columns) as f32);
        ((area.x - PICTURE_GAP * (across - 1.0)) / across).min(area.y / rows - CAPTION)
    };
    let sized = (1..=count.max(1)).map(|columns| (columns, side(columns).max(16.0)));
    sized.fold((1, 0.0), |best, next| if next.1 >= best.1 { next } else { best })
}

/// How often the model was applied, in words.
fn applications(count: usize) -> String {
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
        assert_eq!(columns(3, vec2(540.0, 220.0)).0, 3);
        let (columns, side) = columns(9, vec2(540.0, 240.0));
        assert_eq!(columns, 5);
        assert!(2.0 * (side + CAPTION) <= 240.0, "{side}");
    }
}
