//! Keys that the editor listens to.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
const REDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);

/// Shows the picture before while it is held.
const COMPARE: Key = Key::C;

/// Whether undo (true) or redo (false) was asked for, unless somebody is typing.
pub fn travel(ctx: &Context) -> Option<bool> {
    if ctx.text_edit_focused() {
        return None;
    }
    // The longer shortcut first: the shorter one is part of it.
    let pressed = |shortcut| ctx.input_mut(|input| input.consume_shortcut(shortcut));
    if pressed(&REDO) {
        return Some(false);
    }
    pressed(&UNDO).then_some(true)
}

/// Whether the key to compare is held down.
pub fn holds_compare(ctx: &Context) -> bool {
    !ctx.text_edit_focused() && ctx.input(|input| input.key_down(COMPARE) && input.modifiers.is_none())
}
