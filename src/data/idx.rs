//! MNIST, Fashion-MNIST, EMNIST, …: an IDX file of gray images with its labels in a second file.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::limits::{MAX_CLASSES, MAX_RAW_BYTES};
use super::plan::Plan;
use super::raw::{self, Raw};
use super::unpack;
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// Bytes, three dimensions: N×H×W images.
pub const IMAGES_MAGIC: [u8; 4] = [0, 0, 8, 3];
/// Bytes, one dimension: N labels.
pub const LABELS_MAGIC: [u8; 4] = [0, 0, 8, 1];

/// Reads an IDX file of images, packed with gzip or not, and the labels beside it. 28×28 images get
/// a border that makes them 32×32.
///
/// # Errors
/// A file that is not IDX, or that holds no whole image.
pub fn open(path: &Path, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let mut from = unpack::reader(path)?;
    let mut header = [0; 16];
    from.read_exact(&mut header)
        .map_err(|error| Error::data(path, format!("the header of this IDX file cannot be read: {error}")))?;
    let number = |i: usize| u32::from_be_bytes([header[i], header[i + 1], header[i + 2], header[i + 3]]);
    let [declared, height, width] = [4, 8, 12].map(|i| number(i) as usize);
    let image_len = width as u64 * height as u64;
    let total = image_len.saturating_mul(declared as u64);
    if !header.starts_with(&IMAGES_MAGIC) || image_len == 0 || total == 0 || total > MAX_RAW_BYTES {
        let what = format!("its header declares {declared} images of {width}×{height}, which cannot be");
        return Err(Error::data(path, what).hint("check that it is a file of images, and not damaged"));
    }
    let (mut pixels, error) = unpack::read_most(&mut *from, total);
    let whole = pixels.len() / image_len as usize;
    pixels.truncate(whole * image_len as usize);
    let mut warnings = Vec::new();
    if whole < declared {
        let why = error.map_or(String::new(), |error| format!(": {error}"));
        warnings.push(format!("the file ends early, {whole} of {declared} images are whole{why}"));
    }
    let labels = match read_labels(path, declared) {
        Ok(mut labels) => {
            labels.truncate(whole);
            Some(labels)
        }
        Err(reason) => {
            warnings.push(format!("the images have no labels: {reason}"));
            None
        }
    };
    let raw = Raw {
        path,
        format: "IDX",
        channels: 1,
        width,
        height,
        pixels,
        labels,
        class_names: Vec::new(),
        skipped: Vec::new(),
        warnings,
    };
    raw::finish(raw, plan, progress)
}

/// The labels that belong to a file of `count` images, or why there are none.
fn read_labels(images: &Path, count: usize) -> Result<Vec<u32>, String> {
    let path = labels_beside(images)?;
    let shown = path.file_name().unwrap_or(path.as_os_str()).display().to_string();
    let mut from = unpack::reader(&path).map_err(|error| error.what)?;
    let (bytes, _) = unpack::read_most(&mut *from, count as u64 + 8);
    if !bytes.starts_with(&LABELS_MAGIC) || bytes.len() < 8 {
        return Err(format!("{shown} is no IDX file of labels"));
    }
    let declared = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    if declared != count || bytes.len() != count + 8 {
        return Err(format!("{shown} has not one label for each of the {count} images"));
    }
    const { assert!(MAX_CLASSES > u8::MAX as u32) };
    Ok(bytes[8..].iter().map(|label| u32::from(*label)).collect())
}

/// The labels file beside `train-images-idx3-ubyte.gz`: `train-labels-idx1-ubyte`, packed or not.
fn labels_beside(images: &Path) -> Result<PathBuf, String> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    let labels = name.replace("images", "labels").replace("idx3", "idx1");
    if labels == name {
        return Err("the file's name does not say `images`, so that its labels file is unknown".into());
    }
    let plain = labels.strip_suffix(".gz").unwrap_or(&labels);
    [labels.clone(), plain.to_string(), format!("{plain}.gz")]
        .into_iter()
        .map(|name| images.with_file_name(name))
        .find(|path| path.is_file())
        .ok_or_else(|| format!("{labels} is not beside it"))
}
