//! The start screen, for whoever opens the program and has said nothing yet: the demo, a recent run, or a new
//! run of one's own images. What is chosen is a command line, and is shown as one.

mod begin;
mod dropped;
mod go_on;
mod own;
mod path_row;
mod recent;
mod wish;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{
    CentralPanel, Context, DroppedFileHandle, Frame, Margin, RichText, ScrollArea, Ui, ViewportBuilder,
    ViewportCommand,
};

use super::dialog::{Dialog, Question};
use super::theme::{self, GAP};
use super::{card, icon, window};
use crate::error::{Error, Result};
use begin::Begin;
use dropped::{Part, part};
use go_on::GoOn;
use own::Own;
use wish::Wish;

/// Size of the window on a screen that has room for it, points.
const SIZE: [f32; 2] = [860.0, 820.0];

/// Below this a path can no longer be read beside its buttons, points.
const SMALLEST_SIZE: [f32; 2] = [640.0, 480.0];

/// Words behind `signet`, once something is chosen.
type Chosen = Arc<Mutex<Option<Vec<String>>>>;

/// Asks what to do; `runs` is where runs lie. None where the window was closed.
///
/// # Errors
/// `Kind::Device` where no window can be opened.
pub fn ask(runs: &Path) -> Result<Option<Vec<String>>> {
    let chosen = Chosen::default();
    let (runs, choice) = (runs.to_path_buf(), chosen.clone());
    let viewport = ViewportBuilder::default()
        .with_title("Signet")
        .with_app_id("signet")
        .with_icon(icon::draw())
        .with_drag_and_drop(true)
        .with_inner_size(SIZE);
    window::open("Signet", viewport, SMALLEST_SIZE, move |cc| {
        let mut screen = StartScreen::new(&cc.egui_ctx, &runs, choice);
        screen.own.remember(cc.storage);
        Ok(Box::new(screen) as Box<dyn eframe::App>)
    })?;
    Ok(chosen.lock().unwrap_or_else(PoisonError::into_inner).take())
}

/// The screen's state.
pub struct StartScreen {
    begin: Begin,
    own: Own,
    go_on: GoOn,
    dialog: Dialog,
    /// What is not as it should be, in words.
    said: Option<String>,
    chosen: Chosen,
}

impl StartScreen {
    pub fn new(ctx: &Context, runs: &Path, chosen: Arc<Mutex<Option<Vec<String>>>>) -> Self {
        theme::install(ctx);
        Self {
            begin: Begin::default(),
            own: Own::new(runs),
            go_on: GoOn::new(runs),
            dialog: Dialog::default(),
            said: None,
            chosen,
        }
    }

    /// Asks for paths by `dialog` instead of the desktop's own.
    pub fn asking_by(mut self, dialog: Dialog) -> Self {
        self.dialog = dialog;
        self
    }

    /// Takes what was dropped together; of several for one field, the last.
    fn dropped(&mut self, files: &[DroppedFileHandle]) {
        let mut refused = Vec::new();
        for file in files {
            match part(file.path()) {
                Ok(part) => self.fill(part, file.path()),
                Err(error) => refused.push(error),
            }
        }
        if !files.is_empty() {
            let mut refused = refused.into_iter();
            self.said = refused.next().map(|mut error| {
                if refused.len() > 0 {
                    error.what.push_str(&format!("\n  and {} more that cannot be used", refused.len()));
                }
                error.to_string()
            });
        }
    }

    fn answered(&mut self) {
        let (question, paths) = match self.dialog.answer() {
            None => return,
            Some(Err(error)) => return self.say(&error),
            Some(Ok(answer)) => answer,
        };
        let part = match question {
            Question::Pictures | Question::ImageFolder | Question::ImageFile => Part::Images,
            Question::TeacherFile | Question::TeacherRun => Part::Teacher,
            Question::Recipe => Part::Recipe,
            Question::Run => Part::Run,
        };
        if let Some(path) = paths.first() {
            self.said = None;
            self.fill(part, path);
        }
    }

    fn fill(&mut self, part: Part, path: &Path) {
        let field = match part {
            Part::Images => &mut self.own.data,
            Part::Teacher => &mut self.own.teacher,
            Part::Recipe => &mut self.begin.recipe,
            Part::Run => &mut self.go_on.run,
        };
        *field = path.display().to_string();
    }

    fn say(&mut self, error: &Error) {
        self.said = Some(error.to_string());
    }

    fn grant(&mut self, ui: &Ui, wish: Wish) {
        match wish {
            Wish::Ask(question) => self.dialog.ask(ui.ctx(), question),
            Wish::Say(error) => self.say(&error),
            Wish::Run(words) => {
                *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
                ui.ctx().send_viewport_cmd(ViewportCommand::Close);
            }
        }
    }

    /// What stays in sight.
    fn heading(&self, ui: &mut Ui) {
        ui.label(RichText::new("Signet").size(28.0).strong());
        ui.weak("one-step image generators: train them and edit pictures with them, on this machine");
        if let Some(words) = &self.said {
            ui.add_space(GAP);
            ui.label(RichText::new(words).color(theme::palette(ui).error));
        }
    }

    fn contents(&mut self, ui: &mut Ui) {
        let is_open = self.dialog.is_open();
        let wishes = [
            titled(ui, "Begin", |ui| self.begin.show(ui, is_open)),
            titled(ui, "Train on your own images", |ui| self.own.show(ui, is_open)),
            titled(ui, "Continue a run", |ui| self.go_on.show(ui, is_open)),
        ];
        for wish in wishes.into_iter().flatten() {
            self.grant(ui, wish);
        }
    }
}

/// A card under its title.
fn titled(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> Option<Wish>) -> Option<Wish> {
    ui.add_space(GAP);
    let shown = card::frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new(title).heading().strong());
        contents(ui)
    });
    shown.inner
}

impl eframe::App for StartScreen {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let files = ui.ctx().input(|input| input.raw.dropped_files.clone());
        self.dropped(&files);
        self.answered();
        ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, theme::palette(ui).backdrop);
        let margin = Margin::same(2 * GAP as i8);
        CentralPanel::no_frame().frame(Frame::new().inner_margin(margin)).show(ui, |ui| {
            self.heading(ui);
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.contents(ui));
        });
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.own.keep(storage);
    }

    /// How the screen was scrolled is nothing to come back to, and its zoom belongs to the desktop it was on.
    fn persist_egui_memory(&self) -> bool {
        false
    }
}
