//! One edit that has begun.

use super::model::Model;
use crate::edit::{self, Canvas, Progress, Projection, Projector, Way, Work};
use crate::error::{Error, Result};
use crate::run::message::{EditRequest, Edited};

/// An edit with the weights that it began with. Were it to go on with newer ones, its result would be no
/// one model's, and another each time it is asked for; to keep them costs memory, but no copying.
pub struct Job {
    pub ticket: u64,
    name: String,
    class: Option<u32>,
    model: Model,
    work: Work,
}

impl Job {
    /// # Errors
    /// `Kind::Usage` for a wish that the model or the picture cannot meet, or a mask that does not fit.
    pub fn begin(request: &EditRequest, model: Model) -> Result<Self> {
        let EditRequest { ticket, name, image, mask, wish, .. } = request;
        let own = edit::Model::new(&model.generator, wish.class)?.shape();
        let fills = wish.way.is_none_or(|way| way == Way::Inpaint);
        let mask = mask.as_deref().filter(|_| fills);
        let canvas = Canvas::new(image, mask, own, wish.fit)?;
        check_marked(&canvas, wish.way)?;
        let settings = wish.settings(canvas.known.is_some(), own.short_side())?;
        let work = Work::new(canvas, &settings, own)?;
        Ok(Self { ticket: *ticket, name: name.clone(), class: wish.class, model, work })
    }

    /// # Errors
    /// What the device refuses.
    pub fn advance(&mut self) -> Result<Progress> {
        self.work.advance(&edit::Model::new(&self.model.generator, self.class)?)
    }

    pub fn answer(self, outcome: Result<Projection>) -> Edited {
        let Self { ticket, name, model, .. } = self;
        let outcome = outcome.map(|projection| Projection { model: model.label, ..projection });
        Edited { ticket, name, outcome }
    }
}

/// # Errors
/// `Kind::Usage` where inpainting is to fill in nothing, or everything.
fn check_marked(canvas: &Canvas, way: Option<Way>) -> Result<()> {
    match &canvas.known {
        None if way == Some(Way::Inpaint) => Err(Error::usage("nothing of the picture is marked")
            .hint("mark what is to be filled in, or edit the picture in another way")),
        Some(known) if !known.contains(&true) => {
            Err(Error::usage("nothing of the picture is known, at the size that is edited")
                .hint("mark less of it, or edit it in tiles, which keeps its size"))
        }
        _ => Ok(()),
    }
}
