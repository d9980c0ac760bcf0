//! What is put beside the samples: training images, the teacher's samples, another run's.

use std::path::PathBuf;

use eframe::egui::{Button, Key, RichText, TextEdit, Ui};

use super::column::{Column, Kind};
use super::other_run::OtherRun;
use crate::app::theme;
use crate::app::typed_path::path_of;
use crate::error::Result;
use crate::run::message::{Message, Pictures, Stage};

/// Width of the field for another run's folder, points.
const PATH_WIDTH: f32 = 230.0;

#[derive(Default)]
pub struct Beside {
    reals: Option<Pictures>,
    /// With the evaluations of its network that each picture took.
    teacher: Option<(Pictures, usize)>,
    run: Option<OtherRun>,
    /// Why another run could not be read (again), in words.
    problem: Option<String>,
    /// Which of them are wanted.
    show: [bool; Kind::COUNT],
    stage: Option<Stage>,
    /// Whether the trainer has been asked for the teacher's samples.
    asked: bool,
    /// The folder in the text field.
    typed: String,
}

impl Beside {
    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Reals(pictures) => self.reals = Some(pictures.clone()),
            Message::TeacherSamples { pictures, evaluations } => {
                self.teacher = Some((pictures.clone(), *evaluations));
            }
            Message::StageStarted { stage, .. } => self.stage = Some(*stage),
            _ => {}
        }
    }

    /// Takes a run that the user has named, or that was read `again` because it may have drawn more. One that
    /// cannot be read leaves the one that is there.
    pub fn opened(&mut self, run: Result<OtherRun>, again: bool) {
        self.problem = run.as_ref().err().map(ToString::to_string);
        if let Ok(run) = run {
            self.run = Some(run);
            self.show[Kind::OtherRun.index()] |= !again;
        }
    }

    /// The other run that is looked at: there may be newer grids in its folder.
    pub fn run(&self) -> Option<&OtherRun> {
        self.run.as_ref().filter(|_| self.show[Kind::OtherRun.index()])
    }

    pub fn evaluations(&self) -> usize {
        self.teacher.as_ref().map_or(0, |(_, evaluations)| *evaluations)
    }

    /// Whether the trainer is to be asked for the teacher's samples, which it is once.
    pub fn asks_teacher(&mut self) -> bool {
        let ask = self.show[Kind::Teacher.index()] && self.teacher.is_none() && !self.asked;
        self.asked |= ask;
        ask
    }

    /// What is beside the samples now.
    pub fn columns(&self, live: bool) -> impl Iterator<Item = Column> {
        let column = move |kind: Kind| {
            let (title, pictures) = match kind {
                Kind::Samples => return None,
                Kind::Reals => ("training images".to_owned(), Ok(self.reals.clone()?)),
                Kind::Teacher => match &self.teacher {
                    Some((pictures, evaluations)) => {
                        (format!("teacher · {evaluations} evaluations"), Ok(pictures.clone()))
                    }
                    None => ("teacher".to_owned(), Err(self.waiting(live).to_owned())),
                },
                Kind::OtherRun => {
                    let run = self.run()?;
                    (run.title.clone(), Ok(run.pictures.clone()))
                }
            };
            Some(Column { kind, title, pictures })
        };
        let wanted = [Kind::Teacher, Kind::OtherRun, Kind::Reals].into_iter();
        wanted.filter(|kind| self.show[kind.index()]).filter_map(column)
    }

    fn waiting(&self, live: bool) -> &'static str {
        match self.stage {
            _ if !live => "No run in this window draws it now",
            Some(Stage::Sid | Stage::Sign) => "The trainer draws it after this step",
            Some(Stage::Teacher) | None => "It is drawn when the student begins",
        }
    }

    /// What there is to choose from; returns a folder whose grids are to be read.
    pub fn menu(&mut self, ui: &mut Ui, live: bool) -> Option<PathBuf> {
        let Self { reals, teacher, run, show, .. } = self;
        let hover = "Training images, as many as there are samples; no seed has made them";
        ui.add_enabled_ui(reals.is_some(), |ui| {
            ui.checkbox(&mut show[Kind::Reals.index()], "Training images").on_hover_text(hover);
        });
        let hover =
            "What the teacher makes of the same noise in many evaluations: the trainer pauses to draw it";
        ui.add_enabled_ui(teacher.is_some() || live, |ui| {
            ui.checkbox(&mut show[Kind::Teacher.index()], "The teacher").on_hover_text(hover);
        });
        if let Some(run) = run {
            ui.checkbox(&mut show[Kind::OtherRun.index()], &run.title).on_hover_text("Its newest grid");
        }
        ui.separator();
        let label = ui.label("Another run, by its folder");
        let mut folder = None;
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.typed).hint_text("runs/00003-demo-sid");
            let field = ui.add_sized([PATH_WIDTH, 24.0], field).labelled_by(label.id);
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let path = path_of(&self.typed);
            let compare = ui.add_enabled(path.is_some(), Button::new("Compare"));
            let compare = compare.on_hover_text("Put its newest grid beside the samples");
            folder = path.filter(|_| compare.clicked() || entered);
        });
        if let Some(problem) = &self.problem {
            let words = RichText::new(problem).small().color(theme::palette(ui).error);
            ui.scope(|ui| {
                ui.set_max_width(PATH_WIDTH + 90.0);
                ui.label(words);
            });
        }
        folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn run(title: &str) -> OtherRun {
        let folder = "runs/00003-demo-sid".into();
        OtherRun { folder, title: title.to_owned(), labelled: false, pictures: Vec::new().into() }
    }

    #[test]
    fn a_run_that_cannot_be_read_again_stays_as_it_was() {
        let mut beside = Beside::default();
        beside.opened(Ok(run("60 kimg")), false);
        beside.opened(Err(Error::usage("the disk is gone")), true);
        assert_eq!(beside.run().map(|run| &*run.title), Some("60 kimg"));
        assert!(beside.problem.as_ref().is_some_and(|why| why.contains("the disk is gone")));
        beside.opened(Ok(run("80 kimg")), true);
        assert_eq!(beside.run().map(|run| &*run.title), Some("80 kimg"));
        assert_eq!(beside.problem, None);
    }

    #[test]
    fn what_was_unticked_stays_so_when_it_is_read_again() {
        let mut beside = Beside::default();
        beside.opened(Ok(run("60 kimg")), false);
        beside.show[Kind::OtherRun.index()] = false;
        beside.opened(Ok(run("80 kimg")), true);
        assert!(beside.run().is_none());
        beside.opened(Ok(run("80 kimg")), false);
        assert!(beside.run().is_some(), "named anew, it is shown");
    }
}
