//! Turns what the trainer says of its judges into pictures.

use std::sync::Arc;

use super::message::{Diagnosed, Message};
use super::running::Running;
use super::session::Session;
use crate::data::pixels;
use crate::diffusion::SIGMA_DATA;
use crate::error::Result;
use crate::train::LEVELS;

impl Session {
    /// Says how the student is judged now. Nothing is said in a teacher's stage; no training state changes.
    pub(super) fn diagnose(&self, running: &Running) -> Result<()> {
        let Some(found) = running.trainer.diagnose()? else { return Ok(()) };
        let (channels, size) = (self.data.channels, self.data.size);
        let picture = |chw: &[f32]| pixels::picture_from_chw(chw, channels, size);
        let len = (channels * size * size).max(1);
        let difference: Vec<f32> = found.teacher.iter().zip(&found.fake).map(|(a, b)| a - b).collect();
        let mut pictures = Vec::new();
        for (i, noisy) in found.noisy.chunks_exact(len).enumerate() {
            let sigma = LEVELS[i % LEVELS.len()];
            // At the scale of images, however much noise there is.
            let scale = (SIGMA_DATA / SIGMA_DATA.hypot(sigma)) as f32;
            let of = |all: &[f32]| all[i * len..][..len].to_vec();
            let gap = of(&difference);
            let largest = gap.iter().fold(f32::MIN_POSITIVE, |most, d| most.max(d.abs()));
            let rows = [
                noisy.iter().map(|x| x * scale).collect(),
                of(&found.teacher),
                of(&found.fake),
                gap.iter().map(|d| d / largest).collect(),
            ];
            pictures.extend(rows.iter().map(|chw: &Vec<f32>| picture(chw)));
        }
        self.say(Message::Diagnosis(Arc::new(Diagnosed {
            at: self.progress(running),
            sigmas: LEVELS.to_vec(),
            pictures: pictures.into(),
            disagreement: found.disagreement,
            fake_loss: found.fake_loss,
        })));
        Ok(())
    }
}
