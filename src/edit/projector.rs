//! f, whatever the size of the pictures that it is applied to.

use crate::data::Shape;
use crate::diffusion::{Classes, Generator};
use crate::error::Result;
use crate::finite::check_rows;

/// A map of pictures of one shape onto pictures that look like the data.
pub trait Projector {
    fn shape(&self) -> Shape;

    /// f of pictures (C×H×W one after another) in variance-preserving coordinates: `x / sqrt(1 + sigma²)`
    /// where x has noise of level sigma. The result is in pixels' own coordinates.
    ///
    /// # Errors
    /// `Kind::Diverged` where it makes no numbers, what the model or its device refuses.
    fn project(&self, u: &[f32]) -> Result<Vec<f32>>;
}

/// A SIGN model at its own resolution.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    generator: &'a Generator,
    /// The class that it is to see in every picture; none leaves it open.
    class: Option<u32>,
}

impl<'a> Model<'a> {
    /// # Errors
    /// `Kind::Usage` for a model that cannot project, or a class that it does not know.
    pub fn new(generator: &'a Generator, class: Option<u32>) -> Result<Self> {
        generator.check_projects()?;
        if let Some(class) = class {
            Classes::One(class).of(&generator.spec.unet, 1)?;
        }
        Ok(Self { generator, class })
    }
}

impl Projector for Model<'_> {
    fn shape(&self) -> Shape {
        let unet = &self.generator.spec.unet;
        Shape::square(unet.img_channels, unet.img_resolution)
    }

    fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
        let count = u.len() / self.generator.image_len();
        let classes = self.class.map(|class| vec![class; count]);
        let made = self.generator.project(u, classes.as_deref())?;
        check_rows("edited pictures", &made, self.generator.image_len())?;
        Ok(made)
    }
}
