//! The pane's buttons and menus.

use eframe::egui::{DragValue, Role, Slider, TextEdit, Ui, WidgetInfo};

use super::moment::XAxis;
use super::settings::{Go, Settings};
use crate::app::buttons;

/// Widths of the average that can be chosen, percent of the axis.
const AVERAGE_PERCENT: std::ops::RangeInclusive<f64> = 0.1..=50.0;

/// Width of the field for a file's name, points.
const NAME_WIDTH: f32 = 220.0;

/// In a line that has no more room than this after List and Export, points, two buttons go into the menu.
const NARROW: f32 = 220.0;

/// A kind of file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Csv,
    Png,
}

/// The buttons, from right to left; `extent` is what there is of the horizontal axis. Returns the file that the
/// user asks for.
pub fn show(
    ui: &mut Ui,
    settings: &mut Settings,
    name: &mut String,
    extent: Option<[f64; 2]>,
) -> Option<File> {
    let hover = "The runs and their curves: colours, visibility, other runs";
    let shown = settings.list;
    let list = ui.toggle_value(&mut settings.list, "List").on_hover_text(hover);
    list.widget_info(|| WidgetInfo::selected(Role::Button, true, shown, "list of curves"));
    let mut file = None;
    menu(ui, "Export", "export curves", |ui| file = export(ui, name, extent.is_some()));
    let is_narrow = ui.available_width() < NARROW;
    menu(ui, "View", "view of curves", |ui| {
        if is_narrow {
            ui.horizontal(|ui| toggles(ui, settings));
            ui.separator();
        }
        view(ui, settings, extent);
    });
    if !is_narrow {
        toggles(ui, settings);
    }
    file
}

fn toggles(ui: &mut Ui, settings: &mut Settings) {
    ui.toggle_value(&mut settings.smooth, "Smooth").on_hover_text("A running average in bold");
    ui.toggle_value(&mut settings.log, "Log scale").on_hover_text("Powers of ten on the vertical axis");
}

/// A form behind a button. Other panes have menus of the same title: `label` tells them apart for those who hear
/// it.
fn menu(ui: &mut Ui, title: &str, label: &str, contents: impl FnOnce(&mut Ui)) {
    let (button, _) = buttons::form(ui, title, contents);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
}

fn view(ui: &mut Ui, settings: &mut Settings, extent: Option<[f64; 2]>) {
    ui.strong("Horizontal axis");
    ui.horizontal(|ui| {
        for axis in XAxis::ALL {
            if ui.radio(settings.axis == axis, axis.name()).on_hover_text(axis.meaning()).clicked() {
                // A part of one axis is none of another.
                (settings.axis, settings.zoomed, settings.go) = (axis, None, Some(Go::Whole));
            }
        }
    });
    if let Some(extent) = extent {
        range(ui, settings, extent);
    }
    ui.separator();
    ui.strong("Stages");
    ui.add_enabled_ui(settings.axis.begins_anew(), |ui| {
        ui.horizontal(|ui| stages(ui, settings));
    });
    ui.separator();
    ui.strong("Running average");
    let slider = Slider::new(&mut settings.average_percent, AVERAGE_PERCENT).logarithmic(true);
    let slider = ui.add(slider.suffix(" %").max_decimals(1).text("of the axis averaged"));
    if slider.changed() {
        settings.smooth = true;
    }
    ui.separator();
    ui.checkbox(&mut settings.markers, "Markers")
        .on_hover_text("Vertical lines where a stage begins, a checkpoint was saved, a warning came or something was changed");
}

/// Where the student's stage stands.
fn stages(ui: &mut Ui, settings: &mut Settings) {
    for (apart, name, hover) in [
        (false, "one behind the other", "The student's images are counted on from the teacher's"),
        (true, "apart", "Each stage counts from 0, on axes of its own: students of several runs line up"),
    ] {
        if ui.radio(settings.apart == apart, name).on_hover_text(hover).clicked() {
            (settings.apart, settings.zoomed, settings.go) = (apart, None, Some(Go::Whole));
        }
    }
}

/// The two ends of what is shown.
fn range(ui: &mut Ui, settings: &mut Settings, extent: [f64; 2]) {
    let [mut from, mut to] = settings.zoomed.unwrap_or(extent);
    let speed = ((extent[1] - extent[0]) / 200.0).max(f64::MIN_POSITIVE);
    let mut changed = false;
    ui.horizontal(|ui| {
        for (label, end) in [("from", &mut from), ("to", &mut to)] {
            ui.label(label);
            let field = ui.add(DragValue::new(end).speed(speed).max_decimals(3));
            let name = format!("show {label}");
            let value = *end;
            field.widget_info(|| WidgetInfo {
                value: Some(value),
                ..WidgetInfo::labeled(Role::SpinButton, true, &name)
            });
            changed |= field.changed();
        }
        let hover = "Show all of the axis; a double click on a chart does the same";
        if ui.button("Whole range").on_hover_text(hover).clicked() {
            (settings.zoomed, settings.go) = (None, Some(Go::Whole));
        }
    });
    if changed && from < to {
        (settings.zoomed, settings.go) = (Some([from, to]), Some(Go::To([from, to])));
    }
    ui.small("In a chart: drag to move, Ctrl and wheel to zoom, right drag for a box.");
}

fn export(ui: &mut Ui, name: &mut String, any: bool) -> Option<File> {
    let field = TextEdit::singleline(name).hint_text("its chart's name, beside the run");
    let field = ui.add_sized([NAME_WIDTH, 24.0], field);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "file name"));
    let mut file = None;
    for (label, hover, kind) in [
        ("Values as CSV", "Every value of the shown curves within the shown range", File::Csv),
        ("Picture as PNG", "The charts as they are on the screen", File::Png),
    ] {
        if ui.add_enabled(any, eframe::egui::Button::new(label)).on_hover_text(hover).clicked() {
            file = Some(kind);
            ui.close();
        }
    }
    ui.small("A file that is there already is never overwritten.");
    file
}
