//! The names of the stages, each where its line begins.

use eframe::egui::{Align2, CornerRadius, Rect, TextStyle, Ui, pos2, vec2};
use egui_plot::PlotTransform;

use super::hover;
use super::marker::Event;
use super::moment::XAxis;
use super::panels::Panel;
use crate::app::theme;

/// Between a line and its name, and between two names, points.
const GAP: f32 = 4.0;

/// Around a name, points: what is written over curves has a ground of its own.
const PADDING: f32 = 2.0;

/// Room that the names take at the top of a chart, points.
pub const HEIGHT: f32 = 26.0;

/// Whether a stage begins within `x`, so that there is a name to write.
pub fn has_name(panel: &Panel<'_>, axis: XAxis, x: [f64; 2]) -> bool {
    let place = |(curve, marker): (&super::panels::Curve<'_>, &super::marker::Marker)| {
        (marker.event == Event::Stage).then(|| curve.start + axis.of(&marker.at))
    };
    hover::markers(panel).filter_map(place).any(|place| (x[0]..=x[1]).contains(&place))
}

/// Writes the names of the stages that begin in sight at the top of the chart. One that would lie over another, or
/// leave the chart, is left out: its line answers to the pointer.
pub fn show(ui: &Ui, panel: &Panel<'_>, axis: XAxis, transform: &PlotTransform) {
    let (frame, palette) = (*transform.frame(), theme::palette(ui));
    let places = hover::markers(panel).filter(|(_, marker)| marker.event == Event::Stage);
    let place = |(curve, marker): (&super::panels::Curve<'_>, &super::marker::Marker)| {
        let x = transform.position_from_point_x(curve.start + axis.of(&marker.at));
        (x, marker.stage.clone())
    };
    let mut places: Vec<(f32, String)> = places.map(place).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let font = TextStyle::Small.resolve(ui.style());
    let mut free = frame.left();
    for (x, stage) in places {
        let text = painter.layout_no_wrap(stage, font.clone(), palette.accent);
        let size = text.size() + 2.0 * vec2(PADDING, PADDING);
        let corner = pos2(x + GAP, frame.top() + GAP);
        let ground = Align2::LEFT_TOP.anchor_size(corner, size);
        if x < free || !fits(frame, ground) {
            continue;
        }
        painter.rect_filled(ground, CornerRadius::same(2), palette.card.gamma_multiply(0.8));
        painter.galley(ground.min + vec2(PADDING, PADDING), text, palette.accent);
        free = ground.right() + GAP;
    }
}

fn fits(frame: Rect, name: Rect) -> bool {
    frame.left() <= name.left() && name.right() <= frame.right() && name.bottom() <= frame.bottom()
}
