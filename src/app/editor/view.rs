//! The ways to look at a picture and at what the model made of it.

use eframe::egui::{ComboBox, Ui};

use super::menus;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The picture, to be painted on.
    Paint,
    /// Before, and after.
    SideBySide,
    /// Before and after in one place, a divider between them.
    Slider,
    /// What the edit changed.
    Difference,
    /// Before, and after each application.
    Steps,
}

/// What is looked at: a result, unless somebody paints.
pub struct Views {
    painting: bool,
    result: View,
}

impl Default for Views {
    fn default() -> Self {
        Self { painting: false, result: View::SideBySide }
    }
}

impl View {
    const ALL: [Self; 5] = [Self::Paint, Self::SideBySide, Self::Slider, Self::Difference, Self::Steps];

    fn title(self) -> &'static str {
        match self {
            Self::Paint => "Paint",
            Self::SideBySide => "Side by side",
            Self::Slider => "Slider",
            Self::Difference => "Difference",
            Self::Steps => "Steps",
        }
    }

    fn explained(self) -> &'static str {
        match self {
            Self::Paint => "The picture, with tools that mark what is to be filled in",
            Self::SideBySide => "Before and after, as large as there is room",
            Self::Slider => "Before on the left and after on the right of a divider that can be dragged",
            Self::Difference => "What the edit changed, magnified",
            Self::Steps => "After each application of the model; click one to select it",
        }
    }
}

impl Views {
    /// What is looked at where there is a result, or not.
    pub fn now(&self, has_result: bool) -> View {
        if self.painting || !has_result { View::Paint } else { self.result }
    }

    /// A result has come: it is looked at.
    pub fn turn_to_result(&mut self) {
        self.painting = false;
    }

    pub fn paint(&mut self) {
        self.painting = true;
    }

    fn choose(&mut self, view: View) {
        self.painting = view == View::Paint;
        if !self.painting {
            self.result = view;
        }
    }

    /// The choice, as buttons or, where there is little room, as a list.
    pub fn show(&mut self, ui: &mut Ui, has_result: bool, tight: bool) {
        let now = self.now(has_result);
        let mut chosen = now;
        let mut offer = |ui: &mut Ui| {
            for view in View::ALL {
                ui.add_enabled_ui(has_result || view == View::Paint, |ui| {
                    ui.selectable_value(&mut chosen, view, view.title()).on_hover_text(view.explained());
                });
            }
        };
        if tight {
            let combo = ComboBox::from_id_salt("view").selected_text(now.title()).width(96.0);
            let combo = combo.show_ui(ui, offer).response;
            menus::name(&combo, "Look at");
            combo.on_hover_text(now.explained());
        } else {
            offer(ui);
        }
        if chosen != now {
            self.choose(chosen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_result_there_is_only_the_picture() {
        let mut views = Views::default();
        assert_eq!((views.now(false), views.now(true)), (View::Paint, View::SideBySide));
        views.choose(View::Slider);
        views.paint();
        assert_eq!(views.now(true), View::Paint);
        views.turn_to_result();
        assert_eq!(views.now(true), View::Slider);
    }
}
