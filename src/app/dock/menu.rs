//! The menu of panes: which are shown, and back to how they first lay.

use eframe::egui::{Button, Ui, vec2};

use super::{Dock, Pane};

impl Dock {
    /// A button `height` points high, and its menu.
    pub fn menu(&mut self, ui: &mut Ui, height: f32) {
        let button = Button::new("View").min_size(vec2(0.0, height)).frame_when_inactive(false);
        let menu = eframe::egui::containers::menu::MenuButton::from_button(button);
        let (response, _) = menu.ui(ui, |ui| {
            for pane in Pane::ALL {
                let mut open = self.is_open(pane);
                if ui.checkbox(&mut open, format!("show {}", pane.title().to_lowercase())).changed() {
                    self.set_open(pane, open);
                }
            }
            ui.separator();
            if ui.button("Reset the layout").clicked() {
                self.reset();
                ui.close();
            }
        });
        response.on_hover_text("Show, hide and put back panes");
    }
}
