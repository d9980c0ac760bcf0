//! The curves pane: what the trainer and other runs have measured, drawn as fast at a million values as at
//! ten.
//!
//! Messages and files become [`run::Run`]s of [`series::Series`]; a [`chosen::Chart`] picks curves and shares
//! them out among axes; a [`sketch::Frame`] reduces each to what a screen can show.

mod benchmarks;
mod book;
mod chart;
mod chosen;
mod csv;
mod export;
mod grid;
mod hover;
mod list;
mod live;
mod marker;
mod measure;
mod moment;
mod panels;
mod picture;
mod pyramid;
mod reader;
mod run;
mod scales;
mod series;
mod settings;
mod sketch;
mod stages;
mod stats_file;
mod summary;
mod swatch;
mod tools;

use std::collections::BTreeSet;
use std::path::PathBuf;

use eframe::egui::{Label, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};

use self::book::Book;
use self::chosen::Chart;
use self::export::Export;
use self::list::Wish;
use self::measure::Group;
use self::moment::XAxis;
use self::panels::{Panel, extent, panels};
use self::settings::{Go, Settings};
use self::tools::File;
use super::{card, fresh_file, theme};
use crate::plain_file::check_folder;
use crate::run::message::Message;

pub use self::benchmarks::benchmarks;

/// Folder of exported files, in the run's.
const EXPORT_FOLDER: &str = "curves";

/// Width of the list beside the charts, points, and the share of the pane that it takes at most.
const LIST_WIDTH: f32 = 215.0;
const LIST_SHARE: f32 = 0.42;

/// Between the charts and the list, points: half of the last number stands beyond the axis.
const LIST_GAP: f32 = 20.0;

/// A pane that is narrower than the first and at least as high as the second, points, has its list below the
/// charts, in this share of the height.
const NARROW: f32 = 430.0;
const HIGH: f32 = 240.0;
const LIST_HEIGHT_SHARE: f32 = 0.38;

/// A chart smaller than this, points, cannot be read: the others are scrolled to.
const SMALLEST_CHART: [f32; 2] = [210.0, 105.0];

pub struct Curves {
    book: Book,
    settings: Settings,
    export: Export,
    /// What stands in the field for another run's folder.
    entry: String,
}

impl Curves {
    pub fn new() -> Self {
        Self {
            book: Book::new(),
            settings: Settings::default(),
            export: Export::default(),
            entry: String::new(),
        }
    }

    pub fn receive(&mut self, message: &Message) {
        self.book.receive(message);
    }

    pub fn show(&mut self, ui: &mut Ui) {
        self.book.read(ui.ctx());
        let mut file = None;
        let tools = |ui: &mut Ui, curves: &mut Self| {
            let Self { book, settings, export, .. } = curves;
            let panels = panels(&book.runs, settings, theme::palette(ui));
            let extent = extent(&panels, settings.axis);
            file = tools::show(ui, settings, &mut export.name, extent);
        };
        let mut area = Rect::NOTHING;
        card::show(ui, "Curves", self, tools, |ui, curves| area = curves.contents(ui));
        if let Some(file) = file {
            self.write(ui, file);
        }
        self.export.step(ui.ctx(), area);
    }

    /// Everything below the pane's title; returns where the charts and their list are.
    fn contents(&mut self, ui: &mut Ui) -> Rect {
        if self.book.runs.iter().all(|run| run.series.is_empty() && run.problem.is_none())
            && !self.book.reads()
        {
            let rect = ui.available_rect_before_wrap();
            card::empty(
                ui,
                rect,
                "The first losses appear in a few seconds",
                "one curve for each stage and term",
            );
            return rect;
        }
        self.chooser(ui);
        if let Some((well, words)) = self.export.said.clone() {
            let palette = theme::palette(ui);
            ui.horizontal_wrapped(|ui| {
                let colour = if well { palette.good } else { palette.error };
                ui.label(RichText::new(words).small().color(colour));
                if ui.button("OK").clicked() {
                    self.export.said = None;
                }
            });
        }
        let whole = ui.available_rect_before_wrap();
        let mut charts = whole;
        if self.settings.list {
            let list = if whole.width() < NARROW && whole.height() >= HIGH {
                charts.set_bottom(whole.bottom() - whole.height() * LIST_HEIGHT_SHARE);
                whole.with_min_y(charts.bottom() + theme::GAP)
            } else {
                let width = LIST_WIDTH.min(whole.width() * LIST_SHARE);
                charts.set_right((whole.right() - width - LIST_GAP).max(whole.left()));
                whole.with_min_x(charts.right() + LIST_GAP)
            };
            let mut side = ui.new_child(UiBuilder::new().max_rect(list));
            side.set_clip_rect(list.intersect(ui.clip_rect()));
            self.list(&mut side);
        }
        let mut middle = ui.new_child(UiBuilder::new().max_rect(charts));
        self.charts(&mut middle);
        whole
    }

    /// One button for each group that has a curve, and one for what was pinned.
    fn chooser(&mut self, ui: &mut Ui) {
        let series = self.book.runs.iter().flat_map(|run| &run.series);
        let groups: BTreeSet<Group> = series.map(|series| series.measure.group()).collect();
        let groups = Group::ALL.into_iter().filter(|group| groups.contains(group)).map(Chart::Group);
        let pinned = (!self.settings.pins.is_empty()).then_some(Chart::Pinned);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for chart in groups.chain(pinned) {
                ui.selectable_value(&mut self.settings.chart, chart, chart.name());
            }
        });
    }

    fn list(&mut self, ui: &mut Ui) {
        let Self { book, settings, entry, .. } = self;
        match list::show(ui, &mut book.runs, settings.chart, &mut settings.pins, entry) {
            Some(Wish::Add(folder)) => book.open(&folder, ui.ctx()),
            Some(Wish::Remove(index)) => book.close(index),
            None => {}
        }
    }

    /// The charts beside and below each other, as large as fits.
    fn charts(&mut self, ui: &mut Ui) {
        let Self { book, settings, export, .. } = self;
        let panels = panels(&book.runs, settings, theme::palette(ui));
        let Some(extent) = extent(&panels, settings.axis) else {
            let rect = ui.available_rect_before_wrap();
            card::empty(ui, rect, "No curve to show", "choose another chart, or tick a curve in the list");
            return;
        };
        let space = ui.available_size();
        let most = ((space.x / SMALLEST_CHART[0]) as usize).max(1);
        // Two charts are better read below each other than side by side: their places line up.
        let columns = if panels.len() <= 2 { 1 } else { most.min(panels.len().div_ceil(2)) };
        let rows = panels.len().div_ceil(columns);
        let gap = theme::GAP;
        let width = ((space.x - gap * (columns as f32 - 1.0)) / columns as f32).max(1.0);
        let least = if rows == 1 { 1.0 } else { SMALLEST_CHART[1] };
        let height = ((space.y - gap * (rows as f32 - 1.0)) / rows as f32).max(least);
        let mut zoomed = settings.zoomed;
        settings.quiet = export.waits_for_picture();
        let scroll = ScrollArea::vertical().id_salt("charts").auto_shrink(false).min_scrolled_height(0.0);
        scroll.show(ui, |ui| {
            let corner = ui.available_rect_before_wrap().min;
            for (index, panel) in panels.iter().enumerate() {
                let place =
                    vec2((index % columns) as f32 * (width + gap), (index / columns) as f32 * (height + gap));
                let rect = Rect::from_min_size(corner + place, vec2(width, height));
                let same = panels.iter().filter(|other| other.axis == panel.axis).count();
                let shown = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
                    heading(ui, panel, settings.axis, panels.len() > 1, same > 1);
                    chart::show(ui, panel, settings, extent)
                });
                zoomed = shown.inner;
            }
        });
        settings.zoomed = match settings.go.take() {
            // The charts say so from the next frame on.
            Some(Go::To(x)) => Some(x),
            Some(Go::Whole) => None,
            None => zoomed,
        };
    }

    /// Writes the file that the user asks for, beside the run unless its name says otherwise.
    fn write(&mut self, ui: &Ui, file: File) {
        let Self { book, settings, export, .. } = self;
        let folder = book.runs.first().and_then(|run| run.folder.as_ref()).map(|run| run.join(EXPORT_FOLDER));
        let ending = match file {
            File::Csv => "csv",
            File::Png => "png",
        };
        let path: Option<PathBuf> =
            fresh_file::wanted(folder.as_deref(), &export.name, settings.chart.name(), ending);
        let Some(path) = path else {
            let words = "the run has no folder yet: wait for it, or name the file with its whole path";
            export.said = Some((false, words.to_owned()));
            return;
        };
        if let Some(folder) = folder.filter(|folder| path.starts_with(folder))
            && let Err(error) = check_folder(&folder)
        {
            export.said = Some((false, error.to_string()));
            return;
        }
        match file {
            File::Csv => {
                let panels = panels(&book.runs, settings, theme::palette(ui));
                export.csv(ui.ctx(), path, csv::columns(&panels, settings, settings.zoomed));
            }
            File::Png => export.png(ui.ctx(), path),
        }
    }
}

/// The name of a chart's axis where there are `several`, with its curves' names where other charts have `same`
/// axis, and what its numbers were measured under.
fn heading(ui: &mut Ui, panel: &Panel<'_>, axis: XAxis, several: bool, same: bool) {
    let (conditions, names) = (panel.conditions(), panel.names());
    if !several && conditions.is_none() {
        return;
    }
    let mut title = String::new();
    if several {
        // Names of one quantity under two conditions tell nothing.
        let what =
            if same && names != panel.axis { format!("{}: {names}", panel.axis) } else { panel.axis.clone() };
        title = format!("{what} over {}", axis.name());
    }
    ui.horizontal(|ui| {
        if !title.is_empty() {
            ui.add(Label::new(RichText::new(&title).small()).truncate());
        }
        if let Some(conditions) = conditions {
            let words = RichText::new(conditions).small().weak();
            ui.add(Label::new(words).truncate()).on_hover_text(conditions);
        }
    });
}
