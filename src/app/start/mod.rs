//! The start screen, for whoever opens the program and has said nothing yet: the demo, a recent run, or a new
//! run of one's own images. What is chosen is a command line, and is shown as one.

mod own;
mod recent;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{
    CentralPanel, Frame, Grid, Margin, RichText, ScrollArea, Ui, ViewportBuilder, ViewportCommand,
};

use super::theme::{self, GAP};
use super::{card, icon, window};
use crate::error::Result;
use crate::recipe::PRESETS;
use own::Own;
use recent::{Recent, recent};

/// Size of the window, points.
const SIZE: [f32; 2] = [860.0, 680.0];

/// Words behind `signet`, once something is chosen.
type Chosen = Arc<Mutex<Option<Vec<String>>>>;

/// Asks what to do; `runs` is where runs lie. None where the window was closed.
///
/// # Errors
/// `Kind::Device` where no window can be opened.
pub fn ask(runs: &Path) -> Result<Option<Vec<String>>> {
    let chosen = Chosen::default();
    let screen = StartScreen::new(runs, chosen.clone());
    let viewport = ViewportBuilder::default()
        .with_title("Signet")
        .with_app_id("signet")
        .with_icon(icon::draw())
        .with_drag_and_drop(true)
        .with_inner_size(SIZE);
    window::open("Signet", viewport, move |cc| {
        theme::install(&cc.egui_ctx);
        Ok(Box::new(screen) as Box<dyn eframe::App>)
    })?;
    Ok(chosen.lock().unwrap_or_else(PoisonError::into_inner).take())
}

/// The screen's state.
pub struct StartScreen {
    runs: PathBuf,
    recent: Vec<Recent>,
    own: Own,
    chosen: Chosen,
}

impl StartScreen {
    pub fn new(runs: &Path, chosen: Arc<Mutex<Option<Vec<String>>>>) -> Self {
        Self { runs: runs.to_path_buf(), recent: recent(runs), own: Own::default(), chosen }
    }

    fn choose(&self, ui: &Ui, words: Vec<String>) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
        ui.ctx().send_viewport_cmd(ViewportCommand::Close);
    }

    fn contents(&mut self, ui: &mut Ui) {
        ui.label(RichText::new("Signet").size(28.0).strong());
        ui.weak("one-step image generators, trained and edited with on this machine");
        ui.add_space(GAP);
        card::frame(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new("Begin").heading().strong());
            Grid::new("presets").num_columns(2).spacing([14.0, 6.0]).show(ui, |ui| {
                let own = ["small-sign", "small-sid"];
                for (name, what) in PRESETS.iter().filter(|(name, _)| !own.contains(name)) {
                    let label = if *name == "demo" { "Train the demo" } else { name };
                    if ui.button(label).clicked() {
                        self.choose(ui, vec!["train".into(), (*name).to_string()]);
                    }
                    ui.weak(*what);
                    ui.end_row();
                }
            });
        });
        ui.add_space(GAP);
        card::frame(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new("New run of your own images").heading().strong());
            if let Some(words) = self.own.show(ui) {
                self.choose(ui, words);
            }
        });
        ui.add_space(GAP);
        card::frame(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new("Go on with a run").heading().strong());
            if self.recent.is_empty() {
                ui.weak(format!("no runs in {} yet", self.runs.display()));
            }
            let mut wanted = None;
            for run in &self.recent {
                ui.horizontal(|ui| {
                    if ui.button(format!("Open {}", run.name)).clicked() {
                        wanted = Some(run.words());
                    }
                    ui.weak(&run.state);
                });
            }
            if let Some(words) = wanted {
                self.choose(ui, words);
            }
        });
    }
}

impl eframe::App for StartScreen {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let dropped = ui.ctx().input(|input| input.raw.dropped_files.clone());
        if let Some(file) = dropped.first() {
            self.own.take(file.path());
        }
        ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, theme::palette(ui).backdrop);
        let margin = Margin::same(2 * GAP as i8);
        CentralPanel::no_frame().frame(Frame::new().inner_margin(margin)).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.contents(ui));
        });
    }
}
