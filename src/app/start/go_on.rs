//! A run that goes on: one of the newest, or one that is named.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::Ui;

use super::path_row;
use super::recent::{Recent, recent};
use super::wish::Wish;
use crate::app::dialog::Question;
use crate::app::typed_path::path_of;

/// A run may begin and end in another process while the screen is open.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The runs to choose from, and what has been filled in.
pub struct GoOn {
    runs: PathBuf,
    recent: Vec<Recent>,
    looked: Instant,
    /// Path of a run folder.
    pub run: String,
}

impl GoOn {
    /// `runs` is where runs lie.
    pub fn new(runs: &Path) -> Self {
        Self { runs: runs.to_path_buf(), recent: recent(runs), looked: Instant::now(), run: String::new() }
    }

    /// Shows the runs; gives what the user wants.
    pub fn show(&mut self, ui: &mut Ui, is_open: bool) -> Option<Wish> {
        let mut wish = None;
        if self.looked.elapsed() >= LOOK_AGAIN {
            self.looked = Instant::now();
            self.recent.iter_mut().for_each(Recent::look);
        }
        if !self.recent.is_empty() {
            ui.ctx().request_repaint_after(LOOK_AGAIN);
        }
        if self.recent.is_empty() {
            ui.weak(format!("no runs in {} yet", self.runs.display()));
        }
        for run in &self.recent {
            ui.horizontal(|ui| {
                if ui.button(format!("Open {}", run.name)).clicked() {
                    wish = Some(Wish::Run(run.words()));
                }
                ui.weak(&run.state);
            });
        }
        ui.horizontal(|ui| {
            let field = ("Run folder", "or the folder of another run");
            let ways = [("Choose…", Question::Run)];
            let asked = path_row::show(ui, field, &mut self.run, &ways, is_open, 1);
            wish = asked.map(Wish::Ask).or(wish.take());
            let path = path_of(&self.run);
            let goes_on = path_row::button(ui, path.is_some(), "Go on").clicked();
            if let Some(path) = path.filter(|_| goes_on) {
                wish = Some(match Recent::open(&path) {
                    Ok(run) => Wish::Run(run.words()),
                    Err(error) => Wish::Say(error),
                });
            }
        });
        wish
    }
}
