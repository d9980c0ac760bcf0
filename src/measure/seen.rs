//! What an extractor saw of a set.

use super::Opened;
use crate::error::{Error, Result};
use crate::eval::features::{Extractor, Features, Images};
use crate::eval::{Divisor, Gaussian, Moments};
use crate::finite::check_rows;

/// Hears what is being done and how far it is. Its error ends the work.
pub type Watch<'a> = &'a mut dyn FnMut(&str, u64, u64) -> Result<()>;

/// Images whose features go into the moments at once.
const BLOCK: usize = 1024;

/// Statistics of a set's features, and the features themselves where they are needed.
pub struct Seen {
    /// Images, where that is known: files of statistics need not say.
    pub count: Option<usize>,
    pub gaussian: Gaussian,
    /// Rows of features; empty where only the statistics are at hand.
    pub rows: Vec<f32>,
    pub logits: Vec<f32>,
    /// What a reader should know of these images.
    pub cautions: Vec<String>,
}

/// Runs the extractor over all images.
///
/// # Errors
/// `Kind::Diverged` for features that are not finite, what the extractor cannot do, and what `watch` says.
pub fn see(
    opened: &Opened,
    images: Images<'_>,
    keep_rows: bool,
    what: &str,
    watch: Watch<'_>,
) -> Result<Seen> {
    let extractor = &opened.extractor;
    let total = images.count();
    let mut moments = Moments::new(extractor.dim());
    let (mut rows, mut logits) = (Vec::new(), Vec::new());
    // Moments take blocks of many images: their products are quicker.
    let mut waiting = Vec::new();
    for batch in images.batches(opened.batch) {
        let features = extractor.extract(&batch)?;
        check_features(&features, &**extractor)?;
        waiting.extend_from_slice(&features.pooled);
        logits.extend(features.logits);
        let seen = moments.count() + waiting.len() / extractor.dim().max(1);
        if waiting.len() >= BLOCK * extractor.dim() || seen == total {
            moments.add(&waiting);
            if keep_rows {
                rows.append(&mut waiting);
            }
            waiting.clear();
        }
        watch(what, seen as u64, total as u64)?;
    }
    let gaussian = moments.gaussian(Divisor::NMinusOne)?;
    Ok(Seen { count: Some(total), gaussian, rows, logits, cautions: Vec::new() })
}

/// # Errors
/// `Kind::Diverged` where the images, which are bytes, became something else than numbers: the weights of the
/// features are to blame.
fn check_features(features: &Features, extractor: &dyn Extractor) -> Result<()> {
    let name = extractor.name();
    let check = |what: &str, numbers: &[f32], dim| {
        let checked = check_rows(&format!("images' {what} of {name}"), numbers, dim);
        checked.map_err(|e| {
            Error { remedy: None, ..e }
                .hint("get the file of these features' weights again, or try --device cpu")
        })
    };
    check("features", &features.pooled, extractor.dim())?;
    check("logits", &features.logits, extractor.classes())
}
