//! The pane itself: its buttons, the pictures, and the lines below them.

use std::path::Path;

use eframe::egui::{Button, Rect, Role, Ui, UiBuilder, WidgetInfo, pos2};

use super::foot::{self, Act};
use super::{Generate, keep, save_menu};
use crate::app::samples::Picked;
use crate::app::{card, texture};
use crate::run::message::Command;

impl Generate {
    pub(super) fn pane(
        &mut self,
        ui: &mut Ui,
        run_dir: Option<&Path>,
        commands: &mut Vec<Command>,
    ) -> Option<Picked> {
        let (mut picked, mut save) = (None, false);
        let tools = |ui: &mut Ui, pane: &mut Self| {
            let count = pane.made.as_ref().map_or(0, |made| made.pictures.len());
            save = save_menu::show(ui, &mut pane.wanted, count, run_dir);
        };
        card::show(ui, "Generate", self, tools, |ui, pane| {
            ui.horizontal_wrapped(|ui| pane.wishes(ui, commands));
            ui.add_space(2.0);
            let whole = ui.available_rect_before_wrap();
            let top = (whole.bottom() - pane.foot_height(ui, whole.width())).max(whole.top());
            let doubled = pane.grid(ui, whole.with_max_y(top));
            let below = Rect::from_min_max(pos2(whole.left(), top + foot::ABOVE), whole.max);
            let mut below = ui.new_child(UiBuilder::new().max_rect(below));
            let act = pane.foot(&mut below);
            if let Some(index) = doubled {
                pane.chosen = Some(index);
            }
            let act = doubled.map(|_| Act::Project).or(act);
            picked = act.and_then(|act| pane.carry_out(ui, act, commands));
        });
        if save {
            self.save(ui, run_dir);
        }
        picked
    }

    /// What is to be made, and the buttons that have it made.
    fn wishes(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        self.form.show(ui);
        let missing = self.missing();
        let mut button = |text: &str, label: &str, hover: &str| {
            let button = ui.add_enabled(missing.is_none(), Button::new(text));
            button.widget_info(|| WidgetInfo::labeled(Role::Button, missing.is_none(), label));
            button.on_hover_text(hover).on_disabled_hover_text(missing.unwrap_or_default()).clicked()
        };
        let hover = "By the newest averaged weights; training goes on between them";
        if button("Generate", "generate these seeds", hover) {
            self.ask(commands);
        }
        if button("New seeds", "generate the next seeds", "The seeds after these") {
            self.form.next();
            self.ask(commands);
        }
    }

    fn carry_out(&mut self, ui: &Ui, act: Act, commands: &mut Vec<Command>) -> Option<Picked> {
        match act {
            Act::Cancel => {
                self.cancel(commands);
                return None;
            }
            Act::CopyCommand(words) => {
                ui.ctx().copy_text(words);
                return None;
            }
            Act::Project | Act::Copy => {}
        }
        let (made, index) = self.made.as_ref().zip(self.chosen)?;
        let picture = made.pictures.get(index)?;
        if act == Act::Copy {
            ui.ctx().copy_image(texture::to_color_image(picture));
            return None;
        }
        let seed = made.seeds.get(index)?;
        Some(Picked { name: format!("{}-seed-{seed}", made.at.stage.name()), picture: picture.clone() })
    }

    fn save(&mut self, ui: &Ui, run_dir: Option<&Path>) {
        let Some((made, folder)) = self.made.as_ref().zip(self.wanted.folder(run_dir)) else { return };
        let texts = (0..made.pictures.len()).map(|index| {
            let mut texts = keep::texts(made, index, &self.origin.recipe, &self.form);
            if let Ok(command) = self.again(made, index)
                && command.exact
            {
                texts.push(("command", command.words));
            }
            texts
        });
        let set = keep::Set {
            folder,
            run_dir: run_dir.map(Path::to_path_buf),
            format: self.wanted.format,
            name: keep::name(made),
            pictures: made.pictures.clone(),
            seeds: made.seeds.clone(),
            texts: texts.collect(),
        };
        self.keeper.save(ui.ctx(), set);
    }
}
