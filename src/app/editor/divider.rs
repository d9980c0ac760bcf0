//! Before and after in one place: what is left of a divider is before, what is right of it after.

use eframe::egui::accesskit::Action;
use eframe::egui::{
    Color32, CursorIcon, EventFilter, Key, Modifiers, Pos2, Rect, Sense, Stroke, TextureHandle, Ui,
    WidgetInfo, pos2,
};

use crate::app::theme;

/// What an arrow key moves the divider by, as a share of the width.
const STEP: f32 = 0.05;

/// Radius of the handle, points.
const HANDLE: f32 = 7.0;

/// Shows both at `rect`; `share` of the width, from the left, is before. `heeds` says whether a drag moves the
/// divider.
pub fn show(
    ui: &mut Ui,
    rect: Rect,
    before: &TextureHandle,
    after: &TextureHandle,
    share: &mut f32,
    heeds: bool,
) {
    let response = ui.interact(rect, ui.scope_id().with("divider"), Sense::click_and_drag());
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| heeds) {
        *share = (pointer.x - rect.left()) / rect.width().max(1.0);
    }
    if response.has_focus() {
        let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let [left, right] = [Key::ArrowLeft, Key::ArrowRight]
            .map(|key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key)) as f32);
        *share += (right - left) * STEP;
    }
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as f32;
    *share += (asked(Action::Increment) - asked(Action::Decrement)) * STEP;
    *share = share.clamp(0.0, 1.0);
    response.widget_info(|| WidgetInfo::slider(true, f64::from(*share), "divider between before and after"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    let at = rect.left() + *share * rect.width();
    paint(ui, rect.with_max_x(at), rect, before);
    paint(ui, rect.with_min_x(at), rect, after);
    line(ui, rect, at, response.has_focus() || response.hovered());
    response.on_hover_cursor(CursorIcon::ResizeHorizontal);
}

/// The part of a picture over `rect` that lies in `part`.
fn paint(ui: &Ui, part: Rect, rect: Rect, texture: &TextureHandle) {
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    ui.painter().with_clip_rect(part.intersect(ui.clip_rect())).image(
        texture.id(),
        rect,
        whole,
        Color32::WHITE,
    );
}

fn line(ui: &Ui, rect: Rect, at: f32, lively: bool) {
    let palette = theme::palette(ui);
    let colour = if lively { palette.accent } else { palette.text };
    // Seen on any picture: a line of the theme's ground under one of its ink.
    ui.painter().vline(at, rect.y_range(), Stroke::new(4.0, palette.well.gamma_multiply(0.6)));
    ui.painter().vline(at, rect.y_range(), Stroke::new(1.5, colour));
    let middle = pos2(at, rect.intersect(ui.clip_rect()).center().y);
    ui.painter().circle(middle, HANDLE, palette.card, Stroke::new(1.5, colour));
}
