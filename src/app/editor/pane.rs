//! The editor's pane.

use std::path::Path;

use eframe::egui::{
    Button, DragValue, Key, Rect, RichText, ScrollArea, Sense, Slider, Stroke, StrokeKind, TextEdit, Ui,
    UiBuilder, Vec2, pos2, vec2,
};

use super::entry::State;
use super::{Editor, problems, result};
use crate::app::{card, theme, tiles};
use crate::run::message::Command;

/// Most applications of f: an idempotent model moves no more after the first few.
const MAX_STEPS: usize = 8;

/// Strongest noise, as sigma in [-1, 1] units: beyond it hardly anything of the picture is left.
const MAX_STRENGTH: f32 = 5.0;

/// Side of the pictures in the list, points.
const THUMB: f32 = 52.0;

/// Height of the line with the path field, points.
const PATH_ROW: f32 = 34.0;

impl Editor {
    /// Shows the pane; requests go into `commands`. `run_dir` is where pictures are saved.
    pub fn show(&mut self, ui: &mut Ui, run_dir: Option<&Path>, commands: &mut Vec<Command>) {
        let tools = |ui: &mut Ui, editor: &mut Self| {
            match editor.opener.pending {
                0 => ui.weak("drop pictures anywhere on the window"),
                1 => ui.weak("opening a file…"),
                n => ui.weak(format!("opening {n} files…")),
            };
        };
        card::show(ui, "Editor", self, tools, |ui, editor| {
            editor.settings_row(ui, commands);
            ui.add_space(3.0);
            let rest = ui.available_rect_before_wrap();
            let (rest, path_row) = rest.split_top_bottom_at_y((rest.bottom() - PATH_ROW).max(rest.top()));
            editor.path_row(
                &mut ui.new_child(UiBuilder::new().max_rect(path_row.with_min_y(path_row.top() + 6.0))),
            );
            let height = problems::height(&editor.problems);
            let (middle, strip) = rest.split_top_bottom_at_y((rest.bottom() - height).max(rest.top()));
            if height > 0.0 && problems::show(ui, strip, &editor.problems) {
                editor.problems.clear();
            }
            editor.middle(&mut ui.new_child(UiBuilder::new().max_rect(middle)), run_dir);
        });
    }

    fn settings_row(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().slider_width = 90.0;
            let label = ui.label("Steps").on_hover_text("How often the model is applied").id;
            ui.add(Slider::new(&mut self.settings.steps, 1..=MAX_STEPS)).labelled_by(label);
            let strength =
                "Noise level sigma added first: 0 keeps the picture as it is, 5 leaves hardly a trace";
            let label = ui.label("Strength").on_hover_text(strength).id;
            let range = 0.0..=MAX_STRENGTH;
            ui.add(Slider::new(&mut self.settings.strength_sigma, range).fixed_decimals(2))
                .labelled_by(label);
            let label = ui.label("Seed").on_hover_text("Another seed draws other noise").id;
            ui.add(DragValue::new(&mut self.settings.seed)).labelled_by(label);
            let enabled = !self.entries.is_empty() && !self.ended;
            let hover = "Project the selected picture with these settings";
            if ui.add_enabled(enabled, primary(ui, "Project", enabled)).on_hover_text(hover).clicked() {
                self.project(self.selected, commands);
            }
        });
    }

    fn middle(&mut self, ui: &mut Ui, run_dir: Option<&Path>) {
        let rect = ui.available_rect_before_wrap();
        if self.entries.is_empty() {
            let title = "Drop pictures here";
            card::empty(ui, rect, title, "the newest weights project each onto what the model has learned");
            return;
        }
        // The ring around the selected picture needs a little room.
        let list =
            Rect::from_min_max(rect.min + vec2(3.0, 3.0), pos2(rect.left() + THUMB + 17.0, rect.bottom()));
        self.list(&mut ui.new_child(UiBuilder::new().max_rect(list)));
        let stage = Rect::from_min_max(pos2(list.right() + 4.0, list.top()), rect.max - vec2(3.0, 0.0));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(stage));
        let Some(entry) = self.entries.get_mut(self.selected) else { return };
        match &entry.state {
            State::Waiting => {
                let detail = "the trainer answers between two steps";
                card::empty(&mut ui, stage, &format!("Projecting {}…", entry.name), detail);
            }
            State::Refused(words) => {
                card::empty(&mut ui, stage, &format!("{} is not projected", entry.name), words);
            }
            State::Projected(_) => {
                if let Some(words) = result::show(&mut ui, entry, self.settings, run_dir, &mut self.saved) {
                    self.problem(words);
                }
            }
        }
    }

    /// The pictures to choose from, newest first.
    fn list(&mut self, ui: &mut Ui) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            for index in (0..self.entries.len()).rev() {
                let entry = &self.entries[index];
                let (slot, _) = ui.allocate_exact_size(Vec2::splat(THUMB), Sense::hover());
                let rect = tiles::inside(entry.thumb.size_vec2(), slot);
                let response = tiles::tile(ui, rect, &entry.thumb, &format!("picture {}", index + 1));
                if index == self.selected {
                    let stroke = Stroke::new(2.0, theme::palette(ui).accent);
                    ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
                }
                if response.on_hover_text(&entry.name).clicked() && index != self.selected {
                    self.selected = index;
                    self.saved = None;
                }
            }
        });
    }

    /// Where a picture's path is typed or pasted.
    fn path_row(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let label = ui.label("Image path");
            let width = (ui.available_width() - 60.0).max(80.0);
            let field = TextEdit::singleline(&mut self.typed).hint_text("or type the path of a picture");
            let field = ui.add_sized(vec2(width, 24.0), field).labelled_by(label.id);
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.button("Add").clicked() || entered {
                self.add_typed();
            }
        });
    }
}

/// The pane's main button: in the accent colour while it can be pressed.
fn primary<'a>(ui: &Ui, text: &str, enabled: bool) -> Button<'a> {
    if !enabled {
        return Button::new(text.to_owned());
    }
    let palette = theme::palette(ui);
    Button::new(RichText::new(text).color(palette.on_accent)).fill(palette.accent)
}
