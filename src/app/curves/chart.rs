//! Paints the curves of one axis.

use eframe::egui::{Color32, Id, Role, Ui, WidgetInfo, vec2};
use egui_plot::{Line, LineStyle, Plot, PlotPoints, PlotUi, Points, VLine};

use super::marker::Event;
use super::panels::{Curve, Panel};
use super::settings::{Go, Settings};
use super::sketch::{Frame, Stretch};
use super::{grid, hover, stages};
use crate::app::theme;

/// Up to so many points of a stretch are marked one by one: a line needs two, and few are better seen so.
const DOTTED_POINTS: usize = 40;

/// A chart from this height on, points, has room to name its horizontal axis's unit.
const HEIGHT_FOR_UNIT: f32 = 150.0;

/// Height of the horizontal axis's numbers and unit, points.
const AXIS_HEIGHT: f32 = 40.0;

/// Share of the shown heights that is free above and below the curves.
const MARGIN: f32 = 0.08;

/// Vertical lines keep this distance, points of the screen: nearer ones are one.
const LINE_GAP: f64 = 3.0;

/// Shows `panel`; all panels together span `extent`. Returns the part of the horizontal axis that is shown,
/// or none where that is all there is.
pub fn show(ui: &mut Ui, panel: &Panel<'_>, settings: &Settings, extent: [f64; 2]) -> Option<[f64; 2]> {
    let palette = theme::palette(ui);
    let (log, axis) = (settings.log, settings.axis);
    let columns = (ui.available_width() * ui.ctx().pixels_per_point()).ceil().max(1.0) as usize;
    let points = f64::from(ui.available_width().max(1.0));
    let linked = Id::unique(("curves", axis));
    let mut plot = Plot::new(("curves of", &panel.axis, panel.first(), axis, log))
        .link_axis(linked, [true, false])
        .link_cursor(linked, [true, false])
        .include_x(extent[0])
        .include_x(extent[1])
        .grid_color(palette.faint.gamma_multiply(0.45))
        .x_grid_spacer(grid::across)
        .x_axis_formatter(grid::x_name)
        .custom_y_axes(vec![grid::y_axis(log)])
        .set_margin_fraction(vec2(0.02, MARGIN))
        .label_formatter(|_| None)
        .allow_scroll(false);
    if ui.available_height() > HEIGHT_FOR_UNIT {
        plot = plot.x_axis_label(axis.name());
    }
    plot = if log { plot.y_grid_spacer(grid::decades) } else { plot.y_grid_spacer(grid::up) };
    let x = settings.zoomed.unwrap_or(extent);
    if let Some([low, high]) = panel.heights(axis, x, log) {
        if let Some(room) = grid::room_around(low, high, log) {
            plot = plot.include_y(room[0]).include_y(room[1]);
        } else if settings.markers && stages::has_name(panel, axis, x) {
            // No curve runs through the stages' names.
            let points = ui.available_height() - AXIS_HEIGHT;
            plot = plot.include_y(high + grid::headroom(low, high, points, stages::HEIGHT, MARGIN));
        }
    }
    if settings.go == Some(Go::Whole) {
        plot = plot.reset();
    }
    let response = plot.show(ui, |plot| {
        if let Some(Go::To([from, to])) = settings.go {
            plot.set_plot_bounds_x(from..=to);
        }
        let whole = plot.auto_bounds().x;
        let bounds = plot.plot_bounds();
        let x = if whole { extent } else { [bounds.min()[0], bounds.max()[0]] };
        let frame = Frame { axis, x, columns, log };
        let apart = (x[1] - x[0]) / points * LINE_GAP;
        let width = (extent[1] - extent[0]) * settings.average_percent / 100.0;
        let look = Look { frame, width, smooth: settings.smooth, apart };
        for (index, curve) in panel.curves.iter().enumerate() {
            draw(plot, curve, index, &look, palette.error.gamma_multiply(0.35));
        }
        if settings.markers {
            draw_markers(plot, panel, &frame, apart, palette);
        }
        (whole, bounds)
    });
    let label = format!("curves of {}", panel.axis);
    response.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    if settings.markers {
        stages::show(ui, panel, axis, &response.transform);
    }
    let (whole, before) = response.inner;
    let shown = response.transform.bounds().range_x();
    let sketched = if whole {
        *shown.start() <= extent[0] && extent[1] <= *shown.end()
    } else {
        shown == before.range_x()
    };
    if !sketched {
        // The curves were sketched for the part that was shown before.
        ui.ctx().request_repaint();
    }
    hover::show(response.response, &response.transform, panel, settings);
    (!whole).then_some([*shown.start(), *shown.end()])
}

/// How a curve is drawn.
struct Look {
    frame: Frame,
    /// Of the average, in the horizontal axis's unit.
    width: f64,
    smooth: bool,
    /// Least distance of two vertical lines, in the horizontal axis's unit.
    apart: f64,
}

fn draw<'a>(plot: &mut PlotUi<'a>, curve: &Curve<'_>, index: usize, look: &Look, gap_colour: Color32) {
    let Look { frame, width: average_width, smooth, apart } = *look;
    let (frame, start) = (frame.behind(curve.start), curve.start);
    let sketch = frame.sketch(curve.series);
    let smoothed = smooth && curve.series.measure.is_of_steps();
    let (colour, width) =
        if smoothed { (curve.colour.gamma_multiply(0.35), 1.0) } else { (curve.colour, 1.5) };
    let placed = |stretch: Stretch| -> Stretch { stretch.into_iter().map(|[x, y]| [x + start, y]).collect() };
    let line = |stretch: Stretch, what: &str, part: usize| {
        Line::new("", PlotPoints::from(stretch)).id((index, what, part)).allow_hover(false)
    };
    for x in spread(sketch.gaps.into_iter().map(|x| x + start), apart) {
        plot.vline(VLine::new("", x).id((index, "gap", x.to_bits())).color(gap_colour).allow_hover(false));
    }
    for (part, stretch) in sketch.stretches.into_iter().map(placed).enumerate() {
        if stretch.len() <= DOTTED_POINTS {
            let dots = Points::new("", PlotPoints::from(stretch.clone())).id((index, "dots", part));
            plot.points(dots.radius(2.5).color(colour).allow_hover(false));
        }
        plot.line(line(stretch, "values", part).color(colour).width(width));
    }
    if smoothed {
        let average = frame.average(curve.series, average_width);
        for (part, stretch) in average.into_iter().map(placed).enumerate() {
            plot.line(line(stretch, "average", part).color(curve.colour).width(2.0));
        }
    }
}

/// The markers of the stages that have a curve here, as far as they are in the picture.
fn draw_markers(
    plot: &mut PlotUi<'_>,
    panel: &Panel<'_>,
    frame: &Frame,
    apart: f64,
    palette: &theme::Palette,
) {
    for event in Event::ALL {
        let places = hover::markers(panel).filter(|(_, marker)| marker.event == event);
        let places = places.map(|(curve, marker)| curve.start + frame.axis.of(&marker.at));
        let mut places: Vec<f64> = places.filter(|x| *x >= frame.x[0] && *x <= frame.x[1]).collect();
        // Each stage's markers rise; those of several runs have to be put in order.
        places.sort_by(f64::total_cmp);
        for x in spread(places.into_iter(), apart) {
            let line = VLine::new("", x).id(("marker", event as u8, x.to_bits())).allow_hover(false);
            plot.vline(
                line.color(event.colour(palette).gamma_multiply(0.7)).style(LineStyle::dashed_dense()),
            );
        }
    }
}

/// Those of the rising `places` that keep the distance `apart`.
fn spread(places: impl Iterator<Item = f64>, apart: f64) -> Vec<f64> {
    let mut kept: Vec<f64> = Vec::new();
    for place in places {
        if kept.last().is_none_or(|last| place - last >= apart) {
            kept.push(place);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_lines_are_one() {
        assert_eq!(spread([0.0, 0.5, 1.0, 1.2, 2.1].into_iter(), 1.0), [0.0, 1.0, 2.1]);
    }
}
