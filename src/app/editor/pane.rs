//! The editor's pane: where everything stands.

use std::path::Path;

use eframe::egui::{Context, Rect, Ui, UiBuilder, vec2};

use super::acts::Act;
use super::room::Room;
use super::{Editor, drift, keyboard, list, notice, problems};
use crate::app::{card, theme};
use crate::run::message::Command;

/// Height of the line under the picture, points.
const CAPTION: f32 = 22.0;

/// Height of the line with the path field, points.
const FOOT: f32 = 32.0;

impl Editor {
    /// Shows the pane; requests go into `commands`. `run_dir` is where pictures are saved.
    pub fn show(&mut self, ui: &mut Ui, run_dir: Option<&Path>, commands: &mut Vec<Command>) {
        let ctx = ui.ctx().clone();
        self.listen(&ctx);
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
        let strip = cut(&mut rest, problems::height(self.problems.lines()));
        if strip.height() > 0.0 && problems::show(ui, strip, self.problems.lines()) {
            self.problems.clear();
        }
        if let Some(entry) = self.entries.get(self.selected) {
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
            let line = format!("{} project each onto what the model has learned", self.weights.words());
            card::empty(ui, rect, title, &line);
            return None;
        }
        // The ring around the selected picture needs a little room.
        let inside = Rect::from_min_max(rect.min + vec2(3.0, 3.0), rect.max - vec2(3.0, 3.0));
        let (list, stage) = inside.split_left_right_at_x(inside.left() + list::THUMB + 14.0);
        if let Some(clicked) = list::show(&mut child(ui, list), &mut self.entries, self.selected)
            && clicked != self.selected
        {
            self.selected = clicked;
            self.saved = None;
        }
        let stage = stage.with_min_x(stage.left() + 4.0);
        let entry = self.entries.get_mut(self.selected)?;
        let view = self.views.now(entry.state().made.is_some());
        let held = held || keyboard::holds_compare(ui.ctx());
        self.stage.show(&mut child(ui, stage), stage, entry, view, &mut self.tools, held)
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
