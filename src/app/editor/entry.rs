//! One picture in the editor: its history, and what is on its way from the trainer.

use std::sync::Arc;

use image::RgbImage;

use super::decode::Origin;
use super::drift::Drift;
use super::history::History;
use super::look::Look;
use super::mask::Mask;
use super::settings::Settings;
use super::state::{Asked, Change, Made, State};
use crate::app::texture::Kept;
use crate::edit::{Advice, Usual, Way, Wish};
use crate::run::message::{EditRequest, Edited, Projection, Weights};

/// Why nothing is edited once nobody is there to do it.
pub const GONE: &str = "the trainer is gone; `signet edit` projects pictures with its last checkpoint";

/// What an answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// The picture was just opened: nobody has asked, and there is nothing to undo.
    First,
    Project,
    /// The result is projected again, for its drift.
    Repeat,
}

/// A request that is not answered yet.
pub struct Pending {
    request: EditRequest,
    aim: Aim,
    asked: Asked,
    /// The history's turn whose state the answer belongs into; none where it makes a state of its own.
    turn: Option<u64>,
    /// Whether the trainer has it; until then it waits here.
    pub is_sent: bool,
    /// Applications of f that are done, and all; none while the trainer has not begun.
    pub progress: Option<(usize, usize)>,
}

pub struct Entry {
    pub name: String,
    /// What its file says besides its pixels.
    pub origin: Origin,
    /// Which one it is of all that were opened: its noise is its own.
    pub number: u32,
    pub history: History<State>,
    /// As it is being painted; the present state's between two strokes. States keep theirs packed.
    pub mask: Mask,
    /// As they are being set; the present state's once a slider is let go.
    pub settings: Settings,
    /// What suits the picture, as of the last look.
    pub advice: Advice,
    look: Look,
    /// As it was opened.
    opened: Arc<RgbImage>,
    /// Index of the application that is selected, of the projection's `after`.
    pub chosen: usize,
    pub pending: Option<Pending>,
    /// Why the last request was not met, in words.
    pub refused: Option<String>,
    pub drift: Drift,
    pub texture: Kept,
}

impl Entry {
    pub fn new(name: String, picture: RgbImage, number: u32) -> Self {
        let picture = Arc::new(picture);
        let state = State::new(Arc::clone(&picture));
        Self {
            name,
            origin: Origin::default(),
            number,
            mask: state.mask.unpack(),
            settings: state.settings.clone(),
            advice: Advice::blind(false),
            look: Look::default(),
            opened: picture,
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

    /// Looks at the picture for what suits it; `side` is that of the model's pictures, pixels.
    pub fn look(&mut self, usual: &Usual, side: usize) {
        let picture = Arc::clone(&self.state().picture);
        self.advice = self.look.advice(&picture, self.has_mask(), self.settings.fit, usual, side);
    }

    /// The way that the picture would be edited now.
    pub fn way(&self) -> Way {
        self.settings.way_of(&self.advice)
    }

    /// What would be asked for now.
    pub fn asks(&self, weights: &Weights) -> Asked {
        Asked::new(self.settings.wish(&self.advice, self.number), weights.clone(), &self.mask)
    }

    /// Whether what is on its way comes to be shown, rather than measured only.
    pub fn is_projecting(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.aim != Aim::Repeat)
    }

    /// Whether it is to be shown what nobody has asked for yet in so many words.
    pub fn is_first(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.aim == Aim::First)
    }

    /// Asks for an edit of this picture, known by `ticket`. `aim` is not [`Aim::Repeat`].
    pub fn request(&mut self, ticket: u64, weights: &Weights, aim: Aim) {
        // What was set for it and what comes of it are one step back.
        let turn = self.keep_settings().then(|| self.history.turns());
        let (asked, image) = (self.asks(weights), Arc::clone(&self.state().picture));
        self.ask(ticket, aim, asked, image, turn);
    }

    /// Asks for the selected result to be projected once more; nothing where there is no result.
    pub fn repeat(&mut self, ticket: u64) {
        let Some(made) = self.state().made.clone() else { return };
        let Some(image) = self.drift.next(&made, self.chosen) else { return };
        let Asked { wish, weights, .. } = &made.asked;
        let once = Wish {
            way: Some(Way::Direct),
            steps: Some(1),
            strength_sigma: Some(0.0),
            fit: wish.fit,
            seed: wish.seed,
            picture: wish.picture,
            class: wish.class,
            ..Wish::default()
        };
        let asked = Asked { wish: once, weights: weights.clone(), mask: None };
        self.ask(ticket, Aim::Repeat, asked, image, None);
    }

    fn ask(&mut self, ticket: u64, aim: Aim, asked: Asked, image: Arc<RgbImage>, turn: Option<u64>) {
        let Asked { wish, weights, mask } = asked.clone();
        let mask = mask.map(|_| Arc::clone(self.mask.image()));
        let request = EditRequest { ticket, name: self.name.clone(), image, mask, wish, weights };
        self.pending = Some(Pending { request, aim, asked, turn, is_sent: false, progress: None });
        self.refused = None;
    }

    /// What the trainer is to be sent, if it has not been.
    pub fn send(&mut self, can_send: impl Fn(&Weights) -> bool) -> Option<EditRequest> {
        let can_send = |pending: &&mut Pending| !pending.is_sent && can_send(&pending.asked.weights);
        let pending = self.pending.as_mut().filter(can_send)?;
        pending.is_sent = true;
        Some(pending.request.clone())
    }

    /// Forgets what is on its way; returns its ticket, for the trainer, if that knows it.
    pub fn cancel(&mut self) -> Option<u64> {
        self.pending.take().filter(|pending| pending.is_sent).map(|pending| pending.request.ticket)
    }

    pub fn progress(&mut self, ticket: u64, done: usize, total: usize) {
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.request.ticket == ticket) {
            pending.progress = Some((done, total));
        }
    }

    /// Takes the trainer's answer if it is to the newest request; returns whether there is a result to show
    /// that was made of what is there now. What is refused for want of a model that is still to come, as
    /// `waits` says, waits for it.
    pub fn answer(&mut self, edited: &Edited, waits: impl Fn(&Weights) -> bool) -> bool {
        let Some(mut pending) = self.pending.take_if(|pending| pending.request.ticket == edited.ticket)
        else {
            return false;
        };
        match (&edited.outcome, pending.aim) {
            (Err(_), _) if waits(&pending.asked.weights) => {
                pending.is_sent = false;
                self.pending = Some(pending);
            }
            (Err(error), _) => self.refused = Some(error.to_string()),
            (Ok(projection), _) if projection.after.is_empty() => {
                self.refused = Some("the trainer sent no picture back".to_owned());
            }
            (Ok(projection), Aim::Repeat) => self.drift.add(projection),
            (Ok(projection), _) => return self.take(projection.clone(), pending),
        }
        false
    }

    fn take(&mut self, projection: Projection, pending: Pending) -> bool {
        let Pending { asked, aim, turn, request, .. } = pending;
        self.chosen = projection.after.len() - 1;
        let unchanged = self.has_mask_of(&asked);
        let made = Some(Arc::new(Made { projection, asked }));
        if aim == Aim::First {
            // Strokes that were drawn meanwhile are undone by themselves.
            self.history.amend_all(|state| {
                if state.made.is_none() && Arc::ptr_eq(&state.picture, &request.image) {
                    state.made.clone_from(&made);
                }
            });
        } else if turn == Some(self.history.turns()) {
            self.history.amend(|state| state.made = made);
        } else {
            self.history.push(State { made, ..self.now() });
        }
        unchanged
    }

    /// The present state with what has been set since.
    fn now(&self) -> State {
        State { settings: self.settings.clone(), ..self.state().clone() }
    }

    /// Whether `asked` would be asked for with the mask that is there now.
    fn has_mask_of(&self, asked: &Asked) -> bool {
        asked.is_as(&Asked::new(asked.wish.clone(), asked.weights.clone(), &self.mask))
    }

    /// Makes `state` the present one; what was on its way for another picture is given back, to be
    /// cancelled.
    pub fn change(&mut self, state: State) -> Option<u64> {
        let before = self.state().clone();
        self.history.push(state);
        self.settle(&before)
    }

    /// A stroke has ended: what is painted becomes the present mask.
    pub fn keep_mask(&mut self) {
        self.history.push(State { mask: self.mask.pack(), ..self.now() });
    }

    /// A slider has been let go: what is set is a step of its own; whether it was another before.
    pub fn keep_settings(&mut self) -> bool {
        let has_changed = self.settings != self.state().settings;
        if has_changed {
            self.history.push(self.now());
        }
        has_changed
    }

    /// Goes back, or forth again; returns the ticket of a request that no longer makes sense.
    pub fn travel(&mut self, back: bool) -> Option<u64> {
        let before = self.state().clone();
        if back {
            self.history.undo();
        } else {
            self.history.redo();
        }
        self.settle(&before)
    }

    fn settle(&mut self, before: &State) -> Option<u64> {
        let state = self.history.present();
        if self.mask.stamp() != state.mask.stamp() {
            self.mask = state.mask.unpack();
        }
        let settings = std::mem::replace(&mut self.settings, state.settings.clone());
        // Another result is looked at as if it had just come: with its last application.
        if before.shown_change(state) == Some(Change::Result) {
            self.chosen = state.made.as_ref().map_or(0, |made| made.projection.after.len() - 1);
        }
        let other = !Arc::ptr_eq(&before.picture, &state.picture) || settings != self.settings;
        // Its result would be taken for a new step, and what was undone could not be done again.
        let elsewhere = |pending: &Pending| pending.aim != Aim::Repeat && !self.has_mask_of(&pending.asked);
        if other || self.pending.as_ref().is_some_and(elsewhere) { self.cancel() } else { None }
    }

    /// The selected result in place of the picture.
    pub fn use_as_input(&mut self) -> Option<u64> {
        let state = self.now();
        let result = state.made.as_ref().and_then(|made| made.projection.after.get(self.chosen));
        let mut next = State::new(Arc::new(result?.clone()));
        next.spoiled.clone_from(&state.spoiled);
        next.settings = state.settings;
        if next.mask.size() == state.mask.size() {
            next.mask = state.mask;
        }
        self.change(next)
    }

    /// Whether the picture is as it was opened, with nothing marked and nothing made of it.
    pub fn is_as_opened(&self) -> bool {
        Arc::ptr_eq(&self.opened, &self.state().picture) && !self.has_mask() && self.state().made.is_none()
    }

    /// The picture as it was opened.
    pub fn reopen(&mut self) -> Option<u64> {
        let fit = self.settings.fit;
        let state = State::new(Arc::clone(&self.opened));
        let settings = Settings { fit, ..state.settings.clone() };
        self.change(State { settings, ..state })
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
        Entry::new("a.png".to_owned(), RgbImage::new(16, 16), 0)
    }

    /// Marks a corner, as a stroke does.
    fn paint(entry: &mut Entry, side: f32) {
        entry.mask.fill_box([0.0, 0.0], [side, side], u8::MAX);
        entry.keep_mask();
    }

    fn ask(entry: &mut Entry, ticket: u64) -> EditRequest {
        entry.look(&Usual::default(), 16);
        entry.request(ticket, &Weights::Newest, Aim::Project);
        entry.send(|_| true).expect("a request")
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
        entry.answer(&Edited { ticket, name: entry.name.clone(), outcome }, |_| false)
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
        assert!(now(&mut entry).is_as(&asked(&entry)));
    }

    /// What would be asked for now.
    fn now(entry: &mut Entry) -> Asked {
        entry.look(&Usual::default(), 16);
        entry.asks(&Weights::Newest)
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
        assert!(!now(&mut entry).is_as(&asked(&entry)), "the mask has changed");
        entry.travel(true);
        assert!(now(&mut entry).is_as(&asked(&entry)), "and changed back");
    }

    fn undone(entry: &mut Entry) -> usize {
        std::iter::from_fn(|| entry.history.can_undo().then(|| entry.travel(true))).count()
    }

    #[test]
    fn every_click_is_one_step_back() {
        let mut entry = entry();
        entry.request(1, &Weights::Newest, Aim::First);
        paint(&mut entry, 4.0);
        entry.send(|_| true);
        assert!(!answer(&mut entry, 1), "it is of the picture before the stroke");
        assert_eq!(undone(&mut entry), 1, "what nobody asked for is no step");
        assert!(entry.state().made.is_some(), "and is there before the stroke too");

        entry.settings = entry.settings.good(Way::Colourise);
        ask(&mut entry, 2);
        assert!(answer(&mut entry, 2));
        entry.settings.seed += 1;
        ask(&mut entry, 3);
        assert!(answer(&mut entry, 3));
        assert_eq!(entry.settings.seed, 1);
        entry.travel(true);
        assert_eq!(
            (entry.settings.seed, asked(&entry).wish.seed),
            (0, 0),
            "the seed before, with its result"
        );
        assert_eq!(undone(&mut entry), 1);
        assert_eq!(entry.settings, Settings::default());
        assert_eq!(asked(&entry).wish.way, None);
    }

    #[test]
    fn a_slider_that_is_let_go_is_one_step_back() {
        let mut entry = entry();
        for steps in [3, 4, 5] {
            entry.settings.steps = steps;
        }
        assert!(entry.keep_settings() && !entry.keep_settings());
        entry.settings.steps = 9;
        ask(&mut entry, 1);
        entry.settings.steps = 2;
        assert!(entry.keep_settings(), "set while it is edited");
        assert!(answer(&mut entry, 1));
        assert_eq!(undone(&mut entry), 4, "two sliders, a click with what was set before it, a result");
        assert_eq!(entry.settings.steps, Settings::default().steps);
    }

    #[test]
    fn what_there_is_no_model_for_waits() {
        let mut entry = entry();
        entry.request(1, &Weights::Newest, Aim::Project);
        assert!(entry.send(|_| false).is_none());
        assert_eq!(entry.cancel(), None, "the trainer has never heard of it");
        entry.request(2, &Weights::Newest, Aim::Project);
        assert!(entry.send(|_| true).is_some() && entry.send(|_| true).is_none());
        let refusal =
            Edited { ticket: 2, name: String::new(), outcome: Err(crate::error::Error::usage("early")) };
        assert!(!entry.answer(&refusal, |_| true));
        assert_eq!(entry.refused, None);
        assert_eq!(entry.send(|_| true).map(|request| request.ticket), Some(2));
        assert!(!entry.answer(&refusal, |_| false));
        assert_eq!(entry.refused.as_deref(), Some("early"));
    }

    #[test]
    fn the_picture_comes_back_as_it_was_opened() {
        let mut entry = entry();
        paint(&mut entry, 4.0);
        ask(&mut entry, 1);
        assert!(answer(&mut entry, 1));
        entry.use_as_input();
        assert!(!entry.is_as_opened());
        entry.reopen();
        assert!(entry.is_as_opened() && !entry.has_mask());
        entry.travel(true);
        assert!(!entry.is_as_opened(), "which is undone as well");
    }
}
