//! The recipe pane: everything that shapes the result, as the run folder keeps it, and what of it may
//! change while the run goes on.

mod tuning;

use std::sync::Arc;

use eframe::egui::{Role, ScrollArea, TextEdit, TextStyle, Ui, WidgetInfo};

use super::card;
use crate::run::message::{Command, Message};
use tuning::Tuner;

#[derive(Default)]
pub struct RecipePane {
    toml: Option<Arc<str>>,
    tuner: Tuner,
}

impl RecipePane {
    pub fn receive(&mut self, message: &Message) {
        if let Message::Recipe(toml) = message {
            self.toml = Some(toml.clone());
        }
        self.tuner.receive(message);
    }

    /// `live` is a run that takes commands.
    pub fn show(&mut self, ui: &mut Ui, live: bool, commands: &mut Vec<Command>) {
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
                    pane.tuner.show(ui, live, commands);
                    text(ui, toml);
                });
            }
        });
    }
}

fn text(ui: &mut Ui, mut toml: &str) {
    let text = TextEdit::multiline(&mut toml)
        .font(TextStyle::Monospace)
        .desired_width(f32::INFINITY)
        .frame(eframe::egui::Frame::NONE);
    ui.add(text).widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, "the recipe as TOML"));
}
