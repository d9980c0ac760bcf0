//! A finished run can be trained longer.

use eframe::egui::{Button, DragValue, Ui};

use crate::app::status::{Asked, Status};
use crate::run::message::Command;

/// A point of dragging, as a share of the length there is.
const DRAG_SHARE: f64 = 0.01;

/// As far as the words of the strip above are from its edge, points.
pub(super) const INSET: f32 = 12.0;

/// The line under the word that a run is done: how long it shall be, and the button that has it go on.
pub fn show(ui: &mut Ui, status: &mut Status, commands: &mut Vec<Command>) {
    let Some(length) = status.length_kimg else { return };
    ui.horizontal(|ui| {
        ui.add_space(INSET);
        let label = ui.label("Extend the last stage to");
        let number = DragValue::new(&mut status.longer_kimg)
            .range(length..=f64::INFINITY)
            .speed(length * DRAG_SHARE)
            .max_decimals(3)
            .suffix(" kimg");
        ui.add(number).labelled_by(label.id);
        let is_longer = status.longer_kimg > length && status.asked != Some(Asked::Longer);
        let hint = "Goes on with this run; a learning rate that falls over the stage falls to its new end";
        if ui.add_enabled(is_longer, Button::new("Train longer")).on_hover_text(hint).clicked() {
            commands.push(Command::TrainLonger { kimg: status.longer_kimg });
        }
    });
}
