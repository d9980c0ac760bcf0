//! A run that another process has trained until now can go on here.

use eframe::egui::{Button, Color32, Ui};

use super::longer;
use crate::app::log;
use crate::app::status::{Asked, End, Status};
use crate::app::theme::Palette;
use crate::run::message::{Command, Departure, Ending};

/// How the process has left the run, and in which colour that is said.
pub fn words(departure: &Departure, palette: &Palette) -> (Color32, String) {
    match departure {
        Departure::Ended(why) => (palette.good, log::ending(*why).to_owned()),
        Departure::Failed(error) => (palette.error, error.clone()),
        Departure::Silent => {
            (palette.warn, "it is gone without a word; the run goes on from its last checkpoint".to_owned())
        }
    }
}

/// What can be done with the run now.
pub fn show(ui: &mut Ui, status: &mut Status, commands: &mut Vec<Command>) {
    if status.end == Some(End::Departed(Departure::Ended(Ending::Finished))) {
        return longer::show(ui, status, commands);
    }
    ui.horizontal(|ui| {
        ui.add_space(longer::INSET);
        let hint = "Train the run on in this window, from where it is saved";
        let is_free = status.asked != Some(Asked::Longer);
        if ui.add_enabled(is_free, Button::new("Go on here")).on_hover_text(hint).clicked() {
            commands.push(Command::GoOn);
        }
    });
}
