//! One picture in the editor: its history, and what is on its way from the trainer.

use std::sync::Arc;

use image::RgbImage;

use super::decode::Origin;
use super::drift::Drift;
use super::history::History;
use super::mask::Mask;
use super::settings::Settings;
use super::state::{Asked, Made, State};
use crate::app::texture::Kept;
use crate::edit::{Way, Wish};
use crate::run::message::{EditRequest, Edited, Projection, Weights};

/// Why nothing is edited once nobody is there to do it.
pub const GONE: &str = "the trainer is gone; `signet edit` projects pictures with its last checkpoint";

/// What an answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Project,
    /// The result is projected again, for its drift.
    Repeat,
}

/// A request that is not answered yet.
pub struct Pending {
    ticket: u64,
    aim: Aim,
    asked: Asked,
    /// Applications of f that are done, and all; none while the trainer has not begun.
    pub progress: Option<(usize, usize)>,
}

pub struct Entry {
    pub name: String,
    /// What its file says besides its pixels.
    pub origin: Origin,
    pub history: History<State>,
    /// As it is being painted; the present state's between two strokes. States keep theirs packed.
    pub mask: Mask,
    /// Index of the application that is selected, of the projection's `after`.
    pub chosen: usize,
    pub pending: Option<Pending>,
    /// Why the last request was not met, in words.
    pub refused: Option<String>,
    pub drift: Drift,
    pub texture: Kept,
}

impl Entry {
    pub fn new(name: String, picture: RgbImage) -> Self {
        let state = State::new(Arc::new(picture));
        Self {
            name,
            origin: Origin::default(),
            mask: state.mask.unpack(),
            history: History::new(state),
            chosen: 0,
            pending: None,
            refused: None,
            drift: Drift::default(),
            texture: Kept::default(),
        }
    }

    pub fn state(&self) -> &State {
        self.history.present()
    }

    pub fn has_mask(&self) -> bool {
        !self.mask.is_empty()
    }

    /// What would be asked for now.
    pub fn asks(&self, settings: &Settings, weights: &Weights) -> Asked {
        Asked::new(settings.wish(self.has_mask()), weights.clone(), &self.mask)
    }

    /// Whether what is on its way comes to be shown, rather than measured only.
    pub fn is_projecting(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.aim == Aim::Project)
    }

    /// The request that edits this picture, known by `ticket`.
    pub fn request(&mut self, ticket: u64, asked: Asked) -> EditRequest {
        let image = Arc::clone(&self.state().picture);
        self.send(ticket, Aim::Project, asked, image)
    }

    /// The request that projects the selected result once more; none where there is no result.
    pub fn repeat(&mut self, ticket: u64) -> Option<EditRequest> {
        let made = self.state().made.clone()?;
        let image = self.drift.next(&made, self.chosen)?;
        let Asked { wish, weights, .. } = &made.asked;
        let once = Wish {
            way: Some(Way::Direct),
            steps: Some(1),
            strength_sigma: Some(0.0),
            fit: wish.fit,
            seed: wish.seed,
            class: wish.class,
            ..Wish::default()
        };
        let asked = Asked { wish: once, weights: weights.clone(), mask: None };
        Some(self.send(ticket, Aim::Repeat, asked, image))
    }

    fn send(&mut self, ticket: u64, aim: Aim, asked: Asked, image: Arc<RgbImage>) -> EditRequest {
        let Asked { wish, weights, mask } = asked.clone();
        let mask = mask.map(|_| Arc::clone(self.mask.image()));
        self.pending = Some(Pending { ticket, aim, asked, progress: None });
        self.refused = None;
        EditRequest { ticket, name: self.name.clone(), image, mask, wish, weights }
    }

    /// Forgets what is on its way; returns its ticket, for the trainer.
    pub fn cancel(&mut self) -> Option<u64> {
        self.pending.take().map(|pending| pending.ticket)
    }

    pub fn progress(&mut self, ticket: u64, done: usize, total: usize) {
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.ticket == ticket) {
            pending.progress = Some((done, total));
        }
    }

    /// Takes the trainer's answer if it is to the newest request; returns whether there is a result to show
    /// that was made of what is there now.
    pub fn answer(&mut self, edited: &Edited) -> bool {
        let Some(pending) = self.pending.take_if(|pending| pending.ticket == edited.ticket) else {
            return false;
        };
        match (&edited.outcome, pending.aim) {
            (Err(error), _) => self.refused = Some(error.to_string()),
            (Ok(projection), _) if projection.after.is_empty() => {
                self.refused = Some("the trainer sent no picture back".to_owned());
            }
            (Ok(projection), Aim::Repeat) => self.drift.add(projection),
            (Ok(projection), Aim::Project) => return self.take(projection.clone(), pending.asked),
        }
        false
    }

    fn take(&mut self, projection: Projection, asked: Asked) -> bool {
        self.chosen = projection.after.len() - 1;
        let unchanged = self.has_mask_of(&asked);
        let made = Some(Arc::new(Made { projection, asked }));
        self.history.push(State { made, ..self.state().clone() });
        unchanged
    }

    /// Whether `asked` would be asked for with the mask that is there now.
    fn has_mask_of(&self, asked: &Asked) -> bool {
        asked.is_as(&Asked::new(asked.wish.clone(), asked.weights.clone(), &self.mask))
    }

    /// Makes `state` the present one; what was on its way for another picture is given back, to be
    /// cancelled.
    pub fn change(&mut self, state: State) -> Option<u64> {
        let before = Arc::clone(&self.state().picture);
        self.history.push(state);
        self.settle(&before)
    }

    /// A stroke has ended: what is painted becomes the present mask.
    pub fn keep_mask(&mut self) {
        self.history.push(State { mask: self.mask.pack(), ..self.state().clone() });
    }

    /// Goes back, or forth again; returns the ticket of a request that no longer makes sense.
    pub fn travel(&mut self, back: bool) -> Option<u64> {
        let before = Arc::clone(&self.state().picture);
        if back {
            self.history.undo();
        } else {
            self.history.redo();
        }
        self.settle(&before)
    }

    fn settle(&mut self, before: &Arc<RgbImage>) -> Option<u64> {
        let state = self.history.present();
        if self.mask.stamp() != state.mask.stamp() {
            self.mask = state.mask.unpack();
        }
        let last = state.made.as_ref().map_or(0, |made| made.projection.after.len() - 1);
        self.chosen = self.chosen.min(last);
        let other = !Arc::ptr_eq(before, &state.picture);
        // Its result would be taken for a new step, and what was undone could not be done again.
        let elsewhere = |pending: &Pending| pending.aim == Aim::Project && !self.has_mask_of(&pending.asked);
        if other || self.pending.as_ref().is_some_and(elsewhere) { self.cancel() } else { None }
    }

    /// The selected result in place of the picture.
    pub fn use_as_input(&mut self) -> Option<u64> {
        let state = self.state();
        let result = state.made.as_ref().and_then(|made| made.projection.after.get(self.chosen));
        let mut next = State::new(Arc::new(result?.clone()));
        next.spoiled.clone_from(&state.spoiled);
        if next.mask.size() == state.mask.size() {
            next.mask = state.mask.clone();
        }
        self.change(next)
    }

    /// Nobody is there to answer: what still waits will not be answered.
    pub fn give_up(&mut self) {
        if self.pending.take().is_some() {
            self.refused = Some(GONE.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;

    fn entry() -> Entry {
        Entry::new("a.png".to_owned(), RgbImage::new(16, 16))
    }

    /// Marks a corner, as a stroke does.
    fn paint(entry: &mut Entry, side: f32) {
        entry.mask.fill_box([0.0, 0.0], [side, side], u8::MAX);
        entry.keep_mask();
    }

    fn ask(entry: &mut Entry, ticket: u64) -> EditRequest {
        let asked = entry.asks(&Settings::default(), &Weights::Newest);
        entry.request(ticket, asked)
    }

    fn answer(entry: &mut Entry, ticket: u64) -> bool {
        let picture = RgbImage::new(16, 16);
        let outcome: Result<Projection> = Ok(Projection {
            before: picture.clone(),
            after: vec![picture],
            moved_rms: vec![0.1],
            idempotence_rms: 0.1,
            model: "sign".to_owned(),
        });
        entry.answer(&Edited { ticket, name: entry.name.clone(), outcome })
    }

    #[test]
    fn an_undone_stroke_takes_its_projection_with_it() {
        let mut entry = entry();
        paint(&mut entry, 4.0);
        let request = ask(&mut entry, 1);
        assert!(request.mask.is_some_and(|mask| mask.iter().filter(|value| **value > 0).count() == 16));
        assert_eq!(entry.travel(true), Some(1), "the trainer is told");
        assert!(!answer(&mut entry, 1), "what comes all the same is for nobody");
        assert!(entry.history.can_redo(), "the stroke can be done again");
        assert_eq!(entry.travel(false), None);
        assert_eq!(entry.mask.share(), 16.0 / 256.0);
    }

    #[test]
    fn a_projection_of_the_mask_that_comes_back_goes_on() {
        let mut entry = entry();
        paint(&mut entry, 4.0);
        ask(&mut entry, 1);
        paint(&mut entry, 8.0);
        assert_eq!(entry.travel(true), None, "this is what was asked with");
        assert!(answer(&mut entry, 1));
        assert!(entry.asks(&Settings::default(), &Weights::Newest).is_as(&asked(&entry)));
    }

    fn asked(entry: &Entry) -> Asked {
        entry.state().made.as_ref().expect("a result").asked.clone()
    }

    #[test]
    fn a_mask_that_came_back_is_no_other_one() {
        let mut entry = entry();
        paint(&mut entry, 4.0);
        ask(&mut entry, 1);
        assert!(answer(&mut entry, 1));
        paint(&mut entry, 8.0);
        let now = |entry: &Entry| entry.asks(&Settings::default(), &Weights::Newest);
        assert!(!now(&entry).is_as(&asked(&entry)), "the mask has changed");
        entry.travel(true);
        assert!(now(&entry).is_as(&asked(&entry)), "and changed back");
    }
}
