//! A new run by a recipe: one that is built in, or one of the user's.

use eframe::egui::{Grid, Label, RichText, Ui};

use super::path_row;
use super::wish::Wish;
use crate::app::dialog::Question;
use crate::app::typed_path::path_of;
use crate::recipe::{self, PRESETS};

/// Built-in recipes that ask for images: they have a card of their own.
const OWN: [&str; 2] = ["small-sign", "small-sid"];

/// What has been filled in.
#[derive(Default)]
pub struct Begin {
    /// Path of a recipe.
    pub recipe: String,
}

impl Begin {
    /// Shows the choices; gives what the user wants.
    pub fn show(&mut self, ui: &mut Ui, is_open: bool) -> Option<Wish> {
        let mut wish = None;
        Grid::new("presets").num_columns(2).spacing([14.0, 6.0]).show(ui, |ui| {
            for (name, what) in PRESETS.iter().filter(|(name, _)| !OWN.contains(name)) {
                let label = if *name == "demo" { "Train the demo" } else { name };
                if ui.button(label).clicked() {
                    wish = Some(Wish::Run(vec!["train".into(), (*name).to_string()]));
                }
                // A grid lets no words wrap by themselves.
                ui.add(Label::new(RichText::new(*what).weak()).wrap());
                ui.end_row();
            }
        });
        ui.horizontal(|ui| {
            let field = ("Recipe", "or a recipe of your own: the path of a .toml");
            let ways = [("Choose…", Question::Recipe)];
            let asked = path_row::show(ui, field, &mut self.recipe, &ways, is_open, 1);
            wish = asked.map(Wish::Ask).or(wish.take());
            let path = path_of(&self.recipe);
            let train = path_row::button(ui, path.is_some(), "Train it").clicked();
            if let Some(path) = path.filter(|_| train) {
                // What is wrong with a recipe is said here, where another can be chosen.
                let sound = recipe::read(&path).and_then(|recipe| recipe::check(&recipe));
                wish = Some(match sound {
                    Ok(()) => Wish::Run(vec!["train".into(), path.display().to_string()]),
                    Err(error) => Wish::Say(error),
                });
            }
        });
        wish
    }
}
