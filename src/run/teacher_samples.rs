//! What a student's teacher makes of the run's seeds, for whoever wants to compare.

use super::grids::pictures;
use super::message::Message;
use super::preparing::Preparing;
use super::running::Running;
use super::session::Session;
use crate::diffusion::{Generator, Sampler, Starts};
use crate::error::Result;
use crate::recipe::Recipe;

/// Heun's steps for one look: with 19 evaluations an image its shapes have settled, and it takes half as long
/// as for a measurement.
const STEPS: usize = 10;

impl Session {
    /// Draws and says the teacher's grid; in a teacher's own stage, promises it for the next one. No training
    /// state changes.
    pub(super) fn show_teacher(&mut self, running: &Running) -> Result<()> {
        let steps = STEPS.min(self.recipe.teacher.sample_steps);
        let teacher = running.trainer.teacher(steps)?;
        self.teacher_wanted = teacher.is_none();
        let Some(teacher) = teacher else { return Ok(()) };
        let starts = self.grid_starts(&teacher)?;
        let (len, total) = (teacher.image_len(), (starts.seeds.len() * steps) as u64);
        let mut done = 0;
        let mut preparing = Preparing::new(&self.says, &self.hears.interrupt);
        let watch = |_: usize, images: &[f64]| {
            done += (images.len() / len) as u64;
            preparing.tell("drawing the teacher's samples", done, total)
        };
        let sampler = Sampler::heun(steps, teacher.spec.precond);
        let images = draw(&self.recipe, &teacher, &sampler, &starts, watch)?;
        let pictures = pictures(&teacher, &images);
        self.say(Message::TeacherSamples { pictures, evaluations: 2 * steps - 1 });
        Ok(())
    }
}

/// The images of whoever judges the student: the network, or the world itself where it is known exactly.
fn draw(
    recipe: &Recipe,
    teacher: &Generator,
    sampler: &Sampler,
    starts: &Starts,
    watch: impl FnMut(usize, &[f64]) -> Result<()>,
) -> Result<Vec<f32>> {
    let Some(world) = recipe.data.world.filter(|_| recipe.teacher.exact) else {
        return teacher.integrate_watched(starts, sampler, watch);
    };
    let mixture = world.mixture();
    let mut denoise = |x: &[f64], sigma: f64| Ok(mixture.denoise(x, sigma));
    let images = sampler.run(&mut denoise, &starts.latents, |_| Vec::new(), watch)?;
    Ok(images.into_iter().map(|v| v as f32).collect())
}
