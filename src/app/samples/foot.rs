//! The lines below the tiles: what is shown, how large, and the slider through time.

use eframe::egui::{Align, Label, Layout, Rect, RichText, Sense, Slider, Ui, UiBuilder, vec2};

use super::album::Album;
use super::view::MAX_TILES;
use super::zoom::Zoom;
use crate::app::{theme, words};

/// Height of one line, points.
const LINE: f32 = 28.0;

/// Heights of the foot of a grid and of a single picture, points, with the space above.
pub const OF_GRID: f32 = 2.0 * LINE + 8.0;
pub const OF_SINGLE: f32 = 4.0 * LINE + 10.0;

/// Width of the zoom's controls, points.
const ZOOM_WIDTH: f32 = 208.0;

/// How a file was written or why not, and whether well.
pub type Said = Option<(bool, String)>;

/// The caption, the zoom, and what has last been saved.
pub fn caption(ui: &mut Ui, album: &Album, pictures: usize, zoom: &mut Zoom, said: &Said) {
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let (left, right) = line.split_left_right_at_x((line.right() - ZOOM_WIDTH).max(line.left()));
    let centred = |rect: Rect| UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    zoom.show(&mut ui.new_child(centred(right)));
    let Some(grid) = album.shown() else { return };
    let mut words = grid.place.words();
    if pictures > MAX_TILES {
        words.push_str(&format!(" · the first {MAX_TILES} of {}", words::count(pictures as u64)));
    }
    let mut ui = ui.new_child(centred(left));
    ui.add(Label::new(RichText::new(words).strong()).truncate());
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
        // The value's field grows with its digits.
        let words = 136.0 + 14.0 * newest.max(1).ilog10() as f32;
        ui.spacing_mut().slider_width = (ui.available_width() - words - back).max(60.0);
        let slider = Slider::new(&mut chosen, 0..=newest)
            .text("past grids")
            .custom_formatter(|i, _| format!("{} of {}", i as usize + 1, newest + 1));
        if ui.add_sized(vec2(ui.available_width() - back, 20.0), slider).changed() {
            album.choose(chosen);
        }
        if back > 0.0 && ui.button("Newest").on_hover_text("Follow the newest grid again").clicked() {
            album.choose(newest);
        }
    });
    album.index() != Some(index)
}
