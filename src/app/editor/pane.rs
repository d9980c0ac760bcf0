//! The editor's pane: where everything stands.

use std::path::Path;

use eframe::egui::{Button, Context, Rect, RichText, Ui, UiBuilder, vec2};

use super::acts::Act;
use super::room::Room;
use super::{Editor, drift, keyboard, list, menus, notice, problems};
use crate::app::{card, theme};
use crate::run::message::Command;

/// Height of the line under the picture, points.
const CAPTION: f32 = 22.0;

/// Height of the line with the path field, points.
const FOOT: f32 = 32.0;

/// Height of a button that magnifies, points, and of the list that has room for them.
const MAGNIFIER: f32 = 22.0;
const LOW: f32 = 116.0;

impl Editor {
    /// Shows the pane; requests go into `commands`. `run_dir` is where pictures are saved.
    pub fn show(&mut self, ui: &mut Ui, run_dir: Option<&Path>, commands: &mut Vec<Command>) {
        let ctx = ui.ctx().clone();
        self.listen(&ctx);
        if let Some(entry) = self.entries.get_mut(self.selected) {
            entry.look(&self.usual, self.side);
        }
        let room = Room::of(ui.available_size());
        let tools = |ui: &mut Ui, editor: &mut Self| {
            tighten(ui, room);
            editor.title_row(ui);
        };
        card::show(ui, "Editor", self, tools, |ui, editor| {
            tighten(ui, room);
            // A row that is too long makes no room for what comes after it.
            let whole = ui.available_rect_before_wrap();
            editor.request_row(ui, room);
            let held = editor.look_row(ui, room);
            ui.add_space(2.0);
            let rest = ui.available_rect_before_wrap().intersect(whole);
            editor.under_rows(ui, rest, run_dir, held);
        });
        for act in std::mem::take(&mut self.acts) {
            self.obey(&ctx, act, run_dir, commands);
        }
        self.keep_settings(&ctx);
    }

    /// What was set is a step of the history once its slider is let go or its number typed.
    fn keep_settings(&mut self, ctx: &Context) {
        if ctx.text_edit_focused() || ctx.input(|input| input.pointer.any_down()) {
            return;
        }
        if let Some(entry) = self.entries.get_mut(self.selected) {
            entry.keep_settings();
        }
    }

    fn listen(&mut self, ctx: &Context) {
        self.tools.listen(ctx);
        let travel = keyboard::travel(ctx).map(|back| if back { Act::Undo } else { Act::Redo });
        self.acts.extend(travel);
    }

    /// The picture, and beneath it the lines that take what they need.
    fn under_rows(&mut self, ui: &mut Ui, mut rest: Rect, run_dir: Option<&Path>, held: bool) {
        let foot = cut(&mut rest, FOOT);
        self.foot(&mut child(ui, foot.with_min_y(foot.top() + 6.0)), run_dir);
        let caption = (!self.entries.is_empty()).then(|| cut(&mut rest, CAPTION));
        let height = problems::height(ui, self.problems.lines(), rest.width());
        let strip = cut(&mut rest, height);
        if strip.height() > 0.0 && problems::show(ui, strip, self.problems.lines()) {
            self.problems.clear();
        }
        if let Some(entry) = self.entries.get(self.selected) {
            let waits = entry.pending.as_ref().is_some_and(|pending| !pending.is_sent);
            let what = if waits { "your picture is" } else { "what you ask for now is" };
            let when = self.outlook.words(&self.weights.chosen, what);
            if let Some(when) = when.filter(|_| entry.refused.is_none()) {
                let height = notice::height(ui, &when, rest.width());
                notice::show(ui, cut(&mut rest, height), &when, theme::palette(ui).warn);
            }
            if let Some(why) = &entry.refused {
                let words = format!("{} is not projected: {why}", entry.name);
                let height = notice::height(ui, &words, rest.width());
                notice::show(ui, cut(&mut rest, height), &words, theme::palette(ui).error);
            }
            let made = &entry.state().made;
            if made.as_ref().is_some_and(|made| entry.drift.is_of(made, entry.chosen)) {
                entry.drift.show(&mut child(ui, cut(&mut rest, drift::HEIGHT)));
            }
        }
        let seen = self.middle(&mut child(ui, rest), held);
        if let Some(caption) = caption {
            self.caption(&mut child(ui, caption), seen);
        }
    }

    /// The pictures; returns what the one in the middle shows, in words, where it needs them.
    fn middle(&mut self, ui: &mut Ui, held: bool) -> Option<String> {
        let rect = ui.available_rect_before_wrap();
        if self.entries.is_empty() {
            let title = "Drop pictures here";
            let when = self.outlook.words(&self.weights.chosen, "pictures you drop are");
            let line = when.unwrap_or_else(|| {
                format!("{} project each onto what the model has learned", self.weights.words())
            });
            card::empty(ui, rect, title, &line);
            return None;
        }
        // The ring around the selected picture needs a little room.
        let inside = Rect::from_min_max(rect.min + vec2(3.0, 3.0), rect.max - vec2(3.0, 3.0));
        let (mut list, stage) = inside.split_left_right_at_x(inside.left() + list::THUMB + 14.0);
        self.magnifiers(ui, &mut list);
        if let Some(clicked) = list::show(&mut child(ui, list), &mut self.entries, self.selected)
            && clicked != self.selected
        {
            self.selected = clicked;
            self.saved = None;
            self.entries[clicked].look(&self.usual, self.side);
        }
        let stage = stage.with_min_x(stage.left() + 4.0);
        let entry = self.entries.get_mut(self.selected)?;
        self.tools.suit(entry.mask.size());
        let view = self.views.now(entry.state().made.is_some());
        let held = held || keyboard::holds_compare(ui.ctx());
        self.stage.show(&mut child(ui, stage), stage, entry, view, &mut self.tools, held)
    }
}

impl Editor {
    /// Buttons that magnify, under the list, where there is room for them.
    fn magnifiers(&mut self, ui: &mut Ui, list: &mut Rect) {
        let pixels_per_point = ui.ctx().pixels_per_point();
        let Some(now) = self.stage.magnification(pixels_per_point) else { return };
        if list.height() < LOW {
            return;
        }
        let place = cut(list, 2.0 * MAGNIFIER + 8.0);
        let mut ui = child(ui, place.with_max_x(place.left() + list::THUMB).with_min_y(place.top() + 4.0));
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.spacing_mut().button_padding = vec2(2.0, 0.0);
        // Buttons are as high as this at least, and these have no room for more.
        ui.spacing_mut().interact_size.y = MAGNIFIER;
        let size = vec2(list::THUMB, MAGNIFIER);
        let hover = format!(
            "The whole picture (key 0). Now {:.0} %: the wheel and + − zoom, a drag of the middle button or with \
             Space moves",
            100.0 * now
        );
        let fit = Button::new(RichText::new("Fit").small());
        let fit = ui.add_sized(size, fit).on_hover_text(&hover);
        menus::name(&fit, "whole picture");
        if fit.clicked() {
            self.stage.camera.fit();
        }
        let all = Button::new(RichText::new("100 %").small());
        let hover = "One pixel of the picture is one of the screen (key 1)";
        if ui.add_sized(size, all).on_hover_text(hover).clicked() {
            self.stage.show_pixels(pixels_per_point);
        }
    }
}

/// Takes the lowest `height` points off `rest`.
fn cut(rest: &mut Rect, height: f32) -> Rect {
    let (above, below) = rest.split_top_bottom_at_y((rest.bottom() - height).max(rest.top()));
    *rest = above;
    below
}

fn child(ui: &mut Ui, rect: Rect) -> Ui {
    ui.new_child(UiBuilder::new().max_rect(rect))
}

/// Where there is little room, what stands in it stands closer.
fn tighten(ui: &mut Ui, room: Room) {
    if !room.wide {
        let spacing = ui.spacing_mut();
        spacing.item_spacing.x = 5.0;
        spacing.button_padding.x = if room.narrow { 6.0 } else { 8.0 };
    }
}
