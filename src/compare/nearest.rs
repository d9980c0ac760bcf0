//! The training images that samples are nearest to: whether a model repeats what it has seen.

use image::RgbImage;

use super::subject::Images;
use super::{Opened, Reference, Subject, Watch};
use crate::data::pixels;
use crate::error::Result;
use crate::eval::Rows;
use crate::measure::see;

/// Neighbours of each sample on the sheet.
const SHOWN: usize = 6;
/// Nearer than this, images are the same: what is left is rounding.
const LEAST_APART: f64 = 1e-6;
/// Images of the set that are searched, at most.
const MOST_SEARCHED: usize = 50_000;

/// How near samples are to the set, beside how near the set's own images are to each other.
#[derive(Clone, Debug)]
pub struct Nearest {
    /// Median distance of a sample to the nearest image of the set.
    pub samples_median: f64,
    /// Median distance of an image of the set to its nearest other one, over some of them.
    pub images_median: f64,
    /// Images that were searched.
    pub searched: usize,
    /// A row for each sample: the sample, then its nearest images, the nearest first.
    pub sheet: RgbImage,
}

impl Nearest {
    /// What the medians say, in words.
    pub fn verdict(&self) -> String {
        let medians = format!(
            "samples to their nearest of {} images: median {:.3}; images to their nearest other one: {:.3}",
            self.searched, self.samples_median, self.images_median
        );
        if self.images_median < LEAST_APART {
            return format!("{medians}; most images are there twice or more: nothing is said about repeats");
        }
        let ratio = self.samples_median / self.images_median;
        let meaning = match ratio {
            r if r < 0.5 => {
                "much nearer than images are to each other: the model may repeat its training images"
            }
            r if r < 0.75 => "nearer than images are to each other: look at the sheet for repeated images",
            _ => "no nearer than images are to each other: nothing points to memorised images",
        };
        format!("{medians}; ratio {ratio:.2}, {meaning}")
    }
}

/// Looks up the nearest images of `count` samples in the extractor's features.
///
/// # Errors
/// What goes wrong with the images or the device.
pub fn nearest(
    subject: &Subject,
    reference: &mut Reference,
    opened: &Opened,
    [count, first_seed]: [u32; 2],
    watch: Watch<'_>,
) -> Result<Nearest> {
    let samples = subject.images(count as usize, first_seed, watch)?;
    let set = reference.dataset(samples.side)?;
    let images = Images::of(&set, set.spread(MOST_SEARCHED));
    let dim = opened.extractor.dim();
    let made = Rows::new(&see(opened, samples.view(), true, "features of samples", watch)?.rows, dim)?;
    // The reference keeps them: every subject is held against the same images.
    let all = Rows::new(&reference.seen(opened, subject.shape(), MOST_SEARCHED, true, watch)?.rows, dim)?;
    let order = made.each(&all, |distances| {
        let mut places: Vec<usize> = (0..distances.len()).collect();
        places.sort_by(|a, b| distances[*a].total_cmp(&distances[*b]));
        places.truncate(SHOWN);
        let least = places.first().map_or(f64::NAN, |place| distances[*place]);
        (places, least)
    });
    // As many images as samples, so that the medians are of one size.
    let probes = (count as usize).min(images.count());
    let some: Vec<usize> = (0..probes).map(|k| k * images.count() / probes.max(1)).collect();
    let own = all.some(&some).each(&all, |distances| {
        // The image itself is among them, at distance zero.
        let mut all = distances.to_vec();
        let place = 1.min(all.len().saturating_sub(1));
        *all.select_nth_unstable_by(place, f64::total_cmp).1
    });
    let mut pictures = Vec::new();
    for (i, (places, _)) in order.iter().enumerate() {
        pictures.push(samples.picture(i));
        pictures.extend(places.iter().map(|place| images.picture(*place)));
    }
    let scale = (64 / samples.side.max(1)).max(1) as u32;
    Ok(Nearest {
        samples_median: median(order.into_iter().map(|(_, least)| least).collect()),
        images_median: median(own),
        searched: images.count(),
        sheet: pixels::grid(&pictures, 1 + SHOWN, scale, 2),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() { f64::NAN } else { *values.select_nth_unstable_by(middle, f64::total_cmp).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_that_are_all_the_same_give_no_ratio() {
        let verdict = |images_median| {
            let sheet = RgbImage::new(1, 1);
            Nearest { samples_median: 0.4, images_median, searched: 40, sheet }.verdict()
        };
        let same = verdict(0.0);
        assert!(same.contains("twice or more") && same.len() < 200, "{same}");
        assert!(verdict(1.0).contains("ratio 0.40"));
    }
}
