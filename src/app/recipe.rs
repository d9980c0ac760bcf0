//! The recipe pane: everything that shapes the result, as the run folder keeps it.

use std::sync::Arc;

use eframe::egui::{ScrollArea, TextEdit, TextStyle, Ui};

use super::card;
use crate::run::message::Message;

#[derive(Default)]
pub struct RecipePane {
    toml: Option<Arc<str>>,
}

impl RecipePane {
    pub fn receive(&mut self, message: &Message) {
        if let Message::Recipe(toml) = message {
            self.toml = Some(toml.clone());
        }
    }

    pub fn show(&mut self, ui: &mut Ui) {
        let tools = |ui: &mut Ui, pane: &mut Self| {
            if let Some(toml) = &pane.toml
                && ui
                    .button("Copy")
                    .on_hover_text("Copy the recipe as TOML; signet train FILE runs it")
                    .clicked()
            {
                ui.ctx().copy_text(toml.to_string());
            }
        };
        card::show(ui, "Recipe", self, tools, |ui, pane| match &pane.toml {
            None => {
                let rect = ui.available_rect_before_wrap();
                card::empty(ui, rect, "No recipe yet", "It is shown when the run begins.");
            }
            Some(toml) => {
                ScrollArea::both().auto_shrink(false).show(ui, |ui| {
                    let mut text: &str = toml;
                    let text = TextEdit::multiline(&mut text)
                        .font(TextStyle::Monospace)
                        .desired_width(f32::INFINITY)
                        .frame(eframe::egui::Frame::NONE);
                    ui.add(text).widget_info(|| {
                        eframe::egui::WidgetInfo::labeled(
                            eframe::egui::Role::MultilineTextInput,
                            true,
                            "the recipe as TOML",
                        )
                    });
                });
            }
        });
    }
}
