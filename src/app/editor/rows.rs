//! The rows of controls above the picture.

use eframe::egui::containers::menu::is_in_menu;
use eframe::egui::{Button, RichText, Ui};

use super::acts::Act;
use super::entry::GONE;
use super::mask::tools::Tools;
use super::room::Room;
use super::view::View;
use super::{Editor, menus, modes};
use crate::app::theme;
use crate::edit::{Corruption, Way};

impl Editor {
    /// What stands in the pane's first line, from the right.
    pub(super) fn title_row(&mut self, ui: &mut Ui) {
        let Some(entry) = self.entries.get(self.selected) else {
            ui.weak("drop pictures anywhere on the window");
            return;
        };
        let (can_undo, can_redo) = (entry.history.can_undo(), entry.history.can_redo());
        let hover = "Spoil the picture on purpose, at the size that is edited; what is hidden is marked";
        let acts = &mut self.acts;
        ui.add_enabled_ui(self.side > 0, |ui| {
            menus::menu(ui, "Corrupt", |ui| {
                for corruption in Corruption::ALL {
                    if ui.button(corruption.to_string()).clicked() {
                        acts.push(Act::Spoil(corruption));
                        ui.close();
                    }
                }
            })
            .on_hover_text(hover);
        });
        let hover = "Puts the selected result in place of the picture; Undo brings it back";
        let has_result = entry.state().made.is_some();
        if ui.add_enabled(has_result, Button::new("Use as input")).on_hover_text(hover).clicked() {
            acts.push(Act::UseAsInput);
        }
        for (name, keys, can, act) in
            [("Redo", "Ctrl Shift Z", can_redo, Act::Redo), ("Undo", "Ctrl Z", can_undo, Act::Undo)]
        {
            if ui.add_enabled(can, Button::new(name)).on_hover_text(keys).clicked() {
                acts.push(act);
            }
        }
        match self.opener.pending {
            0 => {}
            1 => drop(ui.weak("opening a file…")),
            n => drop(ui.weak(format!("opening {n} files…"))),
        }
    }

    /// What the next edit is asked for, and the button that asks.
    pub(super) fn request_row(&mut self, ui: &mut Ui, room: Room) {
        let has_mask = self.selected_has_mask();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().slider_width = room.slider;
            let narrow = room.narrow;
            modes::mode(ui, &mut self.settings, has_mask, narrow);
            modes::steps(ui, &mut self.settings, has_mask, narrow);
            modes::strength(ui, &mut self.settings, has_mask, self.side, narrow);
            self.project_button(ui, has_mask);
            if room.low {
                let hover = "Weights, seed, fit, and all pictures at once";
                menus::menu(ui, "More", |ui| self.seldom(ui, has_mask)).on_hover_text(hover);
            } else {
                self.seldom(ui, has_mask);
            }
        });
    }

    fn project_button(&mut self, ui: &mut Ui, has_mask: bool) {
        let lacks_mask = self.settings.way_of(has_mask) == Way::Inpaint && !has_mask;
        let enabled = !self.entries.is_empty() && !self.ended && !lacks_mask;
        let hover = "Project the selected picture with these settings";
        let why_not = if lacks_mask {
            "Nothing is marked yet: paint what is to be filled in"
        } else if self.ended {
            GONE
        } else {
            "Drop a picture first"
        };
        let button = ui.add_enabled(enabled, primary(ui, "Project", enabled));
        if button.on_hover_text(hover).on_disabled_hover_text(why_not).clicked() {
            self.acts.push(Act::Project);
        }
    }

    /// What is changed or pressed less often.
    fn seldom(&mut self, ui: &mut Ui, has_mask: bool) {
        self.weights.menu(ui);
        let in_menu = is_in_menu(ui);
        if in_menu {
            ui.horizontal(|ui| {
                // Numbers without a frame would look like words.
                ui.reset_style();
                modes::rest(ui, &mut self.settings, has_mask);
            });
        } else {
            modes::rest(ui, &mut self.settings, has_mask);
        }
        let all = self.entries.len() > 1 && !self.ended;
        let hover = "Project every picture in the list with these settings, each with its own mask";
        if ui.add_enabled(all, Button::new("Project all")).on_hover_text(hover).clicked() {
            self.acts.push(Act::ProjectAll);
            if in_menu {
                ui.close();
            }
        }
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
        let hover = "Projects the result once more: a model that is idempotent leaves it alone";
        if ui.add_enabled(!self.ended, Button::new("Repeat projection")).on_hover_text(hover).clicked() {
            self.acts.push(Act::Repeat);
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
        ui.toggle_value(&mut self.loading_mask, "Load mask").on_hover_text(hover);
        let hover = "As a file beside the run: white is filled in";
        if ui.add_enabled(has_mask, Button::new("Save mask")).on_hover_text(hover).clicked() {
            self.acts.push(Act::SaveMask);
        }
    }
}

/// The pane's main button: in the accent colour while it can be pressed.
fn primary<'a>(ui: &Ui, text: &str, enabled: bool) -> Button<'a> {
    if !enabled {
        return Button::new(text.to_owned());
    }
    let palette = theme::palette(ui);
    Button::new(RichText::new(text).color(palette.on_accent)).fill(palette.accent)
}
