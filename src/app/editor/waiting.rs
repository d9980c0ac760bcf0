//! How far a picture's edit is, and the way to call it off.

use eframe::egui::{Align, Button, Layout, ProgressBar, RichText, Ui};

use super::entry::Pending;
use crate::app::theme;

/// Height of the bar, points.
const BAR: f32 = 14.0;

/// Shows a line; returns whether the user cancels. `others` pictures wait as well.
pub fn show(ui: &mut Ui, pending: &Pending, others: usize) -> bool {
    let mut cancel = false;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let hover = "Call this picture's edit off";
        cancel = ui.add(Button::new("Cancel").small()).on_hover_text(hover).clicked();
        let (share, mut words) = match pending.progress {
            Some((done, total)) => (done as f32 / total.max(1) as f32, format!("{done} of {total}")),
            None if !pending.is_sent => (0.0, "waiting for SIGN".to_owned()),
            None => (0.0, "waiting for its turn".to_owned()),
        };
        if others > 0 {
            words.push_str(&format!(" · {others} more to come"));
        }
        let palette = theme::palette(ui);
        let bar = ProgressBar::new(share)
            .desired_width(ui.available_width())
            .desired_height(BAR)
            .fill(if share > 0.0 { palette.accent.gamma_multiply(0.55) } else { palette.well })
            .corner_radius(theme::TILE_RADIUS)
            .text(RichText::new(words).small().color(palette.text));
        ui.add(bar);
    });
    cancel
}
