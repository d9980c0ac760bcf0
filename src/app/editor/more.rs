//! What a newcomer does not need: mode, steps, strength and the rest, behind a button.

use eframe::egui::{Button, Popup, PopupCloseBehavior, Ui, UiKind, UiStackInfo};

use super::acts::Act;
use super::entry::GONE;
use super::one_click::{Stress, tool};
use super::room::Room;
use super::{Editor, modes};
use crate::edit::Way;

/// Width of the sheet where it lies over the picture, points.
const WIDTH: f32 = 450.0;

impl Editor {
    /// The button, and where there is little room the sheet that hangs on it.
    pub(super) fn more_button(&mut self, ui: &mut Ui, room: Room) {
        let hover = "Mode, steps, strength, seed, fit, weights, and all pictures at once";
        let button = ui.toggle_value(&mut self.more, "More").on_hover_text(hover);
        if !room.low {
            return;
        }
        let list_was_open = Popup::is_any_open(ui.ctx());
        let mut open = self.more;
        let width = WIDTH.min(ui.ctx().content_rect().width() - 40.0);
        let sheet = Popup::from_response(&button)
            .open_bool(&mut open)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            // Neither menu nor popup: what is in it opens lists of its own, not menus within a menu.
            .info(UiStackInfo::new(UiKind::GenericArea))
            .width(width)
            .show(|ui| {
                ui.set_max_width(width);
                self.more_rows(ui, room);
            });
        let is_left = sheet.is_some_and(|sheet| sheet.response.clicked_elsewhere());
        self.more = open && self.more && !(is_left && !list_was_open && !button.clicked());
    }

    /// The same as rows in the pane, where there is room.
    pub(super) fn more_inline(&mut self, ui: &mut Ui, room: Room) {
        if self.more && !room.low {
            self.more_rows(ui, room);
        }
    }

    fn more_rows(&mut self, ui: &mut Ui, room: Room) {
        let side = self.side;
        ui.spacing_mut().slider_width = room.slider;
        ui.horizontal_wrapped(|ui| {
            if let Some(entry) = self.entries.get_mut(self.selected) {
                let advice = entry.advice;
                modes::mode(ui, &mut entry.settings, &advice);
                modes::steps(ui, &mut entry.settings, &advice, room.low);
                modes::strength(ui, &mut entry.settings, &advice, side, room.low);
            }
            self.project_button(ui);
        });
        ui.horizontal_wrapped(|ui| {
            if let Some(entry) = self.entries.get_mut(self.selected) {
                let advice = entry.advice;
                modes::rest(ui, &mut entry.settings, &advice);
            }
            self.weights.menu(ui);
        });
        ui.horizontal_wrapped(|ui| {
            let all = self.entries.len() > 1 && !self.ended;
            let hover =
                "Project every picture in the list with these settings, each with its own mask and noise";
            if ui.add_enabled(all, Button::new("Project all")).on_hover_text(hover).clicked() {
                self.acts.push(Act::ProjectAll);
            }
            let has_result =
                self.entries.get(self.selected).is_some_and(|entry| entry.state().made.is_some());
            let hover = "Projects the result once more: a model that is idempotent leaves it alone";
            let repeat = ui.add_enabled(has_result && !self.ended, Button::new("Repeat projection"));
            if repeat.on_hover_text(hover).clicked() {
                self.acts.push(Act::Repeat);
            }
        });
    }

    fn project_button(&mut self, ui: &mut Ui) {
        let entry = self.entries.get(self.selected);
        let lacks_mask = entry.is_some_and(|entry| entry.way() == Way::Inpaint && !entry.has_mask());
        let enabled = entry.is_some() && !self.ended && !lacks_mask;
        let hover = "Project the selected picture with these settings";
        let why_not = if lacks_mask {
            "Nothing is marked yet: paint what is to be filled in"
        } else if self.ended {
            GONE
        } else {
            "Drop a picture first"
        };
        let button =
            ui.add_enabled(enabled, tool(ui, "Project", if enabled { Stress::Full } else { Stress::None }));
        if button.on_hover_text(hover).on_disabled_hover_text(why_not).clicked() {
            self.acts.push(Act::Project);
        }
    }
}
