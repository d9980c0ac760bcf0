//! The strip under the controls: a warning, how the run ended, or that the window waits.

use eframe::egui::{Button, Color32, CornerRadius, Frame, Label, Margin, RichText, Stroke, Ui, vec2};

use super::closing::Closing;
use super::status::{End, Status};
use super::{log, theme};

/// Width kept free for the button, points.
const DISMISS_WIDTH: f32 = 74.0;

/// Shows what the user must not miss, if there is anything.
pub fn show(ui: &mut Ui, status: &mut Status, closing: Closing) {
    let palette = theme::palette(ui);
    match &status.end {
        None if closing == Closing::Saving => {
            let words = "saving… The window closes when the trainer is done; close it again not to wait.";
            strip(ui, palette.accent, "Saving", words, false);
        }
        None => {}
        Some(End::Done(why)) => {
            let place = status.run_dir.as_ref().map(|dir| format!(" · {}", dir.display()));
            let words = format!("{}{}", log::ending(*why), place.unwrap_or_default());
            strip(ui, palette.good, "Done", &words, false);
        }
        Some(End::Failed(error)) => {
            strip(ui, palette.error, "The run failed", &error.to_string(), false);
        }
        Some(End::Silent) => {
            let words = "the trainer ended without a word; its last checkpoint is safe and the same \
                         command goes on from it";
            strip(ui, palette.error, "The run broke off", words, false);
        }
    }
    if let Some(words) = &status.warning
        && strip(ui, palette.warn, "Warning", words, true)
    {
        status.warning = None;
    }
}

/// One strip; returns whether the user dismissed it.
fn strip(ui: &mut Ui, colour: Color32, title: &str, words: &str, dismissable: bool) -> bool {
    let mut dismissed = false;
    Frame::new()
        .fill(colour.gamma_multiply(0.13))
        .stroke(Stroke::new(1.0, colour.gamma_multiply(0.55)))
        .corner_radius(CornerRadius::same(theme::TILE_RADIUS))
        .inner_margin(Margin::symmetric(12, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                ui.label(RichText::new(title).strong().color(colour));
                let room = if dismissable { DISMISS_WIDTH } else { 0.0 };
                let width = (ui.available_width() - room).max(0.0);
                ui.allocate_ui(vec2(width, 0.0), |ui| {
                    ui.set_width(width);
                    ui.add(Label::new(words).wrap());
                });
                dismissed = dismissable && ui.add(Button::new("Dismiss").small()).clicked();
            });
        });
    dismissed
}
