//! A mask in memory.

use std::sync::Arc;

use image::GrayImage;

use super::changes::{Changes, Region, Stamp};
use super::spans::{self, Run};

/// Values of a picture from here up are masked.
const WHITE: u8 = 128;

/// What of a picture is to be filled in: 255 where masked, else 0, at the picture's own size. Clones share
/// their pixels until one of them is drawn on.
#[derive(Clone, Debug)]
pub struct Mask {
    image: Arc<GrayImage>,
    /// How many pixels are masked: counting them anew each frame would be slow.
    masked: u64,
    changes: Changes,
}

impl Mask {
    /// Nothing masked.
    pub fn new(width: u32, height: u32) -> Self {
        Self { image: Arc::new(GrayImage::new(width, height)), masked: 0, changes: Changes::new() }
    }

    /// What is white in a picture, from the middle gray (128) up.
    pub fn from_image(mut image: GrayImage) -> Self {
        image.iter_mut().for_each(|value| *value = binary(*value));
        let masked = count(&image);
        Self { image: Arc::new(image), masked, changes: Changes::new() }
    }

    /// A black and white picture with `masked` white pixels, whose content has the name `stamp` already.
    pub(super) fn restored(image: GrayImage, masked: u64, stamp: Stamp) -> Self {
        Self { image: Arc::new(image), masked, changes: Changes::of(stamp) }
    }

    pub fn image(&self) -> &Arc<GrayImage> {
        &self.image
    }

    /// Width and height, pixels.
    pub fn size(&self) -> [u32; 2] {
        self.image.dimensions().into()
    }

    /// Whether nothing is masked.
    pub fn is_empty(&self) -> bool {
        self.masked == 0
    }

    /// How many pixels are masked.
    pub(super) fn masked(&self) -> u64 {
        self.masked
    }

    /// Masked share of the pixels, 0..=1.
    pub fn share(&self) -> f64 {
        self.masked as f64 / self.pixels().max(1) as f64
    }

    /// Draws a line with round ends, in pixels of the picture: a stroke is many of them. 255 masks, 0 clears.
    pub fn dab(&mut self, from: [f32; 2], to: [f32; 2], radius: f32, value: u8) {
        self.paint(spans::line(from, to, radius, self.size()), value);
    }

    /// Fills a closed line; where it crosses itself, what lies in an odd number of loops.
    pub fn fill_polygon(&mut self, points: &[[f32; 2]], value: u8) {
        self.paint(spans::polygon(points, self.size()), value);
    }

    /// Fills the box between two corners.
    pub fn fill_box(&mut self, a: [f32; 2], b: [f32; 2], value: u8) {
        let Region { x, y } = self.snapped(a, b);
        self.paint(y.map(|y| Run { y, x: x.clone() }), value);
    }

    /// The pixels that [`Self::fill_box`] fills.
    pub fn snapped(&self, a: [f32; 2], b: [f32; 2]) -> Region {
        let size = self.size();
        let along = |i: usize| spans::between(f64::from(a[i].min(b[i])), f64::from(a[i].max(b[i])), size[i]);
        Region { x: along(0), y: along(1) }
    }

    pub fn invert(&mut self) {
        Arc::make_mut(&mut self.image).iter_mut().for_each(|value| *value = !*value);
        self.masked = self.pixels() - self.masked;
        self.changes.add(self.whole());
    }

    pub fn clear(&mut self) {
        if !self.is_empty() {
            *self = Self::new(self.image.width(), self.image.height());
        }
    }

    /// Names the content; see [`Stamp`].
    pub fn stamp(&self) -> Stamp {
        self.changes.stamp()
    }

    /// What has changed since the content was `known`, if anything: see [`Changes::since`].
    pub fn changed_since(&mut self, known: Option<Stamp>) -> Option<Region> {
        let whole = self.whole();
        self.changes.since(known, whole)
    }

    fn paint(&mut self, runs: impl IntoIterator<Item = Run>, value: u8) {
        let value = binary(value);
        let width = self.image.width() as usize;
        let mut touched: Option<Region> = None;
        for Run { y, x } in runs {
            let start = y as usize * width;
            let run = start + x.start as usize..start + x.end as usize;
            let old: &[u8] = &self.image;
            let changed = old[run.clone()].iter().filter(|old| **old != value).count() as u64;
            // Drawing over what is masked already must not copy what an older state shares.
            if changed == 0 {
                continue;
            }
            let new: &mut GrayImage = Arc::make_mut(&mut self.image);
            new.as_mut()[run].fill(value);
            if value == 0 {
                self.masked -= changed;
            } else {
                self.masked += changed;
            }
            let region = Region { x, y: y..y + 1 };
            touched = Some(touched.map_or(region.clone(), |before| before.around(&region)));
        }
        if let Some(region) = touched {
            self.changes.add(region);
        }
    }

    fn whole(&self) -> Region {
        Region { x: 0..self.image.width(), y: 0..self.image.height() }
    }

    fn pixels(&self) -> u64 {
        u64::from(self.image.width()) * u64::from(self.image.height())
    }
}

impl PartialEq for Mask {
    fn eq(&self, other: &Self) -> bool {
        self.stamp() == other.stamp() || Arc::ptr_eq(&self.image, &other.image) || self.image == other.image
    }
}

fn binary(value: u8) -> u8 {
    if value >= WHITE { u8::MAX } else { 0 }
}

fn count(image: &GrayImage) -> u64 {
    image.iter().filter(|value| **value != 0).count() as u64
}

#[cfg(test)]
mod tests;
