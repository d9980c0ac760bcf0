//! Keys that work everywhere in the window, and the sheet that lists all there are.

use eframe::egui::{Context, Event, Grid, Id, Key, Popup, RichText, Window};

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
const ELSEWHERE: [(&str, &str); 14] = [
    ("drag", "curves: move · title of a pane: put it elsewhere"),
    ("Ctrl scroll", "curves, samples: zoom"),
    ("double click", "curves: show everything · a sample: to the editor"),
    ("left right Esc", "a sample at full size: its neighbours · back to the grid"),
    ("Ctrl V", "editor: a picture, or paths of pictures"),
    ("Ctrl Z", "editor: undo · with Shift: redo"),
    ("[ ]", "editor: smaller and larger brush"),
    ("Shift, Esc", "editor: erase with a stroke · give it up"),
    ("left right", "editor: move the divider between before and after, once it is clicked"),
    ("C", "editor: hold to see the picture before"),
    ("scroll + − 0 1", "editor: zoom · the whole picture · its own size"),
    ("middle drag", "editor: move the picture; so does a drag with Space"),
    ("Tab, Enter", "from button to button · press one"),
    ("Ctrl + − 0", "larger and smaller text · as it was"),
];

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
        let sheet = Window::new("Keys").open(&mut self.open).resizable(false).collapsible(false);
        sheet.show(ctx, |ui| {
            Grid::new("keys").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
                let run = RUN.iter().map(|(_, key, what)| (*key, *what));
                for (key, what) in run.chain(ELSEWHERE).chain([("? F1", "this sheet")]) {
                    ui.label(RichText::new(key).monospace().strong());
                    ui.label(what);
                    ui.end_row();
                }
            });
        });
        let taken = has_taker(ctx);
        ctx.data_mut(|data| data.insert_temp(Id::unique(TAKEN), taken));
    }
}
