//! A line of a form for a path: it is typed, dropped, or chosen in a dialog.

use eframe::egui::{Button, Role, TextEdit, Ui, WidgetInfo};

use crate::app::dialog::Question;

/// Width of a button behind the field and the space before it, points.
const BUTTON: f32 = 82.0;

/// Shows the field called `label` with a button for each way to choose its path, and leaves `room` points
/// behind them. Gives the question of the button that was pressed; buttons rest while a dialog is open.
pub fn show(
    ui: &mut Ui,
    (label, hint): (&str, &str),
    path: &mut String,
    ways: &[(&str, Question)],
    is_open: bool,
    room: f32,
) -> Option<Question> {
    let mut asked = None;
    let label = ui.label(label).id;
    ui.horizontal(|ui| {
        let width = (ui.available_width() - BUTTON * ways.len() as f32 - room).max(120.0);
        ui.add(TextEdit::singleline(path).desired_width(width).hint_text(hint)).labelled_by(label);
        for (text, question) in ways {
            let button = ui.add_enabled(!is_open, Button::new(*text));
            // Several buttons say the same: a screen reader tells them apart.
            button.widget_info(|| WidgetInfo::labeled(Role::Button, !is_open, question.title()));
            if button.clicked() {
                asked = Some(*question);
            }
        }
    });
    asked
}
