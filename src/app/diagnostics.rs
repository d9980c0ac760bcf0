//! The diagnostics pane: why the student moves. Its images under noise, what teacher and fake score take them
//! for, and at which noise levels the two disagree.

use std::sync::Arc;

use eframe::egui::{Grid, Image, RichText, ScrollArea, Slider, Ui, Vec2, vec2};
use egui_plot::{Bar, BarChart, Legend, Plot};

use super::texture::Sheet;
use super::{card, theme, words};
use crate::run::message::{Averaging, Command, Diagnosed, Message, PANELS, Stage};

/// Side of a picture, points.
const PICTURE_SIDE: f32 = 56.0;
/// Width of the pictures with their levels, and the least of the histogram, points.
const PANELS_WIDTH: f32 = 310.0;
const HISTOGRAM_WIDTH: f32 = 240.0;
/// Height of the histogram, points.
const HISTOGRAM_HEIGHT: f32 = 150.0;

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
            if let Some(found) = &pane.found {
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
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    // Side by side where there is room: the pane is usually wide and low.
                    if ui.available_width() < PANELS_WIDTH + HISTOGRAM_WIDTH {
                        pane.panels(ui, &found);
                        histogram(ui, &found);
                    } else {
                        ui.horizontal_top(|ui| {
                            ui.vertical(|ui| {
                                ui.set_width(PANELS_WIDTH);
                                pane.panels(ui, &found);
                            });
                            ui.vertical(|ui| histogram(ui, &found));
                        });
                    }
                });
            }
        });
        if ask {
            self.stale = false;
            commands.push(Command::Diagnose);
        }
    }

    /// A row for each noise level.
    fn panels(&mut self, ui: &mut Ui, found: &Diagnosed) {
        let levels = found.sigmas.len();
        let images = found.pictures.len() / (PANELS.len() * levels).max(1);
        let last = images.saturating_sub(1);
        self.image = self.image.min(last);
        let slider = Slider::new(&mut self.image, 0..=last).text("image");
        ui.add_enabled(last > 0, slider).on_hover_text("Which of the student's images, by its seed");
        let first = self.image * levels * PANELS.len();
        let textures = self.sheet.show(ui.ctx(), "diagnosis", &found.pictures, found.pictures.len());
        Grid::new("judges").spacing([6.0, 4.0]).show(ui, |ui| {
            ui.label("");
            for panel in PANELS {
                ui.label(RichText::new(panel).small());
            }
            ui.end_row();
            for (level, sigma) in found.sigmas.iter().enumerate() {
                ui.label(RichText::new(format!("σ {sigma}")).small());
                let row = textures.iter().skip(first + level * PANELS.len());
                for (panel, texture) in PANELS.iter().zip(row) {
                    let picture = Image::new((texture.id, Vec2::splat(PICTURE_SIDE)))
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

/// Disagreement and the fake score's loss over noise levels, which stand side by side as they come.
fn histogram(ui: &mut Ui, found: &Diagnosed) {
    ui.add_space(6.0);
    ui.label("Per noise level, logarithm to base 10");
    let palette = theme::palette(ui);
    let bars = |values: &[f64], shift: f64| -> Vec<Bar> {
        let bar = |(level, value): (usize, &f64)| Bar::new(level as f64 + shift, value.max(1e-9).log10());
        values.iter().enumerate().map(bar).map(|bar| bar.width(0.4)).collect()
    };
    let sigmas = found.sigmas.clone();
    Plot::new("levels")
        .height(HISTOGRAM_HEIGHT)
        .legend(Legend::default())
        .allow_scroll(false)
        .allow_drag(false)
        .allow_zoom(false)
        .set_margin_fraction(vec2(0.05, 0.1))
        .x_axis_formatter(move |mark, _| {
            let level = mark.value.round();
            let near = (mark.value - level).abs() < 1e-6 && level >= 0.0;
            let sigma = near.then(|| sigmas.get(level as usize)).flatten();
            sigma.map_or(String::new(), |sigma| format!("σ {sigma}"))
        })
        .show(ui, |plot| {
            let first = BarChart::new("(teacher − fake score)²", bars(&found.disagreement, -0.2));
            let second = BarChart::new("fake score's loss", bars(&found.fake_loss, 0.2));
            plot.bar_chart(first.color(palette.curves[0]));
            plot.bar_chart(second.color(palette.curves[1]));
        });
}
