//! Edits that faces have asked for: each is done a part at a time, in turn with the others.

mod checkpoints;
mod job;
mod model;

use std::collections::VecDeque;

use burn::tensor::Device;

use self::checkpoints::Checkpoints;
use self::job::Job;
pub(super) use self::model::{Model, newest};
use super::message::{EditRequest, Edited, Message, Weights};
use crate::edit::Progress;
use crate::error::{Error, Result};

/// Edits in progress. Each keeps the weights that it began with, which takes their memory once more; the
/// others wait.
const AT_ONCE: usize = 4;

pub(super) struct Edits {
    waiting: VecDeque<EditRequest>,
    /// The next one to go on with comes first.
    begun: VecDeque<Job>,
    checkpoints: Checkpoints,
}

impl Edits {
    /// Checkpoints are opened on `device`.
    pub fn new(device: Device) -> Self {
        Self { waiting: VecDeque::new(), begun: VecDeque::new(), checkpoints: Checkpoints::new(device) }
    }

    pub fn ask(&mut self, request: EditRequest) {
        self.waiting.push_back(request);
    }

    pub fn cancel(&mut self, ticket: u64) {
        self.waiting.retain(|request| request.ticket != ticket);
        self.begun.retain(|job| job.ticket != ticket);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.begun.is_empty()
    }

    /// Does a part of the edit whose turn it is, and says how far that is; `newest` are the run's weights.
    /// Says nothing if there is nothing to do.
    pub fn advance(&mut self, newest: &dyn Fn() -> Result<Model>) -> Option<Message> {
        let has_room = self.begun.len() < AT_ONCE;
        let mut job = match self.waiting.pop_front_if(|_| has_room) {
            Some(request) => match self.begin(&request, newest) {
                Ok(job) => job,
                Err(error) => {
                    let EditRequest { ticket, name, .. } = request;
                    return Some(Message::Edited(Edited { ticket, name, outcome: Err(error) }));
                }
            },
            None => self.begun.pop_front()?,
        };
        let outcome = match job.advance() {
            Ok(Progress::Parts { done, total }) => {
                let ticket = job.ticket;
                self.begun.push_back(job);
                return Some(Message::Editing { ticket, done, total });
            }
            Ok(Progress::Result(made)) => Ok(made.projection),
            Err(error) => Err(error),
        };
        Some(Message::Edited(job.answer(outcome)))
    }

    /// Answers everything that is not done with `error`.
    pub fn refuse(&mut self, error: &Error) -> Vec<Message> {
        let begun = self.begun.drain(..).map(|job| job.answer(Err(error.clone())));
        let waiting = self.waiting.drain(..).map(|EditRequest { ticket, name, .. }| Edited {
            ticket,
            name,
            outcome: Err(error.clone()),
        });
        begun.chain(waiting).map(Message::Edited).collect()
    }

    fn begin(&mut self, request: &EditRequest, newest: &dyn Fn() -> Result<Model>) -> Result<Job> {
        let model = match &request.weights {
            Weights::Newest => newest()?,
            Weights::Checkpoint(path) => self.checkpoints.open(path)?,
        };
        Job::begin(request, model)
    }
}

#[cfg(test)]
mod tests;
