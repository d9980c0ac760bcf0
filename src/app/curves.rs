//! The curves pane: losses, and every metric on an axis of its own.

use eframe::egui::{Role, Ui, WidgetInfo};
use egui_plot::{ColorConflictHandling, Corner, HoverPosition, Legend, Line, Plot, PlotPoints, Points};

use super::series::{Series, smooth};
use super::{card, theme, words};
use crate::run::message::Message;

/// Points over which the bold line averages.
const SMOOTH_POINTS: f64 = 30.0;

/// Up to so many points of a curve are marked one by one.
const DOTTED_POINTS: usize = 40;

/// Name of the first chart.
const LOSSES: &str = "losses";

/// Curves that may share an axis.
struct Chart {
    name: String,
    /// What the numbers were measured under; numbers of other conditions get a chart of their own.
    conditions: String,
    series: Vec<Series>,
}

pub struct Curves {
    charts: Vec<Chart>,
    chosen: usize,
    log: bool,
    smooth: bool,
}

impl Curves {
    pub fn new() -> Self {
        let losses = Chart { name: LOSSES.to_owned(), conditions: String::new(), series: Vec::new() };
        Self { charts: vec![losses], chosen: 0, log: false, smooth: true }
    }

    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Step { at, losses, .. } => {
                for (name, value) in losses {
                    let name = format!("{}/{name}", at.stage.name());
                    self.charts[0].push(name, at.kimg, f64::from(*value));
                }
            }
            Message::Metric { at, name, value, conditions } => {
                let known = |chart: &Chart| chart.name == **name && chart.conditions == *conditions;
                let index = self.charts.iter().position(known).unwrap_or_else(|| {
                    let (name, conditions) = (name.to_string(), conditions.clone());
                    self.charts.push(Chart { name, conditions, series: Vec::new() });
                    self.charts.len() - 1
                });
                self.charts[index].push(format!("{}/{name}", at.stage.name()), at.kimg, *value);
            }
            _ => {}
        }
    }

    pub fn show(&mut self, ui: &mut Ui) {
        let tools = |ui: &mut Ui, curves: &mut Self| {
            ui.toggle_value(&mut curves.log, "Log scale").on_hover_text("Powers of ten on the vertical axis");
            ui.toggle_value(&mut curves.smooth, "Smooth").on_hover_text("A running average in bold");
        };
        card::show(ui, "Curves", self, tools, |ui, curves| curves.contents(ui));
    }

    fn contents(&mut self, ui: &mut Ui) {
        if self.charts.iter().all(|chart| chart.series.iter().all(Series::is_empty)) {
            let rect = ui.available_rect_before_wrap();
            card::empty(
                ui,
                rect,
                "The first losses appear in a few seconds",
                "one curve for each stage and term",
            );
            return;
        }
        if self.charts.len() > 1 {
            ui.horizontal_wrapped(|ui| {
                for (index, chart) in self.charts.iter().enumerate() {
                    let button = ui.selectable_value(&mut self.chosen, index, &chart.name);
                    if !chart.conditions.is_empty() {
                        button.on_hover_text(&chart.conditions);
                    }
                }
            });
        }
        let (log, smooth) = (self.log, self.smooth && self.chosen == 0);
        if let Some(chart) = self.charts.get(self.chosen) {
            if !chart.conditions.is_empty() {
                ui.small(&chart.conditions);
            }
            chart.show(ui, log, smooth);
        }
    }
}

impl Chart {
    fn push(&mut self, name: String, x: f64, y: f64) {
        match self.series.iter_mut().find(|series| series.name == name) {
            Some(series) => series.push(x, y),
            None => {
                let mut series = Series::new(name);
                series.push(x, y);
                self.series.push(series);
            }
        }
    }

    fn show(&self, ui: &mut Ui, log: bool, smoothed: bool) {
        let palette = theme::palette(ui);
        let plot = Plot::new(("chart", &self.name, &self.conditions, log))
            .legend(
                Legend::default()
                    .position(Corner::RightTop)
                    .background_alpha(0.85)
                    .follow_insertion_order(true)
                    // Of the faint and the bold line of one curve, the bold one comes last.
                    .color_conflict_handling(ColorConflictHandling::PickLast),
            )
            .grid_color(palette.faint.gamma_multiply(0.45))
            .x_axis_label("kimg")
            .y_axis_formatter(move |mark, _| tick(mark.value, log))
            .label_formatter(move |hover| hover_words(hover, log))
            .set_margin_fraction(eframe::egui::vec2(0.02, 0.08))
            .allow_scroll(false);
        let response = plot.show(ui, |plot| {
            for (series, colour) in self.series.iter().zip(palette.curves.iter().cycle()) {
                let name = match series.latest() {
                    Some(latest) => format!("{} {}", series.name, words::value(latest)),
                    None => format!("{} (no finite value)", series.name),
                };
                for (part, stretch) in series.stretches(log).into_iter().enumerate() {
                    // A line needs two points, and few of them are better seen as dots.
                    if stretch.len() <= DOTTED_POINTS {
                        let dots = Points::new(name.clone(), PlotPoints::from(stretch.clone()));
                        plot.points(dots.id((&series.name, part, "dots")).radius(2.5).color(*colour));
                    }
                    if smoothed {
                        let bold = PlotPoints::from(smooth(&stretch, SMOOTH_POINTS));
                        let line = Line::new(name.clone(), PlotPoints::from(stretch));
                        let faint = colour.gamma_multiply(0.35);
                        let line =
                            line.id((&series.name, part, "raw")).color(faint).width(1.0).allow_hover(false);
                        plot.line(line);
                        let line = Line::new(name.clone(), bold).id((&series.name, part, "bold"));
                        plot.line(line.color(*colour).width(2.0));
                    } else {
                        let line = Line::new(name.clone(), PlotPoints::from(stretch));
                        plot.line(line.id((&series.name, part)).color(*colour).width(1.5));
                    }
                }
            }
        });
        let label = format!("curves of {}", self.name);
        response.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    }
}

fn tick(value: f64, log: bool) -> String {
    words::short(if log { 10_f64.powf(value) } else { value })
}

fn hover_words(hover: &HoverPosition<'_>, log: bool) -> Option<String> {
    match hover {
        HoverPosition::NearDataPoint { plot_name, position, .. } => {
            let curve = plot_name.split(' ').next().unwrap_or(plot_name);
            Some(format!("{curve}\n{} kimg\n{}", words::kimg(position.x), tick(position.y, log)))
        }
        HoverPosition::Elsewhere { .. } => None,
    }
}
