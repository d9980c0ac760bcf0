//! The pane that makes pictures of new seeds, by the newest weights of the run, and saves them.

mod foot;
mod form;
mod grid;
mod keep;
mod pane;
mod save_menu;

use eframe::egui::Ui;

use self::form::Form;
use self::keep::Keeper;
use self::save_menu::Wanted;
use super::samples::Picked;
use super::samples::origin::Origin;
use super::status::Status;
use super::texture::Sheet;
use crate::run::message::{Command, Made, MakeRequest, Making, Message};

#[derive(Default)]
pub struct Generate {
    form: Form,
    origin: Origin,
    /// The number of the last request.
    ticket: u64,
    pending: Option<Pending>,
    made: Option<Made>,
    /// The picture that was clicked.
    chosen: Option<usize>,
    /// Why the last request could not be met.
    problem: Option<String>,
    sheet: Sheet,
    wanted: Wanted,
    keeper: Keeper,
    /// Whether there is a model yet.
    has_model: bool,
    /// Whether another process trains the run, or has until now.
    elsewhere: bool,
    /// Whether nobody is left to make anything.
    gone: bool,
}

/// A request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    ticket: u64,
    done: usize,
    total: usize,
}

impl Generate {
    pub fn receive(&mut self, message: &Message) {
        self.origin.receive(message);
        match message {
            // A run that is trained longer has dropped what was not done.
            Message::Started { .. } => (self.pending, self.elsewhere) = (None, false),
            Message::Followed(_) => self.elsewhere = true,
            Message::Recipe(toml) => self.form.after_the_runs_own(toml),
            Message::StageStarted { .. } => self.has_model = true,
            Message::Classes(classes) => self.form.know(classes.clone()),
            Message::Making(Making::Part { ticket, done, total }) => {
                let (ticket, done, total) = (*ticket, *done, *total);
                self.pending = self.pending.map(|known| match known.ticket == ticket {
                    true => Pending { ticket, done, total },
                    false => known,
                });
            }
            Message::Making(Making::Done { ticket, outcome })
                if self.pending.is_some_and(|pending| pending.ticket == *ticket) =>
            {
                self.pending = None;
                self.take(outcome.clone());
            }
            _ => {}
        }
    }

    fn take(&mut self, outcome: crate::error::Result<Made>) {
        match outcome {
            Ok(made) => {
                self.chosen = None;
                self.keeper.said = None;
                (self.made, self.problem) = (Some(made), None);
            }
            Err(error) => self.problem = Some(error.to_string()),
        }
    }

    /// The trainer has hung up.
    pub fn end(&mut self) {
        self.gone = true;
        self.pending = None;
    }

    /// Shows the pane; returns the picture that the user sends to the editor, if any.
    pub fn show(&mut self, ui: &mut Ui, status: &Status, commands: &mut Vec<Command>) -> Option<Picked> {
        self.keeper.collect();
        self.pane(ui, status.run_dir.as_deref(), commands)
    }

    fn ask(&mut self, commands: &mut Vec<Command>) {
        self.cancel(commands);
        self.ticket += 1;
        let Form { first_seed, count, class, .. } = self.form;
        let ticket = self.ticket;
        self.pending = Some(Pending { ticket, done: 0, total: count });
        self.problem = None;
        commands.push(Command::Make(MakeRequest { ticket, first_seed, count, class }));
    }

    fn cancel(&mut self, commands: &mut Vec<Command>) {
        if let Some(pending) = self.pending.take() {
            commands.push(Command::CancelMake(pending.ticket));
        }
    }

    /// Why nothing can be made now.
    fn missing(&self) -> Option<&'static str> {
        match (self.gone || self.elsewhere, self.has_model) {
            (true, _) if self.elsewhere => {
                Some("Another process trains this run: `signet sample` makes pictures with its checkpoints")
            }
            (true, _) => Some("The trainer has ended: `signet sample` makes pictures with its checkpoints"),
            (false, false) => Some("The first stage has not begun yet"),
            (false, true) => None,
        }
    }
}
