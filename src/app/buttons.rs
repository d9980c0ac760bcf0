//! Buttons that the rooms share: low ones for low lines, and those that open a form.

use eframe::egui::containers::menu::{MenuButton, MenuConfig};
use eframe::egui::style::StyleModifier;
use eframe::egui::{Button, PopupCloseBehavior, Response, Ui, vec2};

/// Height of a low button, points: its words have some room above and below.
pub const LOW: f32 = 20.0;

/// A button for a line that is lower than a usual one.
pub fn low(text: &str) -> Button<'_> {
    Button::new(text).small().min_size(vec2(0.0, LOW))
}

/// A button that opens fields, sliders and buttons. They look as they do in a pane, and the form stays open while
/// they are used.
pub fn form<R>(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> R) -> (Response, Option<R>) {
    let config = MenuConfig::new()
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .style(StyleModifier::default());
    let (button, shown) = MenuButton::new(title).config(config).ui(ui, |ui| ui.vertical(contents).inner);
    (button, shown.map(|shown| shown.inner))
}
