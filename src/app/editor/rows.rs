//! The rows of controls above the picture.

use eframe::egui::{Button, Grid, RichText, Ui};

use super::acts::Act;
use super::mask::tools::Tools;
use super::room::Room;
use super::view::View;
use super::{Editor, menus, spoil};
use crate::app::theme;
use crate::edit::Corruption;

impl Editor {
    /// What stands in the pane's first line, from the right.
    pub(super) fn title_row(&mut self, ui: &mut Ui) {
        let Some(entry) = self.entries.get(self.selected) else {
            ui.weak("drop pictures anywhere on the window");
            return;
        };
        let (can_undo, can_redo) = (entry.history.can_undo(), entry.history.can_redo());
        let is_changed = !entry.is_as_opened();
        let hover = "Spoil the picture on purpose, at the size that is edited; what is hidden is marked";
        let acts = &mut self.acts;
        ui.add_enabled_ui(self.side > 0, |ui| {
            menus::menu(ui, "Corrupt", |ui| corruptions(ui, acts)).on_hover_text(hover);
        });
        for (name, hover, can, act) in [
            ("Original", "The picture as it was opened; Undo takes that back", is_changed, Act::Original),
            ("Redo", "Ctrl Shift Z", can_redo, Act::Redo),
            ("Undo", "Ctrl Z", can_undo, Act::Undo),
        ] {
            if ui.add_enabled(can, Button::new(name)).on_hover_text(hover).clicked() {
                acts.push(act);
            }
        }
        match self.opener.pending {
            0 => {}
            1 => drop(ui.weak("opening a file…")),
            n => drop(ui.weak(format!("opening {n} files…"))),
        }
    }

    /// What one click does, and the way to all else.
    pub(super) fn request_row(&mut self, ui: &mut Ui, room: Room) {
        ui.horizontal_wrapped(|ui| {
            self.tools_row(ui);
            self.more_button(ui, room);
        });
        self.more_inline(ui, room);
    }

    /// What is looked at, and what can be done with it; returns whether the picture before is to stand in for
    /// results.
    pub(super) fn look_row(&mut self, ui: &mut Ui, room: Room) -> bool {
        let Some(entry) = self.entries.get(self.selected) else { return false };
        let has_result = entry.state().made.is_some();
        let mut held = false;
        ui.horizontal_wrapped(|ui| {
            self.views.show(ui, has_result, room.narrow);
            if self.views.now(has_result) == View::Paint {
                self.mask_tools(ui, room);
            } else {
                held = self.result_tools(ui);
            }
        });
        held
    }

    fn result_tools(&mut self, ui: &mut Ui) -> bool {
        let hover = "Shows the picture before while it is held down; so does the key C";
        let held = ui.button("Hold to compare").on_hover_text(hover).is_pointer_button_down_on();
        let hover = "Puts the selected result in place of the picture; Undo brings it back";
        if ui.button("Use as input").on_hover_text(hover).clicked() {
            self.acts.push(Act::UseAsInput);
        }
        held
    }

    fn mask_tools(&mut self, ui: &mut Ui, room: Room) {
        let has_mask = self.selected_has_mask();
        self.tools.row(ui, !room.wide);
        if !room.wide {
            let hover = "Invert, clear, load and save the mask";
            menus::menu(ui, "Mask", |ui| self.whole_mask(ui, has_mask)).on_hover_text(hover);
        } else {
            self.whole_mask(ui, has_mask);
        }
    }

    fn whole_mask(&mut self, ui: &mut Ui, has_mask: bool) {
        self.acts.extend(Tools::whole(ui, has_mask).map(Act::Mask));
        let hover = "The next picture that is dropped, pasted or typed is taken as this one's mask: white is filled \
                     in";
        let load = Button::new("Load mask").selected(self.loading_mask);
        if ui.add(load).on_hover_text(hover).clicked() {
            self.loading_mask = !self.loading_mask;
        }
        let hover = "As a file beside the run: white is filled in";
        if ui.add_enabled(has_mask, Button::new("Save mask")).on_hover_text(hover).clicked() {
            self.acts.push(Act::SaveMask);
        }
    }
}

/// Ways to spoil a picture, each with what can be done about it.
fn corruptions(ui: &mut Ui, acts: &mut Vec<Act>) {
    let palette = theme::palette(ui);
    Grid::new("corruptions").num_columns(2).spacing([10.0, 2.0]).show(ui, |ui| {
        for corruption in Corruption::ALL {
            if ui.button(spoil::title(corruption)).clicked() {
                acts.push(Act::Spoil(corruption));
                ui.close();
            }
            let colour = if corruption.mended_by().is_some() { palette.faint } else { palette.warn };
            ui.label(RichText::new(spoil::remedy(corruption)).small().color(colour));
            ui.end_row();
        }
    });
}
