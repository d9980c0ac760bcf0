//! The lines under the picture: what it is, where a path is typed, and what becomes of the result.

use std::path::Path;

use eframe::egui::{Align, Button, Color32, Key, Label, Layout, RichText, TextEdit, Ui, vec2};

use super::acts::Act;
use super::entry::Entry;
use super::{Editor, keep, menus, one_click, spoil, strip, waiting};
use crate::app::theme;
use crate::edit::Way;
use crate::words;

/// Least width of the field for a path, points.
const FIELD: f32 = 60.0;

/// Least width for it and the words before it, points.
const LABELLED: f32 = 180.0;

impl Editor {
    /// One line on the selected picture, or how far its edit is. `seen` are words for what is shown of it.
    pub(super) fn caption(&mut self, ui: &mut Ui, seen: Option<String>) {
        let Some(entry) = self.entries.get(self.selected) else { return };
        if let Some(pending) = &entry.pending {
            let waiting = self.entries.iter().filter(|entry| entry.is_projecting()).count();
            let others = waiting - usize::from(entry.is_projecting());
            if waiting::show(ui, pending, others) {
                self.acts.push(Act::Cancel);
            }
            return;
        }
        let (words, colour) = self.words(ui, seen);
        ui.add(Label::new(RichText::new(words).small().color(colour)).truncate());
    }

    fn words(&self, ui: &Ui, seen: Option<String>) -> (String, Color32) {
        let palette = theme::palette(ui);
        let Some(entry) = self.entries.get(self.selected) else { return (String::new(), palette.faint) };
        let (has_mask, made) = (entry.has_mask(), &entry.state().made);
        let asked = entry.asks(&self.weights.chosen);
        let tool = one_click::name(entry.way());
        let warning = match entry.settings.way {
            Some(Way::Inpaint) if !has_mask => {
                "nothing is marked yet: paint over what is to be filled in, then press Fill".to_owned()
            }
            Some(Way::Direct) if has_mask => "Denoise does not fill in what is marked: press Fill".to_owned(),
            _ => match made {
                Some(made) if made.asked.is_as(&asked) => String::new(),
                Some(made) if made.asked.mask != asked.mask => {
                    format!("the mask has changed: press {tool} to use it")
                }
                Some(_) => "the settings have changed: press Project, under More, to use them".to_owned(),
                None => helpless(entry),
            },
        };
        let saved = self.saved.as_ref().map(|path| format!("saved {}", path.display()));
        if !warning.is_empty() && !self.ended {
            // The path comes second: it is long and may be cut off.
            let words = std::iter::once(warning).chain(saved);
            return (words.collect::<Vec<_>>().join(" · "), palette.warn);
        }
        if let Some(saved) = saved {
            return (saved, palette.good);
        }
        let shrunk = entry.origin.larger.map_or_else(String::new, |(width, height)| {
            format!(" · kept smaller than its {width} × {height} pixels")
        });
        let mut said = match made {
            Some(made) => {
                let applied = strip::applications(made.applications(entry.chosen));
                let last = entry.chosen + 1 == made.projection.after.len();
                let again = words::value(made.projection.idempotence_rms);
                let applied = if last {
                    format!("{applied}; once more would change it by {again} rms")
                } else {
                    applied
                };
                // What explains the picture comes first: the rest may be cut off.
                let seen = seen.map(|seen| format!("{seen} · ")).unwrap_or_default();
                format!("{seen}{}{shrunk} · {} · {applied}", entry.name, made.projection.model)
            }
            None => {
                let (width, height) = entry.state().picture.dimensions();
                let suits = one_click::name(entry.advice.way);
                format!("{}{shrunk} · {width} × {height} pixels · {suits} suits it", entry.name)
            }
        };
        if has_mask {
            said.push_str(&format!(
                " · {} % marked",
                words::short((1e3 * entry.mask.share()).round() / 10.0)
            ));
        }
        (said, palette.faint)
    }

    /// Where a picture's path is typed or pasted, and where the result goes.
    pub(super) fn foot(&mut self, ui: &mut Ui, run_dir: Option<&Path>) {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if self.entries.get(self.selected).is_some_and(|entry| entry.state().made.is_some()) {
                self.result_buttons(ui, run_dir);
            }
            let add = ui.button("Add").clicked();
            let open = ui.add_enabled(!self.dialog.is_open(), Button::new("Open…"));
            if open.on_hover_text("Choose pictures in the desktop's dialog").clicked() {
                self.dialog.pick_images(ui.ctx());
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.path_field(ui, add));
        });
    }

    fn path_field(&mut self, ui: &mut Ui, add: bool) {
        // Where there is little room, the field alone.
        let label = (ui.available_width() > LABELLED).then(|| ui.label("Image path"));
        let width = ui.available_width().max(FIELD);
        let hint = if self.loading_mask { "drop the mask, or type its path" } else { "path of a picture" };
        let field = TextEdit::singleline(&mut self.typed).hint_text(hint);
        let field = ui.add_sized(vec2(width, 24.0), field);
        let field = match label {
            Some(label) => field.labelled_by(label.id),
            None => {
                menus::name(&field, "Image path");
                field
            }
        };
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if add || entered {
            self.add_typed();
        }
    }

    fn result_buttons(&mut self, ui: &mut Ui, run_dir: Option<&Path>) {
        let hover = match run_dir {
            Some(dir) => format!("As a file in {}, with how it came about", dir.join(keep::FOLDER).display()),
            None => "Once the run folder is open".to_owned(),
        };
        let enabled = run_dir.is_some() && self.side > 0;
        if ui.add_enabled(enabled, Button::new("Save PNG")).on_hover_text(hover).clicked() {
            self.acts.push(Act::Save);
        }
        let hover = "The selected result, for other programs";
        if ui.button("Copy image").on_hover_text(hover).clicked() {
            self.acts.push(Act::Copy);
        }
    }
}

/// Says that no tool mends how the picture was spoiled last; nothing where one does.
fn helpless(entry: &Entry) -> String {
    match entry.state().spoiled.last() {
        Some(corruption) if corruption.mended_by().is_none() => {
            format!(
                "no tool mends {}: what they make of it is only something to look at",
                spoil::title(*corruption)
            )
        }
        _ => String::new(),
    }
}
