//! A line of a form for a path: it is typed, dropped, or chosen in a dialog.

use eframe::egui::{Button, Response, Role, TextEdit, Ui, WidgetInfo, vec2};

use crate::app::dialog::Question;

/// Width of every button behind a field, points: so all lines end at one place.
const BUTTON: f32 = 80.0;

/// Least width of the field, points.
const FIELD: f32 = 120.0;

/// Shows the field called `label` with a button for each way to choose its path, and leaves room for `more` buttons
/// behind them. Gives the question of the button that was pressed; buttons rest while a dialog is open.
pub fn show(
    ui: &mut Ui,
    (label, hint): (&str, &str),
    path: &mut String,
    ways: &[(&str, Question)],
    is_open: bool,
    more: usize,
) -> Option<Question> {
    let mut asked = None;
    let label = ui.label(label).id;
    ui.horizontal(|ui| {
        let buttons = (ways.len() + more) as f32 * (BUTTON + ui.spacing().item_spacing.x);
        let size = vec2((ui.available_width() - buttons).max(FIELD), ui.spacing().interact_size.y);
        ui.add_sized(size, TextEdit::singleline(path).hint_text(hint)).labelled_by(label);
        for (text, question) in ways {
            let button = button(ui, !is_open, text);
            // Several buttons say the same: a screen reader tells them apart.
            button.widget_info(|| WidgetInfo::labeled(Role::Button, !is_open, question.title()));
            if button.clicked() {
                asked = Some(*question);
            }
        }
    });
    asked
}

/// A button behind a field.
pub fn button(ui: &mut Ui, is_enabled: bool, text: &str) -> Response {
    ui.add_enabled(is_enabled, Button::new(text).min_size(vec2(BUTTON, 0.0)))
}
