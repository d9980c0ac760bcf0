//! What stands at the pointer: the nearest value of every curve with its conditions, and the markers there.

use eframe::egui::{Color32, CornerRadius, Grid, Response, RichText, Sense, Ui, vec2};
use egui_plot::PlotTransform;

use super::marker::Marker;
use super::panels::{Curve, Panel};
use super::settings::Settings;
use crate::app::{theme, words};

/// A marker answers to a pointer that is so near, points.
const MARKER_REACH: f32 = 6.0;

/// Curves and markers that a hover text has room for.
const MAX_ROWS: usize = 16;

/// Height of a line, points.
const ROW_HEIGHT: f32 = 15.0;

/// Width of the conditions' column, points.
const CONDITIONS_WIDTH: f32 = 260.0;

/// The markers of `panel`: of each visible run, those of the stages that have a curve here.
pub fn markers<'a>(panel: &'a Panel<'a>) -> impl Iterator<Item = (&'a Curve<'a>, &'a Marker)> {
    panel.curves.iter().enumerate().flat_map(|(index, curve)| {
        let of_stage = |other: &&Curve<'_>| {
            other.run_index == curve.run_index && other.series.stage == curve.series.stage
        };
        // Curves of one stage share its markers.
        let first = !panel.curves.iter().take(index).any(|other| of_stage(&other));
        let markers = curve.run.markers.iter().filter(move |m| first && m.stage == curve.series.stage);
        markers.map(move |marker| (curve, marker))
    })
}

pub fn show(response: Response, transform: &PlotTransform, panel: &Panel<'_>, settings: &Settings) {
    let Some(pointer) = response.hover_pos().filter(|_| !settings.quiet) else { return };
    let x = transform.value_from_position(pointer).x;
    response.on_hover_ui_at_pointer(|ui| {
        table(ui, panel, settings, x);
        let place = |curve: &Curve<'_>, marker: &Marker| {
            transform.position_from_point_x(curve.start + settings.axis.of(&marker.at))
        };
        let here = markers(panel).filter(|(curve, m)| (place(curve, m) - pointer.x).abs() <= MARKER_REACH);
        for (curve, marker) in here.filter(|_| settings.markers).take(MAX_ROWS) {
            let palette = theme::palette(ui);
            let run = if panel.curves.iter().any(|other| other.run_index != curve.run_index) {
                format!("{}: ", curve.run.name)
            } else {
                String::new()
            };
            let at = settings.axis.words_from(&marker.at, &marker.stage, curve.start);
            let text = format!("{run}{} at {at}", marker.words);
            ui.label(RichText::new(text).color(marker.event.colour(palette)));
        }
    });
}

/// A line for each curve: its colour, its run if there are several, its name, the place and the value of the
/// nearest point, and what that was measured under.
fn table(ui: &mut Ui, panel: &Panel<'_>, settings: &Settings, x: f64) {
    let several = panel.curves.windows(2).any(|pair| pair[0].run_index != pair[1].run_index);
    ui.spacing_mut().interact_size.y = ROW_HEIGHT;
    Grid::new("values").spacing(vec2(10.0, 2.0)).min_col_width(0.0).show(ui, |ui| {
        for curve in panel.curves.iter().take(MAX_ROWS) {
            let Some((moment, y)) = curve.series.nearest(settings.axis, x - curve.start) else { continue };
            swatch(ui, curve.colour);
            if several {
                ui.weak(&curve.run.name);
            }
            ui.label(curve.series.label());
            ui.strong(words::value(y));
            ui.weak(settings.axis.words_from(&moment, &curve.series.stage, curve.start));
            if !curve.series.measure.conditions.is_empty() {
                ui.scope(|ui| {
                    ui.set_max_width(CONDITIONS_WIDTH);
                    ui.small(&curve.series.measure.conditions);
                });
            }
            ui.end_row();
        }
    });
    if let Some(more) = panel.curves.len().checked_sub(MAX_ROWS).filter(|more| *more > 0) {
        ui.weak(format!("and {more} more"));
    }
}

/// A small square of a curve's colour.
fn swatch(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(2), colour);
}
