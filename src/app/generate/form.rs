//! Which pictures are to be made: of which seeds, how many, of which class.

use std::sync::Arc;

use eframe::egui::{ComboBox, DragValue, Ui};

use crate::recipe;
use crate::run::MOST_MADE;
use crate::run::message::Class;
use crate::words;

/// Pictures of a request at first.
const COUNT: usize = 36;

/// Width of the choice of a class, points, and the longest of a name that it shows, characters.
const CLASS_WIDTH: f32 = 110.0;
const NAME_CHARS: usize = 24;

pub struct Form {
    pub first_seed: u32,
    pub count: usize,
    /// None is all in turn, or a model that knows no classes.
    pub class: Option<u32>,
    pub classes: Arc<[Class]>,
    /// Whether the user has said which seeds.
    touched: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self { first_seed: 0, count: COUNT, class: None, classes: Arc::default(), touched: false }
    }
}

impl Form {
    /// New seeds begin after those of the run's own grid, which the samples pane shows.
    pub fn after_the_runs_own(&mut self, toml: &str) {
        if let Ok(recipe) = recipe::from_toml(toml)
            && !self.touched
        {
            self.first_seed = u32::try_from(recipe.report.grid).unwrap_or(u32::MAX);
        }
    }

    pub fn know(&mut self, classes: Arc<[Class]>) {
        self.class = self.class.filter(|class| classes.iter().any(|known| known.number == *class));
        self.classes = classes;
    }

    /// The seeds after these; after the last there is, the first ones.
    pub fn next(&mut self) {
        self.touched = true;
        let next = u64::from(self.first_seed) + self.count as u64;
        self.first_seed = u32::try_from(next).ok().filter(|next| self.fits(*next)).unwrap_or(0);
    }

    fn fits(&self, first: u32) -> bool {
        u64::from(first) + self.count as u64 <= u64::from(u32::MAX) + 1
    }

    pub fn show(&mut self, ui: &mut Ui) {
        let hover = "A seed is always the same noise: the same weights make the same picture of it";
        let label = ui.label("Seeds from").on_hover_text(hover).id;
        let last = u32::MAX - (self.count as u32).saturating_sub(1);
        let seed = DragValue::new(&mut self.first_seed).range(0..=last);
        self.touched |= ui.add(seed).labelled_by(label).on_hover_text(hover).changed();
        let label = ui.label("Pictures").id;
        ui.add(DragValue::new(&mut self.count).range(1..=MOST_MADE)).labelled_by(label);
        self.first_seed = self.first_seed.min(u32::MAX - (self.count as u32).saturating_sub(1));
        if self.classes.is_empty() {
            return;
        }
        let label = ui.label("Class").id;
        let shown = self.class.map_or_else(|| "all in turn".to_owned(), |class| self.name(class));
        let combo = ComboBox::from_id_salt("class").selected_text(shown).width(CLASS_WIDTH);
        let combo = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut self.class, None, "all in turn");
            for class in self.classes.iter() {
                let hover = format!("{} training images", words::count(class.pictures as u64));
                let name = named(class);
                ui.selectable_value(&mut self.class, Some(class.number), name).on_hover_text(hover);
            }
        });
        combo.response.labelled_by(label);
    }

    /// A class as it is shown: its number, and its name where it has one.
    pub fn name(&self, number: u32) -> String {
        let known = self.classes.iter().find(|class| class.number == number);
        known.map_or_else(|| number.to_string(), named)
    }
}

fn named(class: &Class) -> String {
    let number = class.number.to_string();
    if class.name == number {
        return number;
    }
    let mut name: String = class.name.chars().take(NAME_CHARS).collect();
    if name.len() < class.name.len() {
        name.push('…');
    }
    format!("{number}: {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(number: u32, name: &str) -> Class {
        Class { number, name: name.to_owned(), pictures: 3 }
    }

    #[test]
    fn seeds_are_new_ones_and_never_run_out() {
        let mut form = Form::default();
        let recipe = recipe::preset("demo").expect("the demo");
        let toml = recipe::to_toml(&recipe).expect("TOML");
        form.after_the_runs_own(&toml);
        assert_eq!(form.first_seed as usize, recipe.report.grid);
        form.next();
        assert_eq!(form.first_seed as usize, recipe.report.grid + COUNT);
        form.after_the_runs_own(&toml);
        assert_eq!(form.first_seed as usize, recipe.report.grid + COUNT, "the user has gone on");
        form.first_seed = u32::MAX - COUNT as u32;
        form.next();
        assert_eq!(form.first_seed, 0, "there are not so many seeds left");
    }

    #[test]
    fn a_class_that_is_gone_is_not_asked_for() {
        let mut form = Form { class: Some(2), ..Form::default() };
        form.know([class(0, "cat"), class(2, "2")].into());
        assert_eq!(form.class, Some(2));
        assert_eq!([form.name(0), form.name(2), form.name(9)], ["0: cat", "2", "9"]);
        form.know([class(0, "cat")].into());
        assert_eq!(form.class, None);
        assert!(named(&class(1, &"ü".repeat(80))).chars().count() < 40, "a long name is cut");
    }
}
