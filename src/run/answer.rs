//! Carries out a face's wish to project an image.

use super::message::{EditRequest, Edited, Projection};
use crate::diffusion::Generator;
use crate::edit::{self, Settings};
use crate::error::{Error, Result};

/// Projects with `generator`, or says why not; `label` names the weights.
pub fn answer(request: EditRequest, generator: Option<&Generator>, label: &str) -> Edited {
    let EditRequest { ticket, name, image, steps, strength_sigma, seed } = request;
    let settings = Settings::direct(steps, strength_sigma, seed);
    let outcome = generator
        .ok_or_else(too_early)
        .and_then(|g| -> Result<Projection> { edit::project(g, label, &image, &settings) });
    Edited { ticket, name, outcome }
}

fn too_early() -> Error {
    Error::usage("the teacher is still in training: it makes images, but only the SIGN stage can project one")
        .hint("wait for the SIGN stage; the image is projected when you ask again")
}
