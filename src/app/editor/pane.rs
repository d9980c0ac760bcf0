//! The editor's pane.

use std::path::Path;

use eframe::egui::{
    Align, Button, DragValue, Key, Label, Layout, Rect, RichText, ScrollArea, Sense, Slider, Stroke,
    StrokeKind, TextEdit, Ui, UiBuilder, Vec2, pos2, vec2,
};

use super::entry::{Entry, Settings, Shown, State};
use super::{Editor, keep};
use crate::app::{card, theme, tiles, words};
use crate::run::message::Command;

/// Most applications of f: an idempotent model moves no more after the first few.
const MAX_STEPS: usize = 8;

/// Strongest noise, as sigma in [-1, 1] units: beyond it hardly anything of the picture is left.
const MAX_STRENGTH: f32 = 5.0;

/// Side of the pictures in the list, points.
const THUMB: f32 = 52.0;

/// Height of a picture's two caption lines, points.
const CAPTION: f32 = 36.0;

/// Height of the path field and the lines above it, points.
const FOOT: f32 = 32.0;

impl Editor {
    /// Shows the pane; requests go into `commands`. `run_dir` is where pictures are saved.
    pub fn show(&mut self, ui: &mut Ui, run_dir: Option<&Path>, commands: &mut Vec<Command>) {
        let tools = |ui: &mut Ui, editor: &mut Self| {
            if editor.opener.pending > 0 {
                ui.weak(format!("opening {} files…", editor.opener.pending));
            } else {
                ui.weak("drop pictures anywhere on the window");
            }
        };
        card::show(ui, "Editor", self, tools, |ui, editor| {
            editor.settings_row(ui, commands);
            let rest = ui.available_rect_before_wrap();
            let foot_height = FOOT + editor.problem_height();
            let split = (rest.bottom() - foot_height).max(rest.top());
            let middle = Rect::from_min_max(rest.min, pos2(rest.right(), split));
            editor.middle(&mut ui.new_child(UiBuilder::new().max_rect(middle)), run_dir);
            let foot = Rect::from_min_max(pos2(rest.left(), split), rest.max);
            editor.foot(
                &mut ui.new_child(UiBuilder::new().max_rect(foot).layout(Layout::bottom_up(Align::Min))),
            );
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
        let list = rect.with_max_x(rect.left() + THUMB + 14.0);
        self.list(&mut ui.new_child(UiBuilder::new().max_rect(list)));
        let stage = rect.with_min_x(list.right() + 6.0);
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
                if let Some(words) = projected(&mut ui, entry, self.settings, run_dir, &mut self.saved) {
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
                let rect = inside(entry.thumb.size_vec2(), slot);
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

    fn problem_height(&self) -> f32 {
        if self.problems.is_empty() { 0.0 } else { 54.0 }
    }

    /// The path field and, above it, what went wrong; laid out from the bottom up.
    fn foot(&mut self, ui: &mut Ui) {
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
        if self.problems.is_empty() {
            return;
        }
        let mut clear = false;
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            clear = ui.add(Button::new("Clear").small()).clicked();
            let (height, colour) = (ui.available_height(), theme::palette(ui).error);
            ScrollArea::vertical().max_height(height).stick_to_bottom(true).auto_shrink(false).show(
                ui,
                |ui| {
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        for words in &self.problems {
                            ui.add(Label::new(RichText::new(words).small().color(colour)).wrap());
                        }
                    });
                },
            );
        });
        if clear {
            self.problems.clear();
        }
    }
}

/// How often the model was applied, in words.
fn applications(count: usize) -> String {
    match count {
        1 => "applied once".to_owned(),
        2 => "applied twice".to_owned(),
        n => format!("applied {n} times"),
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

/// The largest rectangle of `size`'s proportions in the middle of `slot`.
fn inside(size: Vec2, slot: Rect) -> Rect {
    let zoom = (slot.width() / size.x.max(1.0)).min(slot.height() / size.y.max(1.0));
    Rect::from_center_size(slot.center(), size * zoom)
}

/// Before and after side by side, and the line to save one; returns a problem in words, if saving fails.
fn projected(
    ui: &mut Ui,
    entry: &mut Entry,
    settings: Settings,
    run_dir: Option<&Path>,
    saved: &mut Option<std::path::PathBuf>,
) -> Option<String> {
    let State::Projected(shown) = &entry.state else { return None };
    let rect = ui.available_rect_before_wrap();
    let line = 30.0;
    let area = rect.with_max_y((rect.bottom() - line).max(rect.top()));
    if let Some(chosen) = strip(ui, area, shown, entry.chosen) {
        entry.chosen = chosen;
    }
    let foot = rect.with_min_y(area.bottom() + 2.0);
    let layout = Layout::right_to_left(Align::Center);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(foot).layout(layout));
    let applications = entry.chosen + 1;
    let hover = match run_dir {
        Some(dir) => format!("As a file in {}", dir.join("edits").display()),
        None => "Once the run folder is open".to_owned(),
    };
    let clicked = ui.add_enabled(run_dir.is_some(), Button::new("Save PNG")).on_hover_text(hover).clicked();
    let mut problem = None;
    if clicked && let (Some(dir), Some(picture)) = (run_dir, shown.projection.after.get(entry.chosen)) {
        match keep::save(dir, &entry.name, applications, picture) {
            Ok(path) => *saved = Some(path),
            Err(error) => problem = Some(error.to_string()),
        }
    }
    let palette = theme::palette(&ui);
    let (words, colour) = match saved {
        Some(path) => (format!("saved {}", path.display()), palette.good),
        None if shown.settings != settings => {
            ("the settings have changed: press Project to use them".to_owned(), palette.warn)
        }
        None => (format!("{} · {}", entry.name, shown.projection.model), palette.faint),
    };
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(words).small().color(colour)).truncate());
    });
    problem
}

/// The picture before and after each application; returns the index of a clicked one.
fn strip(ui: &mut Ui, area: Rect, shown: &Shown, chosen: usize) -> Option<usize> {
    let count = shown.after.len() + 1;
    let gap = 8.0;
    let across = (area.width() - gap * (count as f32 - 1.0)) / count as f32;
    let side = across.min(area.height() - CAPTION).max(16.0);
    let palette = theme::palette(ui);
    let mut clicked = None;
    for i in 0..count {
        let corner = pos2(area.left() + i as f32 * (side + gap), area.top());
        let rect = Rect::from_min_size(corner, Vec2::splat(side));
        let (width, height) = shown.projection.before.dimensions();
        let (texture, label, caption_words, detail) = match i.checked_sub(1) {
            None => {
                (&shown.before, "before".to_owned(), "input".to_owned(), format!("{width} × {height} pixels"))
            }
            Some(k) => {
                let moved = shown.projection.moved_rms.get(k);
                let detail = moved.map(|rms| format!("moved {}", words::value(f64::from(*rms))));
                (&shown.after[k], format!("after {i}"), applications(i), detail.unwrap_or_default())
            }
        };
        let response = tiles::tile(ui, inside(texture.size_vec2(), rect), texture, &label);
        if i == chosen + 1 {
            let stroke = Stroke::new(2.0, palette.accent);
            ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
        }
        if response.clicked() && i > 0 {
            clicked = Some(i - 1);
        }
        let caption = Rect::from_min_size(pos2(rect.left(), rect.bottom() + 2.0), vec2(side, CAPTION));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(caption));
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(Label::new(RichText::new(caption_words).small()).truncate());
        ui.add(Label::new(RichText::new(detail).small().color(palette.faint)).truncate())
            .on_hover_text("Root mean square change of the pixels, in [-1, 1] units");
    }
    clicked
}
