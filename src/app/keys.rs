//! Keys that work everywhere in the window, and the sheet that lists all there are.

use eframe::egui::{Context, Event, Grid, Id, Key, Popup, RichText, ScrollArea, Window};

use super::status::{Asked, Status};
use crate::run::message::Command;

/// What a key does to the run.
const RUN: [(Key, &str, &str); 3] = [
    (Key::Space, "Space", "pause or resume"),
    (Key::G, "G", "draw the sample grid now"),
    (Key::F5, "F5", "write a checkpoint now"),
];

/// Where a frame leaves word for the next one of who had the keys.
const TAKEN: &str = "the keys were taken";

/// Whether keys are free to command what is in the window: nobody types or has reached a button by Tab, no menu
/// or list is open, and no button of the pointer is held.
pub fn free(ctx: &Context) -> bool {
    // Escape takes the focus away before the frame begins, and closes a menu within it: whoever had it at the
    // last frame's end is meant.
    let taken = ctx.data(|data| data.get_temp(Id::unique(TAKEN)).unwrap_or(false));
    !taken && !has_taker(ctx) && !ctx.input(|input| input.pointer.any_down())
}

/// Whether something in the window hears keys first.
fn has_taker(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.focused().is_some()) || Popup::is_any_open(ctx)
}

/// Whether a key went down in this frame: not where it is held and repeats, nor with `Ctrl` and the like.
fn pressed(ctx: &Context, wanted: Key) -> bool {
    let is_it = |event: &Event| match event {
        Event::Key { key, pressed: true, repeat: false, modifiers, .. } => {
            // Most keyboards have the question mark above another key.
            let shifted = wanted == Key::Questionmark && modifiers.shift_only();
            *key == wanted && (modifiers.is_none() || shifted)
        }
        _ => false,
    };
    ctx.input_mut(|input| {
        let before = input.events.len();
        input.events.retain(|event| !is_it(event));
        input.events.len() < before
    })
}

/// Keys that panes listen to themselves.
const ELSEWHERE: [(&str, &str); 23] = [
    ("← →", "a large sample: its neighbours · editor: move the divider, once it is clicked"),
    ("Esc", "a large sample: back to the grid · editor: cancel the stroke"),
    ("double click", "curves: show everything · a sample: to the editor"),
    ("drag", "curves, samples: move what is seen · a pane's title: put the pane elsewhere"),
    ("Ctrl + wheel", "curves, samples: zoom"),
    ("Ctrl + V", "editor: paste a picture, or paths of pictures"),
    ("Ctrl + Z", "editor: undo"),
    ("Ctrl + Shift + Z", "editor: redo"),
    ("[ ]", "editor: smaller and larger brush"),
    ("Shift + drag", "editor: erase"),
    ("Space + drag", "editor: move the picture"),
    ("middle drag", "editor: the same"),
    ("C", "editor: hold it to see the picture before"),
    ("wheel, + −", "editor: zoom"),
    ("0", "editor: the whole picture"),
    ("1", "editor: its actual size"),
    ("Tab", "to the next button or field"),
    ("Shift + Tab", "to the one before"),
    ("Enter", "press the button"),
    ("Ctrl + plus", "larger text"),
    ("Ctrl + minus", "smaller text"),
    ("Ctrl + 0", "text as it was"),
    ("? F1", "this sheet"),
];

/// Height of the sheet's title and frame, and of its lines, points.
const SHEET_EDGE: f32 = 96.0;
const LINE: f32 = 18.0;

/// The sheet of keys.
#[derive(Default)]
pub struct Keys {
    open: bool,
}

impl Keys {
    /// Hears the keys of this frame, where they are free.
    pub fn listen(&mut self, ctx: &Context, status: &Status, commands: &mut Vec<Command>) {
        if !free(ctx) {
            return;
        }
        if pressed(ctx, Key::Questionmark) || pressed(ctx, Key::F1) {
            self.open = !self.open;
        }
        if self.open && pressed(ctx, Key::Escape) {
            self.open = false;
        }
        for (key, ..) in RUN {
            // A key that has nothing to do is left to whoever has.
            if status.live() && pressed(ctx, key) {
                let (waiting, command) = match key {
                    Key::Space if status.paused => (Asked::Resume, Command::Resume),
                    Key::Space => (Asked::Pause, Command::Pause),
                    Key::G => (Asked::Sample, Command::SampleNow),
                    _ => (Asked::Save, Command::SaveNow),
                };
                if status.asked != Some(waiting) {
                    commands.push(command);
                }
            }
        }
    }

    pub fn toggle(&mut self) {
        self.open = !self.open;
    }

    /// Shows the sheet, if it is open; to be called at the end of every frame.
    pub fn show(&mut self, ctx: &Context) {
        // What the window is too low for is scrolled to.
        let room = (ctx.content_rect().height() - SHEET_EDGE).max(LINE);
        let sheet = Window::new("Keys").open(&mut self.open).resizable(false).collapsible(false);
        sheet.show(ctx, |ui| {
            ui.set_max_height(room);
            ui.spacing_mut().interact_size.y = LINE;
            ui.spacing_mut().scroll.floating_allocated_width = ui.spacing().scroll.bar_width;
            ScrollArea::vertical().max_height(room).show(ui, |ui| {
                Grid::new("keys").num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
                    let run = RUN.iter().map(|(_, key, what)| (*key, *what));
                    for (key, what) in run.chain(ELSEWHERE) {
                        ui.label(RichText::new(key).monospace().strong());
                        ui.label(what);
                        ui.end_row();
                    }
                });
            });
        });
        let taken = has_taker(ctx);
        ctx.data_mut(|data| data.insert_temp(Id::unique(TAKEN), taken));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_key_has_one_row() {
        let keys = RUN.iter().map(|(_, key, _)| *key).chain(ELSEWHERE.iter().map(|(key, _)| *key));
        let mut seen = HashSet::new();
        for key in keys {
            assert!(seen.insert(key), "{key} has two rows");
        }
    }
}
