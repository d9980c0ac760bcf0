//! What undo goes back to: a picture, what of it is to be filled in, how it is to be edited, and what the model
//! made of it.

use std::sync::Arc;

use image::RgbImage;

use super::history::Weigh;
use super::mask::{Mask, Packed, Stamp};
use super::settings::Settings;
use crate::edit::{Corruption, Way, Wish};
use crate::run::message::{Projection, Weights};

/// One moment of a picture's history; copies share their pixels.
#[derive(Clone)]
pub struct State {
    pub picture: Arc<RgbImage>,
    /// As large as the picture.
    pub mask: Packed,
    /// How the picture was spoiled on purpose, first to last.
    pub spoiled: Vec<Corruption>,
    /// How it is edited next.
    pub settings: Settings,
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
    pub mask: Option<Stamp>,
}

impl State {
    /// A picture as it was opened.
    pub fn new(picture: Arc<RgbImage>) -> Self {
        let (width, height) = picture.dimensions();
        let mask = Mask::new(width, height).pack();
        Self { picture, mask, spoiled: Vec::new(), settings: Settings::default(), made: None }
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
        let same_result = one(self.made.as_ref(), next.made.as_ref());
        let same_mask = self.mask.stamp() == next.mask.stamp();
        if !same_result { Some(Change::Result) } else { (!same_mask).then_some(Change::Mask) }
    }
}

/// Whether both are one and the same, or nothing.
fn one(a: Option<&Arc<Made>>, b: Option<&Arc<Made>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

impl Weigh for State {
    fn bytes(&self, before: Option<&Self>) -> usize {
        let mut bytes = 0;
        if before.is_none_or(|before| !Arc::ptr_eq(&before.picture, &self.picture)) {
            bytes += self.picture.as_raw().len();
        }
        if before.is_none_or(|before| before.mask.stamp() != self.mask.stamp()) {
            bytes += self.mask.bytes();
        }
        if before.is_none_or(|before| !one(before.made.as_ref(), self.made.as_ref())) {
            bytes += self.made.as_ref().map_or(0, |made| made.bytes());
        }
        bytes
    }
}

impl Made {
    /// Memory that its pictures take.
    fn bytes(&self) -> usize {
        let Projection { before, after, .. } = &self.projection;
        after.iter().chain([before]).map(|picture| picture.as_raw().len()).sum()
    }

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
        Self { wish, weights, mask: (fills && !mask.is_empty()).then(|| mask.stamp()) }
    }

    /// Whether both ask for the same.
    pub fn is_as(&self, other: &Self) -> bool {
        self.wish == other.wish && self.weights == other.weights && self.mask == other.mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_weighs_what_the_one_before_does_not_hold() {
        let first = State::new(Arc::new(RgbImage::new(40, 20)));
        let picture = 3 * 40 * 20;
        assert_eq!((first.bytes(None), first.bytes(Some(&first.clone()))), (picture, 0));
        let mut mask = first.mask.unpack();
        mask.invert();
        let masked = State { mask: mask.pack(), ..first.clone() };
        assert_eq!(masked.bytes(Some(&first)), 40 * 20 / 8, "a bit a pixel");
        let asked = Asked::new(Wish::default(), Weights::Newest, &mask);
        let small = RgbImage::new(8, 8);
        let projection = Projection {
            before: small.clone(),
            after: vec![small.clone(), small],
            moved_rms: vec![0.1, 0.0],
            idempotence_rms: 0.0,
            model: "sign".to_owned(),
        };
        let made = State { made: Some(Arc::new(Made { projection, asked })), ..masked.clone() };
        assert_eq!(made.bytes(Some(&masked)), 3 * 3 * 8 * 8);
        assert_eq!(made.bytes(None), picture + 40 * 20 / 8 + 3 * 3 * 8 * 8);
    }
}
