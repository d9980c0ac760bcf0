//! The numbers of the present stage that may change while it is trained, and the changes made so far.

use std::collections::BTreeMap;

use eframe::egui::{Button, DragValue, Grid, Role, Ui, WidgetInfo};

use crate::run::message::{Command, Message, Tunable, Tuning};
use crate::words;

/// How far a point of dragging moves a number, as a share of it.
const DRAG_SHARE: f64 = 0.01;

/// A number that may be 0 moves at least as if it were so large.
const DRAG_LEAST: f64 = 0.1;

/// Changes that are listed; `changes.jsonl` has them all.
const MOST_CHANGES: usize = 8;

#[derive(Default)]
pub struct Tuner {
    tunables: Vec<Tunable>,
    /// What the user has set and not sent.
    wishes: BTreeMap<&'static str, f64>,
    changes: Vec<String>,
}

impl Tuner {
    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Tunables(tunables) => {
                // What the trainer has answered is no wish any more; what it has not been asked stays one.
                let holds = |name: &str| tunables.iter().find(|tunable| tunable.name == name);
                let before = std::mem::take(&mut self.tunables);
                let moved = |name: &str| {
                    let old = before.iter().find(|tunable| tunable.name == name);
                    old.map(|tunable| tunable.value) != holds(name).map(|tunable| tunable.value)
                };
                self.wishes.retain(|name, _| !moved(name));
                self.tunables.clone_from(tunables);
            }
            Message::Changed(change) => self.changes.push(change.words()),
            // A run that is trained longer tells of its changes once more.
            Message::Started { .. } => self.changes.clear(),
            _ => {}
        }
    }

    pub fn show(&mut self, ui: &mut Ui, live: bool, commands: &mut Vec<Command>) {
        if self.tunables.is_empty() {
            return;
        }
        ui.strong("While it runs");
        ui.weak("Changes apply from the next step; they are recorded in changes.jsonl, stage lengths also in the recipe");
        Grid::new("tunables").num_columns(4).spacing([10.0, 4.0]).show(ui, |ui| {
            for tunable in &self.tunables {
                let wish = self.wishes.remove(tunable.name).unwrap_or(tunable.value);
                let wish = row(ui, tunable, wish, live, commands);
                if wish != tunable.value {
                    self.wishes.insert(tunable.name, wish);
                }
                ui.end_row();
            }
        });
        if let Some(more) = self.changes.len().checked_sub(MOST_CHANGES).filter(|more| *more > 0) {
            ui.weak(format!("{more} earlier changes"));
        }
        for change in self.changes.iter().rev().take(MOST_CHANGES).rev() {
            ui.label(change);
        }
        ui.separator();
    }
}

/// One number; returns what the user wants it to be.
fn row(ui: &mut Ui, tunable: &Tunable, mut wish: f64, live: bool, commands: &mut Vec<Command>) -> f64 {
    let Tunable { name, value, in_recipe, smallest, largest, what_it_does } = *tunable;
    let label = ui.label(name).on_hover_text(what_it_does);
    let least = if smallest > 0.0 { 0.0 } else { DRAG_LEAST };
    let speed = wish.abs().max(least) * DRAG_SHARE;
    let number = DragValue::new(&mut wish)
        .range(smallest..=largest)
        .speed(speed)
        .custom_formatter(|number, _| words::exact(number));
    ui.add_enabled(live, number).on_hover_text(what_it_does).labelled_by(label.id);
    let mut button = |text: &str, what: &str, enabled: bool| {
        let button = ui.add_enabled(live && enabled, Button::new(text));
        let label = format!("{what} {name}");
        button.widget_info(|| WidgetInfo::labeled(Role::Button, live && enabled, &label));
        button.clicked()
    };
    let mut ask = |value: f64| commands.push(Command::Tune(Tuning { name: name.to_owned(), value }));
    if button("Apply", "apply", wish != value) {
        ask(wish);
    }
    let back = format!("Revert to {}", words::exact(in_recipe));
    if button(&back, "revert to the recipe's", wish != in_recipe || value != in_recipe) {
        wish = in_recipe;
        if value != in_recipe {
            ask(in_recipe);
        }
    }
    wish
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tunable(name: &'static str, value: f64) -> Tunable {
        Tunable { name, value, in_recipe: 1.0, smallest: 0.0, largest: 10.0, what_it_does: "a weight" }
    }

    #[test]
    fn an_answer_ends_its_wish_and_no_other() {
        let mut tuner = Tuner::default();
        tuner.receive(&Message::Tunables(vec![tunable("rec", 1.0), tunable("idem", 1.0)]));
        tuner.wishes = BTreeMap::from([("rec", 2.0), ("idem", 3.0)]);
        tuner.receive(&Message::Tunables(vec![tunable("rec", 2.0), tunable("idem", 1.0)]));
        assert_eq!(tuner.wishes, BTreeMap::from([("idem", 3.0)]));
        // Another stage has other numbers.
        tuner.receive(&Message::Tunables(vec![tunable("rate", 1.0)]));
        assert!(tuner.wishes.is_empty());
    }
}
