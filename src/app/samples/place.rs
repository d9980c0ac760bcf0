//! A moment of a run.

use crate::app::words;
use crate::run::message::{Progress, Stage};

/// Where a grid was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub stage: Stage,
    /// Thousand images of the stage; whole ones where a file's name says so.
    pub kimg: f64,
    /// Steps of the stage; files do not name them.
    pub step: Option<u64>,
}

impl Place {
    pub fn is_before(&self, other: &Self) -> bool {
        // A teacher comes before its student.
        let order = |place: &Self| (place.stage != Stage::Teacher, place.kimg);
        order(self) < order(other)
    }

    /// "sign · 18.0 kimg · step 1 125".
    pub fn words(&self) -> String {
        let stage = self.stage.name();
        match self.step {
            Some(step) => format!("{stage} · {} kimg · step {}", words::kimg(self.kimg), words::count(step)),
            None => format!("{stage} · {} kimg", self.kimg),
        }
    }
}

impl From<&Progress> for Place {
    fn from(at: &Progress) -> Self {
        Self { stage: at.stage, kimg: at.kimg, step: Some(at.step) }
    }
}
