//! f again and again, one application at a time: whoever applies it can do other things in between.

use super::Projector;
use crate::error::Result;

/// What goes on between two applications of f.
pub trait Between {
    /// What application `step` is given, after the one before left `x`.
    fn before(&self, step: u64, x: &[f32]) -> Vec<f32>;

    /// Makes x of what f made.
    fn after(&self, made: &mut [f32]);
}

/// Applications of f to pictures, some of them done.
pub struct Steps {
    between: Option<Box<dyn Between>>,
    /// The pictures as the last application left them.
    x: Vec<f32>,
    count: usize,
    done: usize,
}

impl Steps {
    /// f `count` times, each on what the one before made, `x` first.
    pub fn again(x: Vec<f32>, count: usize) -> Self {
        Self { between: None, x, count, done: 0 }
    }

    /// The same, with `between` before and after each.
    pub fn with(between: impl Between + 'static, x: Vec<f32>, count: usize) -> Self {
        Self { between: Some(Box::new(between)), ..Self::again(x, count) }
    }

    /// Applications of f, all together.
    pub fn count(&self) -> usize {
        self.count
    }

    pub fn is_done(&self) -> bool {
        self.done == self.count
    }

    /// What the last application left.
    pub fn x(&self) -> &[f32] {
        &self.x
    }

    /// Applies f once more. Nothing is left to do once all are done.
    ///
    /// # Errors
    /// What f refuses.
    pub fn advance(&mut self, f: &dyn Projector) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        self.x = match &self.between {
            Some(between) => {
                let mut made = f.project(&between.before(self.done as u64, &self.x))?;
                between.after(&mut made);
                made
            }
            None => f.project(&self.x)?,
        };
        self.done += 1;
        Ok(())
    }

    /// Does all that is left; `watch` sees x after each application.
    ///
    /// # Errors
    /// What f refuses.
    pub fn run(mut self, f: &dyn Projector, watch: &mut dyn FnMut(&[f32])) -> Result<Vec<f32>> {
        while !self.is_done() {
            self.advance(f)?;
            watch(&self.x);
        }
        Ok(self.x)
    }
}
