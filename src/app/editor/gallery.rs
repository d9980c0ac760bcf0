//! The textures of the result that is being looked at.

use std::sync::Arc;

use eframe::egui::{Context, TextureHandle};

use super::difference;
use super::state::Made;
use crate::app::texture;

/// One result on the graphics card.
pub struct Hung {
    of: Arc<Made>,
    pub before: TextureHandle,
    pub after: Vec<TextureHandle>,
    difference: Option<(usize, Option<u32>, TextureHandle)>,
}

/// At most one result: others are uploaded again when they are looked at.
#[derive(Default)]
pub struct Gallery(Option<Hung>);

impl Gallery {
    pub fn hang(&mut self, ctx: &Context, made: &Arc<Made>) -> &mut Hung {
        let hung = self.0.take().filter(|hung| Arc::ptr_eq(&hung.of, made));
        self.0.insert(hung.unwrap_or_else(|| Hung::new(ctx, made)))
    }
}

impl Hung {
    fn new(ctx: &Context, made: &Arc<Made>) -> Self {
        let upload = |picture| texture::upload(ctx, "result", picture);
        Self {
            of: Arc::clone(made),
            before: upload(&made.projection.before),
            after: made.projection.after.iter().map(upload).collect(),
            difference: None,
        }
    }

    /// What application `chosen` changed, magnified, and how often; none where nothing changed.
    pub fn difference(&mut self, ctx: &Context, chosen: usize) -> Option<(Option<u32>, TextureHandle)> {
        let known = self.difference.take().filter(|(of, ..)| *of == chosen);
        if known.is_some() {
            self.difference = known;
        } else {
            let projection = &self.of.projection;
            let after = projection.after.get(chosen)?;
            let (factor, picture) = difference::magnified(&projection.before, after);
            self.difference = Some((chosen, factor, texture::upload(ctx, "difference", &picture)));
        }
        self.difference.as_ref().map(|(_, factor, texture)| (*factor, texture.clone()))
    }
}
