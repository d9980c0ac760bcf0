//! The tools that draw a mask on its picture.

use eframe::egui::{
    Button, ComboBox, Context, CursorIcon, DragValue, Event, Key, PointerButton, Rect, Response, Role, Sense,
    Slider, Ui, WidgetInfo,
};

use super::bitmap::Mask;
use super::overlay::{self, Overlay};
use super::stroke::{self, Stroke};
pub use super::tool::Tool;
use super::view::View;
use crate::app::theme;

/// Radius of the brush, pixels of the picture.
const RADII: std::ops::RangeInclusive<f32> = 0.5..=256.0;

/// The radius at first, pixels: small pictures are what most models know.
const FIRST_RADIUS: f32 = 4.0;

/// Radius that suits a picture, as a share of its shorter side, and at least, pixels.
const SUITABLE: f32 = 1.0 / 16.0;
const LEAST_SUITABLE: f32 = 1.0;

/// How much one key press changes the radius.
const RADIUS_STEP: f32 = 1.25;

/// A button that changes the whole mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Invert,
    Clear,
}

/// The chosen tool, its size, and what is being drawn.
pub struct Tools {
    pub tool: Tool,
    /// Pixels of the picture.
    pub radius: f32,
    /// Whether the radius was set by hand; until then it follows the picture's size.
    is_chosen: bool,
    /// Whether the pointer does something else: no stroke begins.
    pub rests: bool,
    stroke: Option<Stroke>,
    overlay: Overlay,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            tool: Tool::default(),
            radius: FIRST_RADIUS,
            is_chosen: false,
            rests: false,
            stroke: None,
            overlay: Overlay::default(),
        }
    }
}

impl Tools {
    /// The tools and their size, in a row; shorter where it is `narrow`.
    pub fn row(&mut self, ui: &mut Ui, narrow: bool) {
        let hover = "How wide the brush is, in pixels of the picture; the keys [ and ]";
        let [least, most] = [*RADII.start(), *RADII.end()].map(|radius| f64::from(2.0 * radius));
        let mut width = f64::from(2.0 * self.radius);
        if narrow {
            let combo = ComboBox::from_id_salt("mask tool").selected_text(self.tool.label()).width(70.0);
            let combo = combo.show_ui(ui, |ui| self.choose(ui)).response;
            combo.ctx.accesskit_node_builder(combo.id, |node| node.set_label("Tool"));
            combo.on_hover_text(self.tool.hint());
            let speed = 0.02 * width;
            let label = ui.label("Size").on_hover_text(hover).id;
            let size =
                DragValue::new(&mut width).range(least..=most).speed(speed).max_decimals(0).suffix(" px");
            self.is_chosen |= ui.add_enabled(self.tool.is_round(), size).labelled_by(label).changed();
        } else {
            self.choose(ui);
            let label = ui.label("Brush size").on_hover_text(hover).id;
            let slider =
                Slider::new(&mut width, least..=most).logarithmic(true).max_decimals(0).suffix(" px");
            self.is_chosen |= ui.add_enabled(self.tool.is_round(), slider).labelled_by(label).changed();
        }
        self.radius = width as f32 / 2.0;
    }

    /// The buttons that change the whole mask; returns which was pressed.
    pub fn whole(ui: &mut Ui, has_mask: bool) -> Option<Act> {
        let mut act = None;
        let invert = ui.button("Invert mask").on_hover_text("Fill in the rest instead");
        if invert.clicked() {
            act = Some(Act::Invert);
        }
        let clear = ui.add_enabled(has_mask, Button::new("Clear mask"));
        if clear.on_hover_text("Nothing is to be filled in").clicked() {
            act = Some(Act::Clear);
        }
        act
    }

    /// Makes the brush fit a picture of `size` pixels, unless somebody has chosen its width.
    pub fn suit(&mut self, size: [u32; 2]) {
        if !self.is_chosen {
            let short = size[0].min(size[1]) as f32;
            self.radius = (short * SUITABLE).round().clamp(LEAST_SUITABLE, *RADII.end());
        }
    }

    fn choose(&mut self, ui: &mut Ui) {
        for tool in Tool::ALL {
            ui.selectable_value(&mut self.tool, tool, tool.label()).on_hover_text(tool.hint());
        }
    }

    /// Hears `[` and `]`, which make the brush smaller and larger, unless somebody types.
    pub fn listen(&mut self, ctx: &Context) {
        if ctx.text_edit_focused() {
            return;
        }
        // Whatever else is held: some keyboards have brackets only with AltGr.
        let steps = ctx.input(|input| {
            let presses = |key: Key| input.num_presses(key) as i32;
            presses(Key::CloseBracket) - presses(Key::OpenBracket)
        });
        if steps != 0 {
            self.is_chosen = true;
            // The width is a whole number of pixels, and another one.
            let before = 2.0 * self.radius;
            let width = (before * RADIUS_STEP.powi(steps)).round();
            let width = if steps > 0 { width.max(before + 1.0) } else { width.min(before - 1.0) };
            self.radius = (width / 2.0).clamp(*RADII.start(), *RADII.end());
        }
    }

    /// Lets the user draw on the picture shown in `rect`, and shows the mask on it; returns true when a stroke
    /// has just been finished and has changed the mask. The mask changes while a stroke goes on: another one
    /// given meanwhile ends the stroke.
    pub fn draw(&mut self, ui: &mut Ui, rect: Rect, mask: &mut Mask) -> bool {
        let response = ui.interact(rect, ui.scope_id().with("mask canvas"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), "mask canvas"));
        let view = View { rect, size: mask.size() };
        let changed = self.follow(ui, &response, view, mask);
        let palette = theme::palette(ui);
        self.overlay.show(ui, view, mask);
        let clears = match &self.stroke {
            Some(stroke) => stroke.clears(),
            None => self.tool == Tool::Eraser || ui.input(|input| input.modifiers.shift),
        };
        let colour = if clears { palette.warn } else { overlay::MARK };
        if let Some(stroke) = &self.stroke {
            stroke.show(ui.painter(), view, colour, mask);
        }
        if let Some(at) = response.interact_pointer_pos().or(response.hover_pos()) {
            if !self.rests {
                ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
            }
            if self.tool.is_round() && !self.rests {
                let radius = self.radius * view.zoom().x;
                for line in stroke::lines(colour) {
                    ui.painter().circle_stroke(at, radius, line);
                }
            }
        }
        changed
    }

    /// Takes the stroke along with the pointer; whether one has ended and changed the mask.
    fn follow(&mut self, ui: &Ui, response: &Response, view: View, mask: &mut Mask) -> bool {
        self.stroke.take_if(|stroke| !stroke.is_on(mask));
        // Within a slow frame a stroke may be all over.
        let at_once = ui.input(|input| input.pointer.primary_pressed() && input.pointer.primary_released());
        let over = response.enabled() && response.contains_pointer();
        let pressed = response.is_pointer_button_down_on() || at_once && over;
        if self.stroke.is_none() && !pressed {
            return false;
        }
        let mut changed = false;
        // All places since the last frame: with the newest alone, a slow frame would make edges of curves.
        for event in ui.input(|input| input.events.clone()) {
            match event {
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, modifiers }
                    if pressed
                        && !self.rests
                        && self.stroke.is_none()
                        && response.interact_rect.contains(pos) =>
                {
                    let at = view.to_picture(pos);
                    self.stroke = Some(Stroke::begin(self.tool, modifiers.shift, at, self.radius, mask));
                }
                Event::PointerMoved(pos) => self.go_on(view.to_picture(pos), mask),
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: false, .. } => {
                    self.go_on(view.to_picture(pos), mask);
                    changed |= self.stroke.take().is_some_and(|stroke| stroke.end(mask));
                }
                Event::Key { key: Key::Escape, pressed: true, .. } => {
                    if let Some(stroke) = self.stroke.take() {
                        stroke.give_up(mask);
                    }
                }
                _ => {}
            }
        }
        // The window may never hear of the button's release.
        if !ui.input(|input| input.pointer.primary_down()) {
            changed |= self.stroke.take().is_some_and(|stroke| stroke.end(mask));
        }
        changed
    }

    fn go_on(&mut self, at: [f32; 2], mask: &mut Mask) {
        if let Some(stroke) = &mut self.stroke {
            stroke.go_on(at, self.radius, mask);
        }
    }
}

#[cfg(test)]
mod tests;
