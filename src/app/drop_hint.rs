//! The hint over the whole window while files are held above it.

use eframe::egui::{Align2, Area, Id, Order, RichText, Stroke, StrokeKind, Ui, vec2};

use super::{card, theme};

/// Says what the window takes files for, while some are held over it: `takes` gives a heading and a line for so
/// many.
pub fn show(ui: &Ui, takes: impl Fn(usize) -> (&'static str, String)) {
    let ctx = ui.ctx();
    let held = ctx.input(|input| input.raw.hovered_files.len());
    if held == 0 {
        return;
    }
    let palette = theme::palette(ui);
    let screen = ctx.content_rect();
    Area::new(Id::unique("drop hint"))
        .order(Order::Foreground)
        .interactable(false)
        .fixed_pos(screen.min)
        .show(ctx, |ui| {
            ui.painter().rect_filled(screen, 0.0, palette.backdrop.gamma_multiply(0.82));
            let ring = Stroke::new(2.0, palette.accent);
            // Between the window's edge and the panes: nothing is cut.
            let inset = screen.shrink(5.0);
            ui.painter().rect_stroke(inset, theme::CARD_RADIUS, ring, StrokeKind::Inside);
            let middle = Align2::CENTER_CENTER.align_size_within_rect(vec2(420.0, 90.0), screen);
            ui.put(middle, |ui: &mut Ui| {
                card::frame(ui)
                    .show(ui, |ui| {
                        ui.vertical_centered(|ui| {
                            let (heading, line) = takes(held);
                            ui.label(RichText::new(heading).size(22.0).strong());
                            ui.weak(line);
                        });
                    })
                    .response
            });
        });
}
