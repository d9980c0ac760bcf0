//! A curve's colour, and the choice of another from the palette: those can be told apart on either ground.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{Button, Color32, Role, Ui, WidgetInfo, vec2};

use crate::app::theme;

/// Side of a colour's button, points.
const SIDE: f32 = 14.0;

/// Colours in a row of the choice.
const COLUMNS: usize = 4;

/// A button in `colour`, which is the curve `label`'s; returns the colour that the user chooses instead.
pub fn choose(ui: &mut Ui, colour: Color32, label: &str) -> Option<Color32> {
    let mut chosen = None;
    let button = MenuButton::from_button(Button::new("").fill(colour).min_size(vec2(SIDE, SIDE)).small());
    let (response, _) = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = vec2(1.0, 1.0);
            button.ui(ui, |ui| {
                let palette = theme::palette(ui);
                for (row, colours) in palette.curves.chunks(COLUMNS).enumerate() {
                    ui.horizontal(|ui| {
                        for (column, other) in colours.iter().enumerate() {
                            let number = row * COLUMNS + column + 1;
                            let button = ui.add(Button::new("").fill(*other).min_size(vec2(24.0, 24.0)));
                            let selected = *other == colour;
                            let name = format!("colour {number}");
                            button.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &name));
                            if button.clicked() {
                                chosen = Some(*other);
                            }
                        }
                    });
                }
            })
        })
        .inner;
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("colour of {label}")));
    chosen
}
