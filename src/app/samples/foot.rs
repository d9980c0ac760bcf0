//! The lines below the tiles: what is shown, how large, and the slider through time.

use eframe::egui::{Align, Label, Layout, Rect, RichText, Sense, Slider, TextStyle, Ui, UiBuilder, vec2};

use super::album::Album;
use super::view::MAX_TILES;
use super::zoom::Zoom;
use crate::app::{theme, words};

/// Height of one line, points.
const LINE: f32 = 28.0;

/// Space between the pictures and the foot, points.
pub const GAP: f32 = 6.0;

/// Heights of the foot of a grid and of a single picture, points, with the space above.
pub const OF_GRID: f32 = GAP + 2.0 * LINE + 6.0;
pub const OF_SINGLE: f32 = GAP + 4.0 * LINE + 8.0;

/// Width of the zoom's controls, points, with the word before them and without.
const ZOOM_WIDTH: f32 = 208.0;
const BARE_ZOOM_WIDTH: f32 = 164.0;

/// Between the caption and the zoom, points.
const CAPTION_GAP: f32 = 8.0;

/// Around the field of the slider's number, points.
const FIELD_EDGE: f32 = 4.0;

/// With less room than this, points, a file's name tells nothing.
const LEAST_NAME: f32 = 70.0;

/// How a file was written or why not, and whether well.
pub type Said = Option<(bool, String)>;

/// The caption, the zoom, and what has last been saved.
pub fn caption(ui: &mut Ui, album: &Album, pictures: usize, zoom: &mut Zoom, said: &Said) {
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let mut words = album.shown().map_or_else(String::new, |grid| grid.place.words());
    if pictures > MAX_TILES {
        words.push_str(&format!(" · the first {MAX_TILES} of {}", words::count(pictures as u64)));
    }
    let caption = theme::width(ui, &TextStyle::Body, &words);
    let named = caption + CAPTION_GAP + ZOOM_WIDTH <= line.width();
    let zoom_width = if named { ZOOM_WIDTH } else { BARE_ZOOM_WIDTH };
    let (left, right) = line.split_left_right_at_x((line.right() - zoom_width).max(line.left()));
    let left = left.with_max_x((left.right() - CAPTION_GAP).max(left.left()));
    let centred = |rect: Rect| UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    zoom.show(&mut ui.new_child(centred(right)), named);
    let Some(grid) = album.shown() else { return };
    let mut ui = ui.new_child(centred(left));
    ui.add(Label::new(RichText::new(words).strong()).truncate());
    if ui.available_width() < LEAST_NAME {
        return;
    }
    match (&grid.path, said) {
        (_, Some(_)) => outcome(&mut ui, said),
        (Some(path), None) => {
            let words = RichText::new(path.display().to_string()).small().weak();
            ui.add(Label::new(words).truncate());
        }
        (None, None) => {}
    }
}

/// What has last been saved, in the rest of the line.
pub fn outcome(ui: &mut Ui, said: &Said) {
    let Some((well, words)) = said else { return };
    let palette = theme::palette(ui);
    let colour = if *well { palette.good } else { palette.error };
    ui.add(Label::new(RichText::new(words).small().color(colour)).truncate());
}

/// The slider through the run, in a line; whether another grid has been chosen.
pub fn time(ui: &mut Ui, album: &mut Album) -> bool {
    let Some((index, newest)) = album.index().zip(album.len().checked_sub(1)) else { return false };
    if newest == 0 {
        return false;
    }
    ui.horizontal(|ui| {
        let mut chosen = index;
        let back = if index < newest { 76.0 } else { 0.0 };
        let place = |i: usize| format!("grid {} of {}", i + 1, newest + 1);
        // The number's field is widest at the last grid.
        let style = ui.style().drag_value_text_style.clone();
        let field = theme::width(ui, &style, &place(newest)) + 2.0 * ui.spacing().button_padding.x;
        let field = field + ui.spacing().item_spacing.x + FIELD_EDGE;
        ui.spacing_mut().slider_width = (ui.available_width() - field - back).max(60.0);
        let slider = Slider::new(&mut chosen, 0..=newest)
            .custom_formatter(|i, _| place(i as usize))
            .custom_parser(grid_number);
        let slider = ui.add_sized(vec2(ui.available_width() - back, 20.0), slider);
        if slider.accessible_name("past grids").changed() {
            album.choose(chosen);
        }
        if back > 0.0 && ui.button("Newest").on_hover_text("Follow the newest grid again").clicked() {
            album.choose(newest);
        }
    });
    album.index() != Some(index)
}

/// The index of the grid that somebody types the number of: "3", "grid 3 of 9".
fn grid_number(typed: &str) -> Option<f64> {
    let number = typed.split_whitespace().find_map(|word| word.parse::<usize>().ok())?;
    Some(number.saturating_sub(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_typed_as_it_is_counted() {
        for (typed, index) in [("3", Some(2.0)), ("grid 3 of 9", Some(2.0)), ("0", Some(0.0)), ("last", None)]
        {
            assert_eq!(grid_number(typed), index, "{typed}");
        }
    }
}
