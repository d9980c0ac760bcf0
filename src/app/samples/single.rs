//! One picture of every column at full size, and what can be done with it.

use eframe::egui::{
    Align2, Button, Context, FontFamily, Key, Label, Modifiers, Rect, RichText, Role, Stroke, StrokeKind, Ui,
    WidgetInfo,
};

use super::column::{Column, Kind};
use super::foot::{Said, outcome};
use super::origin::Again;
use super::plan::Plan;
use super::view::{Sheets, heading, pixels, textures};
use crate::app::{keys, theme, tiles};

/// Which picture is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    pub kind: Kind,
    pub index: usize,
}

/// What the user wants of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    Back,
    Previous,
    Next,
    Project,
    Save,
    Copy,
    CopyCommand(String),
}

/// Shows the picture, and those of the same seed beside it. Clicking another one chooses it.
pub fn show(ui: &mut Ui, area: Rect, columns: &[Column], sheets: &mut Sheets, open: &mut Open) {
    let shown: Vec<&Column> = columns
        .iter()
        .filter(|column| column.len() > open.index)
        .filter(|column| column.kind == open.kind || (column.kind.is_seeded() && open.kind.is_seeded()))
        .collect();
    let pixels_per_point = ui.ctx().pixels_per_point();
    let pixels = pixels(columns);
    let mut plan = Plan::fitting(shown.len(), 1, area.size(), pixels, pixels_per_point);
    let natural = pixels as f32 / pixels_per_point;
    if plan.side >= natural {
        plan.side = (plan.side / natural).floor() * natural;
    }
    let corner = Align2::CENTER_CENTER.align_size_within_rect(plan.size(), area).min.to_vec2();
    for (block, column) in shown.iter().enumerate() {
        let Some(&texture) = textures(ui, sheets, column).get(open.index) else { continue };
        if shown.len() > 1 {
            heading(ui, plan.heading(block).translate(corner), &column.title);
        }
        let rect = plan.tile(block, 0).translate(corner);
        let label = format!("{} {} at full size", column.kind.noun(), open.index + 1);
        let response = tiles::tile(ui, rect, texture, &label);
        if column.kind == open.kind && shown.len() > 1 {
            let stroke = Stroke::new(2.0, theme::palette(ui).accent);
            ui.painter().rect_stroke(rect, theme::TILE_RADIUS, stroke, StrokeKind::Outside);
        }
        if response.clicked() {
            open.kind = column.kind;
        }
    }
}

/// The way back and to the neighbours, from right to left.
pub fn tools(ui: &mut Ui, open: Open, count: usize) -> Option<Wish> {
    let buttons = [
        ("Back to the grid", "Back to the grid", "Esc", true, Wish::Back),
        ("›", "next picture", "The next picture (right arrow)", open.index + 1 < count, Wish::Next),
        ("‹", "previous picture", "The one before (left arrow)", open.index > 0, Wish::Previous),
    ];
    pressed(ui, buttons)
}

/// What is known of the picture, what can be done with it, and the command that makes it: three lines. `can_use`
/// says whether it is the one that `words` are about, `can_save` whether there is a folder for it too.
pub fn foot(
    ui: &mut Ui,
    words: &str,
    again: &Again,
    can_use: bool,
    can_save: bool,
    said: &Said,
) -> Option<Wish> {
    ui.add(Label::new(RichText::new(words).strong()).truncate());
    let mut wish = None;
    ui.horizontal(|ui| {
        let hover = "Project it there; a double click on the picture does the same";
        let file = "As it is, into the folder saved beside the run";
        let buttons = [
            ("To the editor", "To the editor", hover, can_use, Wish::Project),
            ("Save PNG", "save the picture as PNG", file, can_save, Wish::Save),
            ("Copy", "copy the picture", "Onto the clipboard", can_use, Wish::Copy),
        ];
        wish = pressed(ui, buttons);
        outcome(ui, said);
    });
    ui.horizontal(|ui| match again {
        Ok(command) => {
            let copy = ui.button("Copy command");
            if copy.on_hover_text("Onto the clipboard").clicked() {
                wish = Some(Wish::CopyCommand(command.words.clone()));
            }
            let hover = if command.exact {
                "Makes this very picture again"
            } else {
                "Makes what the newest checkpoint makes of this seed"
            };
            let words = RichText::new(&command.words).small().family(FontFamily::Monospace);
            ui.add(Label::new(words).truncate()).on_hover_text(format!("{}\n{hover}", command.words));
        }
        Err(why) => {
            ui.add(Label::new(RichText::new(*why).small().weak()).truncate());
        }
    });
    wish
}

/// Buttons with what they are called for those who hear them, a hint, and whether they can be pressed; what the
/// pressed one is for.
fn pressed<const N: usize>(ui: &mut Ui, buttons: [(&str, &str, &str, bool, Wish); N]) -> Option<Wish> {
    let mut pressed = None;
    for (text, label, hover, enabled, wish) in buttons {
        let response = ui.add_enabled(enabled, Button::new(text));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
        if response.on_hover_text(hover).clicked() {
            pressed = Some(wish);
        }
    }
    pressed
}

/// What the keyboard says, where it is free.
pub fn keys(ctx: &Context) -> Option<Wish> {
    if !keys::free(ctx) {
        return None;
    }
    let keys = [(Key::Escape, Wish::Back), (Key::ArrowLeft, Wish::Previous), (Key::ArrowRight, Wish::Next)];
    let pressed = |key: Key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    keys.into_iter().find(|(key, _)| pressed(*key)).map(|(_, wish)| wish)
}
