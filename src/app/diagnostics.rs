//! The diagnostics pane: why the student moves. Its images under noise, what teacher and fake score take them
//! for, and at which noise levels the two disagree.

use std::sync::Arc;

use eframe::egui::{Align, DragValue, Grid, Image, Layout, RichText, ScrollArea, Ui, Vec2, vec2};
use egui_plot::{Bar, BarChart, GridMark, Plot};

use super::texture::Sheet;
use super::{card, theme, words};
use crate::run::message::{Averaging, Command, Diagnosed, Message, PANELS, Stage};

/// Least and greatest side of a picture, points: in a low pane more rows are seen.
const PICTURE_SIDES: [f32; 2] = [36.0, 56.0];
/// Height of the pictures' headings and between two rows, points.
const HEADING_HEIGHT: f32 = 22.0;
const ROW_GAP: f32 = 4.0;
/// Width of the pictures with their levels, and the least of the histogram, points.
const PANELS_WIDTH: f32 = 310.0;
const HISTOGRAM_WIDTH: f32 = 240.0;
/// Numbers that a bar can show, and the length of the shortest bar, decades.
const LEAST: f64 = 1e-9;
const MOST: f64 = 1e9;
const SHORTEST_BAR: f64 = 0.1;
/// Height of the histogram below the pictures, and the least beside them, points.
const HISTOGRAM_HEIGHT: f32 = 150.0;
const LEAST_HISTOGRAM: f32 = 60.0;

#[derive(Default)]
pub struct Diagnostics {
    found: Option<Arc<Diagnosed>>,
    /// Which of the images is shown.
    image: usize,
    /// New samples have come since the judges were last asked.
    stale: bool,
    /// Whether a student trains: before that there is nothing to judge.
    has_student: bool,
    sheet: Sheet,
}

impl Diagnostics {
    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Diagnosis(found) => {
                self.found = Some(found.clone());
                self.stale = false;
            }
            Message::StageStarted { stage, .. } => self.has_student = *stage != Stage::Teacher,
            Message::Samples { averaging: Averaging::Ema, .. } => self.stale = true,
            _ => {}
        }
    }

    /// Shows the pane. The trainer is asked anew whenever there are new samples, and only while somebody looks.
    pub fn show(&mut self, ui: &mut Ui, live: bool, commands: &mut Vec<Command>) {
        let can_ask = live && self.has_student;
        let mut ask = can_ask && self.stale;
        let tools = |ui: &mut Ui, pane: &mut Self| {
            let button = eframe::egui::Button::new("Diagnose now");
            let button = ui.add_enabled(can_ask, button).on_hover_text("Ask the judges after this step");
            ask |= button.on_disabled_hover_text(why_not(live)).clicked();
            if let Some(found) = pane.found.clone() {
                pane.seed(ui, &found);
                ui.weak(format!("{} at {} kimg", found.at.stage.name(), words::kimg(found.at.kimg)));
            }
        };
        card::show(ui, "Diagnostics", self, tools, |ui, pane| match pane.found.clone() {
            None => {
                let rect = ui.available_rect_before_wrap();
                card::empty(
                    ui,
                    rect,
                    "No student yet",
                    "What teacher and fake score make of its images is shown when one trains.",
                );
            }
            Some(found) => {
                let scroll = ScrollArea::vertical().auto_shrink(false).min_scrolled_height(0.0);
                if ui.available_width() < PANELS_WIDTH + HISTOGRAM_WIDTH {
                    scroll.show(ui, |ui| {
                        pane.panels(ui, &found, PICTURE_SIDES[1]);
                        ui.add_space(6.0);
                        histogram(ui, &found, HISTOGRAM_HEIGHT);
                    });
                    return;
                }
                // Side by side where there is room: the pane is usually wide and low.
                let height = ui.available_height();
                let row = (height - HEADING_HEIGHT) / found.sigmas.len().max(1) as f32 - ROW_GAP;
                let side = row.clamp(PICTURE_SIDES[0], PICTURE_SIDES[1]).floor();
                ui.horizontal_top(|ui| {
                    ui.allocate_ui_with_layout(
                        vec2(PANELS_WIDTH, height),
                        Layout::top_down(Align::Min),
                        |ui| {
                            scroll.show(ui, |ui| pane.panels(ui, &found, side));
                        },
                    );
                    ui.vertical(|ui| histogram(ui, &found, height));
                });
            }
        });
        if ask {
            self.stale = false;
            commands.push(Command::Diagnose);
        }
    }

    /// Which of the student's images is looked at.
    fn seed(&mut self, ui: &mut Ui, found: &Diagnosed) {
        let images = found.pictures.len() / (PANELS.len() * found.sigmas.len()).max(1);
        let last = images.saturating_sub(1);
        self.image = self.image.min(last);
        let number = DragValue::new(&mut self.image).range(0..=last).speed(0.1).prefix("seed ");
        let number = ui.add_enabled(last > 0, number);
        number.on_hover_text("Which of the student's images, by its seed").accessible_name("seed");
    }

    /// A row for each noise level, of pictures of this side.
    fn panels(&mut self, ui: &mut Ui, found: &Diagnosed, side: f32) {
        let levels = found.sigmas.len();
        let first = self.image * levels * PANELS.len();
        let textures = self.sheet.show(ui.ctx(), "diagnosis", &found.pictures, found.pictures.len());
        ui.spacing_mut().interact_size.y = 0.0;
        Grid::new("judges").spacing([6.0, ROW_GAP]).show(ui, |ui| {
            ui.label("");
            for panel in PANELS {
                ui.label(RichText::new(panel).small());
            }
            ui.end_row();
            for (level, sigma) in found.sigmas.iter().enumerate() {
                ui.label(RichText::new(format!("σ {sigma}")).small());
                let row = textures.iter().skip(first + level * PANELS.len());
                for (panel, texture) in PANELS.iter().zip(row) {
                    let picture = Image::new((texture.id, Vec2::splat(side)))
                        .alt_text(format!("{panel} at noise {sigma}"));
                    ui.add(picture);
                }
                ui.end_row();
            }
        });
    }
}

/// Why the judges cannot be asked.
fn why_not(live: bool) -> &'static str {
    if live { "There is no student to judge yet" } else { "No run trains in this window now" }
}

/// Disagreement and the fake score's loss over noise levels, which stand side by side as they come, within `height`.
fn histogram(ui: &mut Ui, found: &Diagnosed, height: f32) {
    let palette = theme::palette(ui);
    let whole = ui.cursor().top() + height;
    let names = ["(teacher − fake score)²", "fake score's loss"];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        for (name, colour) in names.into_iter().zip(palette.curves) {
            ui.label(RichText::new(name).color(colour))
                .on_hover_text("At each noise level, in powers of ten");
        }
    });
    let [low, high] = decades(found.disagreement.iter().chain(&found.fake_loss));
    let bars = |values: &[f64], shift: f64| -> Vec<Bar> {
        let bar = |(level, value): (usize, &f64)| {
            // Bars stand on the lower edge: the greater number has the longer one.
            Bar::new(level as f64 + shift, logarithm(*value) - low).base_offset(low).width(0.4)
        };
        values.iter().enumerate().map(bar).collect()
    };
    let (sigmas, levels) = (found.sigmas.clone(), found.sigmas.len());
    Plot::new("levels")
        .height((whole - ui.cursor().top()).max(LEAST_HISTOGRAM))
        .include_y(low)
        .include_y(high)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_boxed_zoom(false)
        .label_formatter(|_| None)
        .set_margin_fraction(vec2(0.05, 0.0))
        .x_grid_spacer(move |_| (0..levels).map(|level| line(level as f64, 1.0)).collect())
        .y_grid_spacer(move |_| {
            let step = ((high - low) / 3.0).ceil().max(1.0);
            let lines = ((high - low) / step).floor() as usize;
            (0..=lines).map(|i| line(low + i as f64 * step, step)).collect()
        })
        .x_axis_formatter(move |mark, _| {
            let level = mark.value.round();
            let near = (mark.value - level).abs() < 1e-6 && level >= 0.0;
            let sigma = near.then(|| sigmas.get(level as usize)).flatten();
            sigma.map_or(String::new(), |sigma| format!("σ {sigma}"))
        })
        .y_axis_formatter(|mark, _| words::short(10_f64.powf(mark.value)))
        .show(ui, |plot| {
            for (index, values) in [&found.disagreement, &found.fake_loss].into_iter().enumerate() {
                let (name, colour) = (names[index], palette.curves[index]);
                let bars = bars(values, if index == 0 { -0.2 } else { 0.2 });
                let told = move |bar: &Bar, _: &BarChart| {
                    let value = 10_f64.powf(bar.value + bar.base_offset.unwrap_or(0.0));
                    format!("{name}: {}", words::value(value))
                };
                plot.bar_chart(BarChart::new(name, bars).color(colour).element_formatter(Box::new(told)));
            }
        });
}

fn line(value: f64, step_size: f64) -> GridMark {
    GridMark { value, step_size }
}

/// To base 10; what has none stands at an end of what can be shown.
fn logarithm(value: f64) -> f64 {
    if value > LEAST { value.min(MOST).log10() } else { LEAST.log10() }
}

/// Whole powers of ten that hold all `values`; even the least of them has a bar.
fn decades<'a>(values: impl Iterator<Item = &'a f64>) -> [f64; 2] {
    let logarithms = values.map(|value| logarithm(*value));
    let ends = logarithms.map(|value| [value, value]).reduce(|[a, b], [c, d]| [a.min(c), b.max(d)]);
    let [least, greatest] = ends.unwrap_or([0.0, 0.0]);
    let low = (least - SHORTEST_BAR).floor();
    [low, (greatest + SHORTEST_BAR).ceil().max(low + 1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_bar_between_whole_decades() {
        for (values, want) in [
            (&[1e-3, 0.1, 0.3][..], [-4.0, 0.0]),
            (&[0.05], [-2.0, -1.0]),
            (&[0.0, f64::NAN, f64::INFINITY], [-10.0, 10.0]),
            (&[], [-1.0, 1.0]),
        ] {
            let ends = decades(values.iter());
            assert_eq!(ends, want, "{values:?}");
            assert!(values.iter().all(|value| logarithm(*value) > ends[0] && logarithm(*value) < ends[1]));
        }
    }
}
