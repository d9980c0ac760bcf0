//! The strip under the controls: a warning, how the run ended, or that the window waits.

mod departed;
mod details;
mod longer;
mod next;

use eframe::egui::{
    Align, Color32, CornerRadius, Frame, Label, Layout, Margin, RichText, Stroke, TextStyle, Ui, vec2,
};

use super::closing::Closing;
use super::status::{End, Status};
use super::{buttons, log, theme};
use crate::run::message::{Command, Ending};

pub use next::Next;

/// Width kept free for a button, points.
const BUTTON_WIDTH: f32 = 104.0;

/// What a strip can be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Copy,
    Dismiss,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Act::Copy => "Copy details",
            Act::Dismiss => "Dismiss",
        }
    }
}

/// Shows what the user must not miss, if there is anything; what the user asks for goes into `commands`. Returns
/// where to go on once the run has ended.
pub fn show(ui: &mut Ui, status: &mut Status, closing: Closing, commands: &mut Vec<Command>) -> Option<Next> {
    let palette = theme::palette(ui);
    let mut next = None;
    match &status.end {
        None if closing == Closing::Saving => {
            let words = "saving… The window closes when the trainer is done; close it again not to wait.";
            strip(ui, palette.accent, "Saving", words, &[]);
        }
        None => {}
        Some(End::Done(why)) => {
            let place = status.run_dir.as_ref().map(|dir| format!(" · {}", dir.display()));
            let words = format!("{}{}", log::ending(*why), place.unwrap_or_default());
            let is_finished = *why == Ending::Finished;
            let (title, colour) =
                if is_finished { ("Done", palette.good) } else { ("Stopped", palette.accent) };
            strip(ui, colour, title, &words, &[]);
            next = next::show(ui, status);
            if is_finished {
                longer::show(ui, status, commands);
            }
        }
        Some(End::Departed(departure)) => {
            let (colour, words) = departed::words(departure, palette);
            let place = status.run_dir.as_ref().map(|dir| format!(" · {}", dir.display()));
            let words = format!("{words}{}", place.unwrap_or_default());
            strip(ui, colour, "The other process has ended", &words, &[]);
            departed::show(ui, status, commands);
        }
        Some(End::Failed(error)) => trouble(ui, status, "The run failed", &error.to_string()),
        Some(End::Silent) => {
            let words = "the trainer ended without a word; its last checkpoint is safe: run the same command \
                         again to continue";
            trouble(ui, status, "The run broke off", words);
        }
    }
    if let Some(bad) = &status.bad_steps {
        match strip(ui, palette.warn, "Bad steps", &bad.words(), &[Act::Copy, Act::Dismiss]) {
            Some(Act::Copy) => ui.ctx().copy_text(details::text(status, &bad.words())),
            Some(Act::Dismiss) => status.bad_steps = None,
            None => {}
        }
    }
    if let Some(words) = &status.warning
        && strip(ui, palette.warn, "Warning", words, &[Act::Dismiss]).is_some()
    {
        status.warning = None;
    }
    next
}

/// The end of a run that nobody wanted.
fn trouble(ui: &mut Ui, status: &Status, title: &str, words: &str) {
    let colour = theme::palette(ui).error;
    if strip(ui, colour, title, words, &[Act::Copy]).is_some() {
        ui.ctx().copy_text(details::text(status, &format!("{title}: {words}")));
    }
}

/// One strip; returns what the user asks of it.
fn strip(ui: &mut Ui, colour: Color32, title: &str, words: &str, acts: &[Act]) -> Option<Act> {
    let mut asked = None;
    Frame::new()
        .fill(colour.gamma_multiply(0.13))
        .stroke(Stroke::new(1.0, colour.gamma_multiply(0.55)))
        .corner_radius(CornerRadius::same(theme::TILE_RADIUS))
        .inner_margin(Margin::symmetric(12, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                // The first line is level with the buttons' words.
                let text = ui.text_style_height(&TextStyle::Body);
                let lower =
                    if acts.is_empty() { 0.0 } else { ((buttons::LOW - text) / 2.0).max(0.0).round() };
                ui.vertical(|ui| {
                    ui.add_space(lower);
                    ui.add(Label::new(RichText::new(title).strong().color(colour)).extend());
                });
                let room = acts.len() as f32 * BUTTON_WIDTH;
                let width = (ui.available_width() - room).max(0.0);
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.add_space(lower);
                    ui.add(Label::new(log::flush(words)).wrap());
                });
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    for act in acts.iter().rev() {
                        if ui.add(buttons::low(act.name())).clicked() {
                            asked = Some(*act);
                        }
                    }
                });
            });
        });
    asked
}
