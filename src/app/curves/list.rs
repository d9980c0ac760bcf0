//! The runs and their curves: what is seen, in which colour, and what is pinned.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use eframe::egui::{Checkbox, Label, RichText, Role, ScrollArea, TextEdit, TextWrapMode, Ui, WidgetInfo};

use super::chosen::Chart;
use super::measure::Measure;
use super::panels::colour;
use super::run::Run;
use super::swatch;
use crate::app::typed_path::path_of;
use crate::app::{buttons, card, theme, words};

/// Height of the line with which a run is added, points.
const ADD_HEIGHT: f32 = 26.0;

/// From the list's edge to what a curve was measured under, points.
const CONDITIONS_INSET: f32 = 40.0;

/// What the user asks of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Add(PathBuf),
    /// The run with this index; the first is the one in training and stays.
    Remove(usize),
}

/// Shows the list; `entry` is what stands in the field for another run's folder.
pub fn show(
    ui: &mut Ui,
    runs: &mut [Run],
    chart: Chart,
    pins: &mut BTreeSet<Measure>,
    entry: &mut String,
) -> Option<Wish> {
    let mut wish = None;
    let height = (ui.available_height() - ADD_HEIGHT - 8.0).max(20.0);
    // Its bar stands beside the buttons, not over them.
    ui.spacing_mut().scroll.floating_allocated_width = ui.spacing().scroll.bar_width;
    let rows = ScrollArea::vertical().id_salt("runs").max_height(height).auto_shrink(false);
    rows.min_scrolled_height(0.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for (index, run) in runs.iter_mut().enumerate() {
            if run_line(ui, index, run) {
                wish = Some(Wish::Remove(index));
            }
            if run.visible {
                curves(ui, index, run, chart, pins);
            }
        }
    });
    card::line_from_right(ui, ADD_HEIGHT, |ui| {
        let given = path_of(entry);
        let clicked = ui.add_enabled(given.is_some(), eframe::egui::Button::new("Add run")).clicked();
        let field = TextEdit::singleline(entry).hint_text("run folder");
        let field = ui.add_sized([ui.available_width(), ADD_HEIGHT], field);
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "folder of another run"));
        let field = field.on_hover_text("The folder of another run: its curves are laid over these");
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        if let Some(folder) = given.filter(|_| clicked || entered) {
            entry.clear();
            wish = Some(Wish::Add(folder));
        }
    });
    wish
}

/// A run's own line; returns whether it shall go.
fn run_line(ui: &mut Ui, index: usize, run: &mut Run) -> bool {
    let mut remove = false;
    card::line_from_right(ui, 22.0, |ui| {
        if index > 0 {
            let button =
                ui.add(buttons::low("×")).on_hover_text("Take this run from the curves; its files stay");
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("remove {}", run.name)));
            remove = button.clicked();
        }
        ui.with_layout(eframe::egui::Layout::left_to_right(eframe::egui::Align::Center), |ui| {
            let name = if run.name.is_empty() { "this run" } else { &run.name };
            let tick = ui.checkbox(&mut run.visible, RichText::new(name).strong());
            if let Some(folder) = &run.folder {
                tick.on_hover_text(folder.display().to_string());
            }
        });
    });
    if let Some(problem) = &run.problem {
        ui.label(RichText::new(problem.to_string()).small().color(theme::palette(ui).error));
    }
    remove
}

/// The lines of a run's curves, as far as `chart` shows them.
fn curves(ui: &mut Ui, run_index: usize, run: &mut Run, chart: Chart, pins: &mut BTreeSet<Measure>) {
    let palette = theme::palette(ui);
    let colours: Vec<_> = (0..run.series.len()).map(|i| colour(run, run_index, i, palette)).collect();
    let mut twins: HashMap<String, usize> = HashMap::new();
    run.series.iter().for_each(|series| *twins.entry(series.label()).or_default() += 1);
    let of = if run_index == 0 { String::new() } else { format!(" of {}", run.name) };
    for (index, (series, colour)) in run.series.iter_mut().zip(colours).enumerate() {
        if !chart.shows(&series.measure, pins) {
            continue;
        }
        // One name under two conditions is two curves.
        let name = series.label();
        let conditions = series.measure.conditions.clone();
        let has_twin = twins.get(&name).is_some_and(|count| *count > 1);
        let label = if has_twin { format!("{name}{of}, {conditions}") } else { format!("{name}{of}") };
        ui.push_id((run_index, index), |ui| {
            card::line_from_right(ui, 20.0, |ui| {
                let pinned = pins.contains(&series.measure);
                let pin = ui.selectable_label(pinned, RichText::new("pin").small());
                let name = format!("pin {label}");
                pin.widget_info(|| WidgetInfo::selected(Role::Button, true, pinned, &name));
                if pin.on_hover_text("Keep this curve in the chart “pinned”").clicked() {
                    if pinned {
                        pins.remove(&series.measure);
                    } else {
                        pins.insert(series.measure.clone());
                    }
                }
                let latest = series.latest().map_or_else(|| "no number".to_owned(), words::value);
                ui.weak(RichText::new(&latest).small());
                ui.with_layout(eframe::egui::Layout::left_to_right(eframe::egui::Align::Center), |ui| {
                    if let Some(chosen) = swatch::choose(ui, colour, &label) {
                        series.colour = Some(chosen);
                    }
                    // A long name ends before the number beside it.
                    ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
                    let visible = series.visible;
                    let text = RichText::new(series.label()).small();
                    let tick = ui.add(Checkbox::new(&mut series.visible, text));
                    tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, visible, &label));
                    let mut hover = format!("{label}: {latest}");
                    if !has_twin && !conditions.is_empty() {
                        hover.push_str(&format!("\n{conditions}"));
                    }
                    tick.on_hover_text(hover);
                });
            });
            if has_twin {
                ui.spacing_mut().interact_size.y = 0.0;
                ui.horizontal(|ui| {
                    ui.add_space(CONDITIONS_INSET);
                    let words = RichText::new(format!("with {conditions}")).small().weak();
                    ui.add(Label::new(words).truncate()).on_hover_text(&conditions);
                });
            }
        });
    }
}
