//! The frame around every pane, and what stands in one that has nothing to show yet.

use eframe::egui::{
    Align, Align2, CornerRadius, Frame, Layout, Margin, Rect, RichText, Stroke, StrokeKind, TextStyle, Ui,
    UiBuilder, Vec2, vec2,
};

use super::theme::{self, CARD_RADIUS};

/// From a card's edge to what it holds, points.
pub const MARGIN: Vec2 = vec2(14.0, 11.0);

/// A pane with a title on the left and `tools` on the right of its first line.
pub fn show<T>(
    ui: &mut Ui,
    title: &str,
    state: &mut T,
    tools: impl FnOnce(&mut Ui, &mut T),
    contents: impl FnOnce(&mut Ui, &mut T),
) {
    frame(ui).show(ui, |ui| {
        ui.take_available_space();
        ui.horizontal(|ui| {
            ui.label(RichText::new(title).heading().strong());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| tools(ui, state));
        });
        ui.add_space(4.0);
        let rect = ui.available_rect_before_wrap();
        // Contents that are too large are cut at the card's edge, not painted over its neighbours.
        let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
        inside.set_clip_rect(rect.expand(2.0).intersect(ui.clip_rect()));
        contents(&mut inside, state);
    });
}

/// A line of the given height, filled from the right. A layout that is left to itself would take all the
/// height there is.
pub fn line_from_right<R>(ui: &mut Ui, height: f32, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), contents).inner
}

/// The rounded ground of a pane.
pub fn frame(ui: &Ui) -> Frame {
    let palette = theme::palette(ui);
    Frame::new()
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.edge))
        .corner_radius(CornerRadius::same(CARD_RADIUS))
        .inner_margin(Margin::symmetric(MARGIN.x as i8, MARGIN.y as i8))
}

/// A rounded well that fills `rect`, with `title` and `detail` in its middle.
pub fn empty(ui: &mut Ui, rect: Rect, title: &str, detail: &str) {
    let palette = theme::palette(ui);
    ui.painter().rect(
        rect,
        CornerRadius::same(theme::TILE_RADIUS),
        palette.well,
        Stroke::NONE,
        StrokeKind::Inside,
    );
    let mut middle = ui.new_child(UiBuilder::new().max_rect(Align2::CENTER_CENTER.align_size_within_rect(
        vec2((rect.width() - 24.0).clamp(40.0, 380.0), rect.height().min(64.0)),
        rect,
    )));
    middle.vertical_centered(|ui| {
        ui.label(RichText::new(title).strong());
        ui.label(RichText::new(detail).text_style(TextStyle::Small).color(palette.faint));
    });
}
