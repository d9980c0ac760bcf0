//! A strip of words that the user should read: why a picture was not edited, or what is missing.

use eframe::egui::{Color32, Frame, Label, Margin, Rect, RichText, Stroke, TextStyle, Ui, UiBuilder};

use crate::app::theme;

/// Space around the words, points.
const MARGIN: Margin = Margin { left: 10, right: 10, top: 5, bottom: 5 };

/// Space above the strip, points.
const ABOVE: f32 = 6.0;

/// Height that `words` need in a strip `width` points wide, with the space above it.
pub fn height(ui: &Ui, words: &str, width: f32) -> f32 {
    let room = width - MARGIN.sum().x - 2.0;
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout(words.to_owned(), font, Color32::PLACEHOLDER, room.max(1.0));
    galley.size().y + MARGIN.sum().y + 2.0 + ABOVE
}

/// Shows `words` in `rect`, which is as high as they need.
pub fn show(ui: &mut Ui, rect: Rect, words: &str, colour: Color32) {
    let rect = rect.with_min_y(rect.top() + ABOVE);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
    Frame::new()
        .fill(colour.gamma_multiply(0.10))
        .stroke(Stroke::new(1.0, colour.gamma_multiply(0.45)))
        .corner_radius(theme::TILE_RADIUS)
        .inner_margin(MARGIN)
        .show(&mut ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(RichText::new(words).small().color(colour)).wrap());
        });
}
