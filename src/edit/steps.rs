//! f again and again, a part of an application at a time: whoever applies it can do other things in between.

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
    /// The pictures as the last finished application left them.
    x: Vec<f32>,
    count: usize,
    done: usize,
    application: Option<Application>,
}

/// An application of f, some of its parts done.
struct Application {
    u: Vec<f32>,
    made: Vec<f32>,
    parts_done: usize,
}

impl Steps {
    /// f `count` times, each on what the one before made, `x` first.
    pub fn again(x: Vec<f32>, count: usize) -> Self {
        Self { between: None, x, count, done: 0, application: None }
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

    /// What the last finished application left.
    pub fn x(&self) -> &[f32] {
        &self.x
    }

    /// Does the next part; says whether an application ended with it. Nothing is left to do once all are done.
    ///
    /// # Errors
    /// What f refuses.
    pub fn advance(&mut self, f: &dyn Projector) -> Result<bool> {
        if self.is_done() {
            return Ok(false);
        }
        let mut now = self.application.take().unwrap_or_else(|| self.begin());
        f.project_part(&now.u, now.parts_done, &mut now.made)?;
        now.parts_done += 1;
        if now.parts_done < f.parts(&now.u) {
            self.application = Some(now);
            return Ok(false);
        }
        self.x = now.made;
        if let Some(between) = &self.between {
            between.after(&mut self.x);
        }
        self.done += 1;
        Ok(true)
    }

    fn begin(&self) -> Application {
        let u = match &self.between {
            Some(between) => between.before(self.done as u64, &self.x),
            None => self.x.clone(),
        };
        Application { made: vec![0.0; u.len()], u, parts_done: 0 }
    }

    /// Does all that is left; `watch` sees x after each application.
    ///
    /// # Errors
    /// What f refuses.
    pub fn run(mut self, f: &dyn Projector, watch: &mut dyn FnMut(&[f32])) -> Result<Vec<f32>> {
        while !self.is_done() {
            if self.advance(f)? {
                watch(&self.x);
            }
        }
        Ok(self.x)
    }
}
