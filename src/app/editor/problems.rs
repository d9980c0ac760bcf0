//! The strip in the editor that names files which could not be used.

use eframe::egui::{
    Align, Button, Frame, Label, Layout, Margin, Rect, RichText, ScrollArea, Stroke, Ui, UiBuilder,
};

use crate::app::theme;

/// Height of one line, points.
const LINE: f32 = 19.0;

/// Lines seen at once; the rest is scrolled.
const LINES_IN_SIGHT: usize = 3;

/// Space above and inside the strip, points.
const PADDING: f32 = 22.0;

/// Height of the strip, points; none without problems.
pub fn height(problems: &[String]) -> f32 {
    match problems.len().min(LINES_IN_SIGHT) {
        0 => 0.0,
        lines => LINE * lines as f32 + PADDING,
    }
}

/// Shows `problems` in `rect`; returns whether the user clears them.
pub fn show(ui: &mut Ui, rect: Rect, problems: &[String]) -> bool {
    let colour = theme::palette(ui).error;
    let rect = rect.with_min_y(rect.top() + 6.0);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
    let mut clear = false;
    Frame::new()
        .fill(colour.gamma_multiply(0.10))
        .stroke(Stroke::new(1.0, colour.gamma_multiply(0.45)))
        .corner_radius(theme::TILE_RADIUS)
        .inner_margin(Margin::symmetric(10, 6))
        .show(&mut ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                clear = ui.add(Button::new("Clear").small()).on_hover_text("Forget these lines").clicked();
                ui.with_layout(Layout::top_down(Align::Min), |ui| lines(ui, problems));
            });
        });
    clear
}

fn lines(ui: &mut Ui, problems: &[String]) {
    let colour = theme::palette(ui).error;
    ui.spacing_mut().item_spacing.y = 3.0;
    ScrollArea::vertical().min_scrolled_height(0.0).stick_to_bottom(true).auto_shrink(false).show(ui, |ui| {
        for words in problems {
            ui.add(Label::new(RichText::new(words).small().color(colour)).truncate());
        }
    });
}
