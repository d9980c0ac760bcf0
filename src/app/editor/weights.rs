//! Which weights edit: the newest, or those of a checkpoint.

use std::path::{Path, PathBuf};

use eframe::egui::{Key, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::menus;
use crate::app::typed_path::path_of;
use crate::run::message::Weights;

/// Height of the list before it is scrolled, points.
const LIST: f32 = 200.0;

/// The choice, and what there is to choose from.
pub struct Choice {
    pub chosen: Weights,
    /// The run's checkpoints, oldest first.
    known: Vec<PathBuf>,
    typed: String,
}

impl Default for Choice {
    fn default() -> Self {
        Self { chosen: Weights::Newest, known: Vec::new(), typed: String::new() }
    }
}

impl Choice {
    /// A checkpoint was written.
    pub fn add(&mut self, path: &Path) {
        self.known.retain(|known| known != path);
        self.known.push(path.to_path_buf());
    }

    /// "the newest weights", or those of which checkpoint.
    pub fn words(&self) -> String {
        match &self.chosen {
            Weights::Newest => "the newest weights".to_owned(),
            weights => format!("the weights of {}", name(weights)),
        }
    }

    pub fn menu(&mut self, ui: &mut Ui) {
        let hover = "Which weights edit: the newest of the run, or those of a checkpoint";
        let name = format!("Weights: {}", name(&self.chosen));
        menus::menu(ui, &name, |ui| self.contents(ui)).on_hover_text(hover);
    }

    fn contents(&mut self, ui: &mut Ui) {
        let before = self.chosen.clone();
        ui.selectable_value(&mut self.chosen, Weights::Newest, "newest");
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            // The run forgets old checkpoints: only those that are still there can be chosen.
            for path in self.known.iter().rev().filter(|path| path.exists()) {
                let weights = Weights::Checkpoint(path.clone());
                let words = name(&weights);
                ui.selectable_value(&mut self.chosen, weights, words)
                    .on_hover_text(path.display().to_string());
            }
        });
        ui.separator();
        let label = ui.label(RichText::new("Checkpoint path").small());
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.typed).hint_text("another checkpoint's path");
            let field = ui.add_sized(vec2(190.0, 24.0), field).labelled_by(label.id);
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let used = ui.button("Use").clicked() || entered;
            if let Some(path) = path_of(&self.typed).filter(|_| used) {
                self.chosen = Weights::Checkpoint(path);
            }
        });
        if self.chosen != before {
            ui.close();
        }
    }
}

fn name(weights: &Weights) -> String {
    match weights {
        Weights::Newest => "newest".to_owned(),
        Weights::Checkpoint(path) => match path.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => path.display().to_string(),
        },
    }
}
