//! What undo goes back to: a picture, what of it is to be filled in, and what the model made of it.

use std::sync::Arc;

use image::{GrayImage, RgbImage};

use super::mask::Mask;
use crate::edit::{Corruption, Way, Wish};
use crate::run::message::{Projection, Weights};

/// One moment of a picture's history; copies share their pixels.
#[derive(Clone)]
pub struct State {
    pub picture: Arc<RgbImage>,
    /// As large as the picture.
    pub mask: Mask,
    /// How the picture was spoiled on purpose, first to last.
    pub spoiled: Vec<Corruption>,
    pub made: Option<Arc<Made>>,
}

/// What the model made, and how.
pub struct Made {
    pub projection: Projection,
    pub asked: Asked,
}

/// What a projection was asked for with.
#[derive(Clone)]
pub struct Asked {
    pub wish: Wish,
    pub weights: Weights,
    /// What was to be filled in; none where nothing was, or the way knows no masks.
    pub mask: Option<Arc<GrayImage>>,
}

impl State {
    /// A picture as it was opened.
    pub fn new(picture: Arc<RgbImage>) -> Self {
        let (width, height) = picture.dimensions();
        Self { picture, mask: Mask::new(width, height), spoiled: Vec::new(), made: None }
    }
}

/// What of a picture has become another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Mask,
    Result,
}

impl State {
    /// What somebody who goes from one state to the other wants to see.
    pub fn shown_change(&self, next: &Self) -> Option<Change> {
        let same_result = match (&self.made, &next.made) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        let same_mask = Arc::ptr_eq(self.mask.image(), next.mask.image());
        if !same_result { Some(Change::Result) } else { (!same_mask).then_some(Change::Mask) }
    }
}

impl Made {
    /// How often the model was applied for picture `index` of `after`, which may hold the last ones only.
    pub fn applications(&self, index: usize) -> usize {
        let left_out = self.projection.moved_rms.len().saturating_sub(self.projection.after.len());
        left_out + index + 1
    }
}

impl Asked {
    /// What `mask` means for `wish`: only filling in reads it.
    pub fn new(wish: Wish, weights: Weights, mask: &Mask) -> Self {
        let fills = wish.way.is_none_or(|way| way == Way::Inpaint);
        Self { wish, weights, mask: (fills && !mask.is_empty()).then(|| Arc::clone(mask.image())) }
    }

    /// Whether both ask for the same.
    pub fn is_as(&self, other: &Self) -> bool {
        let same_mask = match (&self.mask, &other.mask) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.wish == other.wish && self.weights == other.weights && same_mask
    }
}
