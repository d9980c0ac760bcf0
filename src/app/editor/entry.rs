//! One picture in the editor: what it is, and what the model made of it.

use std::sync::Arc;

use eframe::egui::{Context, TextureHandle};
use image::RgbImage;

use crate::app::texture;
use crate::edit::Wish;
use crate::run::message::{EditRequest, Edited, Projection, Weights};

/// How a projection is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Applications of f.
    pub steps: usize,
    /// Noise level added first; 0 projects the picture as it is.
    pub strength_sigma: f32,
    pub seed: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { steps: 2, strength_sigma: 0.0, seed: 0 }
    }
}

/// A projection with its pictures on the graphics card.
pub struct Shown {
    pub projection: Projection,
    pub before: TextureHandle,
    pub after: Vec<TextureHandle>,
    pub settings: Settings,
}

pub enum State {
    /// The request is on its way.
    Waiting,
    Projected(Box<Shown>),
    /// Why there is no projection, in words.
    Refused(String),
}

pub struct Entry {
    pub name: String,
    pub original: Arc<RgbImage>,
    pub thumb: TextureHandle,
    pub state: State,
    /// Index of the application that is selected, of the projection's `after`.
    pub chosen: usize,
    /// The newest request; an answer to an older one is out of date.
    ticket: u64,
    /// The settings of that request.
    asked: Settings,
}

impl Entry {
    pub fn new(ctx: &Context, name: String, original: RgbImage) -> Self {
        let thumb = texture::upload(ctx, &name, &original);
        let asked = Settings::default();
        let original = Arc::new(original);
        Self { name, original, thumb, state: State::Waiting, chosen: 0, ticket: 0, asked }
    }

    /// The request that projects this picture, known by `ticket`.
    pub fn request(&mut self, ticket: u64, settings: Settings) -> EditRequest {
        self.ticket = ticket;
        self.asked = settings;
        // An older projection stays in sight until the new one is there.
        if matches!(self.state, State::Refused(_)) {
            self.state = State::Waiting;
        }
        EditRequest {
            ticket,
            name: self.name.clone(),
            image: self.original.clone(),
            mask: None,
            wish: Wish {
                steps: Some(settings.steps),
                strength_sigma: Some(f64::from(settings.strength_sigma)),
                seed: settings.seed,
                ..Wish::default()
            },
            weights: Weights::Newest,
        }
    }

    /// Takes the trainer's answer if it is the one to the newest request.
    pub fn answer(&mut self, ctx: &Context, edited: &Edited) {
        if edited.ticket != self.ticket {
            return;
        }
        self.state = match &edited.outcome {
            Ok(projection) if projection.after.is_empty() => {
                State::Refused("the trainer sent no picture back".to_owned())
            }
            Ok(projection) => {
                self.chosen = projection.after.len() - 1;
                let after = projection.after.iter().map(|picture| texture::upload(ctx, &self.name, picture));
                State::Projected(Box::new(Shown {
                    before: texture::upload(ctx, &self.name, &projection.before),
                    after: after.collect(),
                    settings: self.asked,
                    projection: projection.clone(),
                }))
            }
            Err(error) => State::Refused(error.to_string()),
        };
    }

    /// The run is over: what still waits will not be answered.
    pub fn give_up(&mut self) {
        if matches!(self.state, State::Waiting) {
            let words = "the run has ended; `signet edit` projects pictures with its checkpoint";
            self.state = State::Refused(words.to_owned());
        }
    }
}
