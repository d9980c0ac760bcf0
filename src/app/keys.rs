//! Keys that work everywhere in the window, and the sheet that lists all there are.

use eframe::egui::{Context, Grid, Key, KeyboardShortcut, Modifiers, RichText, Window};

use super::status::{Asked, Status};
use crate::run::message::Command;

/// What a key does to the run.
const RUN: [(Key, &str, &str); 3] = [
    (Key::Space, "Space", "pause or resume"),
    (Key::G, "G", "draw the sample grid now"),
    (Key::F5, "F5", "write a checkpoint now"),
];

/// Keys that panes listen to themselves.
const ELSEWHERE: [(&str, &str); 8] = [
    ("drag", "curves: move · title of a pane: put it elsewhere"),
    ("Ctrl scroll", "curves, samples: zoom"),
    ("double click", "curves: show everything · a sample: to the editor"),
    ("left right Esc", "a sample at full size: its neighbours · back to the grid"),
    ("Ctrl Z", "editor: undo · with Shift: redo"),
    ("[ ]", "editor: smaller and larger brush"),
    ("C", "editor: hold to see the picture before"),
    ("Ctrl + −", "larger and smaller text"),
];

/// The sheet of keys.
#[derive(Default)]
pub struct Keys {
    open: bool,
}

impl Keys {
    /// Hears the keys of this frame, unless somebody is typing.
    pub fn listen(&mut self, ctx: &Context, status: &Status, commands: &mut Vec<Command>) {
        // What has the focus hears keys first: space presses a button that was reached by Tab.
        if ctx.memory(|memory| memory.focused().is_some()) {
            return;
        }
        let pressed = |key: Key| {
            ctx.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(Modifiers::NONE, key)))
        };
        if ctx.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::Questionmark))
            || pressed(Key::Questionmark)
        {
            self.open = !self.open;
        }
        if self.open && pressed(Key::Escape) {
            self.open = false;
        }
        for (key, ..) in RUN {
            // A key that has nothing to do is left to whoever has.
            if status.live() && pressed(key) {
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

    pub fn show(&mut self, ctx: &Context) {
        let sheet = Window::new("Keys").open(&mut self.open).resizable(false).collapsible(false);
        sheet.show(ctx, |ui| {
            Grid::new("keys").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
                let run = RUN.iter().map(|(_, key, what)| (*key, *what));
                for (key, what) in run.chain(ELSEWHERE).chain([("?", "this sheet")]) {
                    ui.label(RichText::new(key).monospace().strong());
                    ui.label(what);
                    ui.end_row();
                }
            });
        });
    }
}
