//! MNIST, Fashion-MNIST, EMNIST, …: an IDX file of gray images with its labels in a second file.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::container::Container;
use super::limits::{MAX_CLASSES, MAX_IMAGES, MAX_RAW_BYTES, MAX_RAW_SIDE, MIN_SIDE};
use super::names::file_name;
use super::raw::{Image, Passed, Records};
use super::unpack;
use super::what::{IDX_IMAGES, IDX_LABELS};
use crate::error::{Error, Result};

/// Bytes before the first image: the magic and three numbers.
const HEADER_LEN: usize = 16;
/// Of the files of a container, those that are meant.
#[derive(Debug, PartialEq)]
pub struct Chosen {
    /// Number of the file of images.
    pub images: usize,
    /// That of their labels, or why there are none.
    pub labels: Result<usize, String>,
}

/// Of the IDX files of a container, the images that are meant and the labels that belong to them: those for
/// training before those for testing.
pub fn choose(
    names: &[String],
    images: &[usize],
    labels: &[usize],
    warnings: &mut Vec<String>,
) -> Option<Chosen> {
    let rank = |i: usize| {
        let name = file_name(&names[i]).to_lowercase();
        let is_test = name.starts_with("t10k") || name.contains("test");
        if name.contains("train") { 0 } else { 1 + usize::from(is_test) }
    };
    let mut images = images.to_vec();
    images.sort_by_key(|&i| (rank(i), i));
    let chosen = *images.first()?;
    let others: Vec<&str> = images
        .iter()
        .filter(|&&i| rank(i) == rank(chosen) && plain(&names[i]) != plain(&names[chosen]))
        .map(|&i| names[i].as_str())
        .collect();
    if !others.is_empty() {
        let (name, all) = (&names[chosen], others.join(", "));
        warnings.push(format!("{name} is used; give one of the others to use it instead: {all}"));
    }
    if rank(chosen) == 2 {
        warnings.push("these are the test images: there are none for training here".into());
    }
    Some(Chosen { images: chosen, labels: labels_of(names, chosen, labels) })
}

/// A file's name without what different packers make of it: `train-images.idx3-ubyte.gz` is
/// `train-images-idx3-ubyte`.
fn plain(name: &str) -> String {
    let name = file_name(name).to_lowercase();
    name.trim_end_matches(".gz").replace('.', "-")
}

/// Of the files of labels, the one that is called like the images: nearest to them, or the only one.
fn labels_of(names: &[String], images: usize, labels: &[usize]) -> Result<usize, String> {
    let folder = |name: &str| name.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
    let wanted = labels_name(&plain(&names[images]));
    let is_called = |i: &usize| plain(&names[*i]) == wanted && wanted != plain(&names[images]);
    let mut called: Vec<usize> = (0..names.len()).filter(is_called).collect();
    called.sort_by_key(|i| (!labels.contains(i), folder(&names[*i]) != folder(&names[images]), *i));
    match (called.first(), labels) {
        (Some(i), _) => Ok(*i),
        (None, [only]) => Ok(*only),
        (None, []) => Err(format!("{wanted} is not beside it")),
        (None, _) => Err(format!("no file of labels is called like {}", names[images])),
    }
}

fn labels_name(images: &str) -> String {
    images.replace("images", "labels").replace("idx3", "idx1")
}

/// The files that may hold the labels of an IDX file that was given by its path.
pub fn beside(images: &Path) -> Vec<PathBuf> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    let labels = labels_name(&name);
    if labels == name {
        return Vec::new();
    }
    let bare = labels.strip_suffix(".gz").unwrap_or(&labels);
    let mut places = vec![images.with_file_name(bare), images.with_file_name(format!("{bare}.gz"))];
    // Kaggle's zip has each file in a folder of its own, called like the file.
    if let Some(above) = images.parent().and_then(Path::parent) {
        places.push(above.join(bare).join(bare));
    }
    places.retain(|path| path.is_file());
    places
}

/// The images of an IDX file, and their labels.
pub struct Idx<'a> {
    container: &'a mut dyn Container,
    images: usize,
    /// Images that its header declares.
    declared: usize,
    width: usize,
    height: usize,
    labels: Option<Vec<u8>>,
}

impl<'a> Idx<'a> {
    /// Reads the header and the labels.
    ///
    /// # Errors
    /// A header that cannot be that of a file of images.
    pub fn open(
        path: &Path,
        container: &'a mut dyn Container,
        chosen: Chosen,
        warnings: &mut Vec<String>,
    ) -> Result<Self> {
        let Chosen { images, labels } = chosen;
        let mut header = [0; HEADER_LEN];
        let mut read = Err("it is empty".to_string());
        let opened = container.with(images, &mut |from| {
            read = unpack::unpacked(from).read_exact(&mut header).map_err(|error| error.to_string());
        });
        opened.and(read).map_err(|reason| {
            Error::data(path, format!("the header of this IDX file cannot be read: {reason}"))
                .hint("it may have been cut off while copying; copy or download it again")
        })?;
        let number = |i: usize| u32::from_be_bytes([header[i], header[i + 1], header[i + 2], header[i + 3]]);
        let [declared, height, width] = [4, 8, 12].map(number);
        let is_size = |side: u32| (MIN_SIDE..=MAX_RAW_SIDE).contains(&side);
        let total = u128::from(declared) * u128::from(height) * u128::from(width);
        let is_possible =
            is_size(height) && is_size(width) && declared > 0 && declared as usize <= MAX_IMAGES;
        if !header.starts_with(&IDX_IMAGES) || !is_possible || total > u128::from(MAX_RAW_BYTES) {
            let what = format!("its header declares {declared} images of {width}×{height}, which cannot be");
            return Err(Error::data(path, what).hint(format!(
                "check that it is a file of images, and not damaged: sides of {MIN_SIDE} pixels or more, \
                 {MAX_IMAGES} images and {} GiB are the most that is read",
                MAX_RAW_BYTES >> 30
            )));
        }
        let [declared, height, width] = [declared, height, width].map(|number| number as usize);
        let labels = labels.and_then(|labels| read_labels(container, labels, declared));
        let labels =
            labels.map_err(|reason| warnings.push(format!("the images have no labels: {reason}"))).ok();
        Ok(Self { container, images, declared, width, height, labels })
    }
}

impl Records for Idx<'_> {
    fn format(&self) -> &'static str {
        "IDX"
    }

    fn shape(&self) -> (usize, usize, usize) {
        (1, self.width, self.height)
    }

    fn most(&self) -> usize {
        self.declared
    }

    fn classes(&self) -> Option<usize> {
        Some(self.labels.as_ref()?.iter().max().map_or(0, |top| usize::from(*top) + 1))
    }

    fn pass(&mut self, take: &mut dyn FnMut(Image<'_>) -> Result<bool>) -> Result<Passed> {
        let Self { container, images, declared, width, height, labels } = self;
        let mut passed = Ok(Passed::default());
        let opened = container.with(*images, &mut |from| {
            passed = pass(&mut *unpack::unpacked(from), *declared, *width * *height, labels.as_deref(), take);
        });
        match opened {
            Ok(()) => passed,
            Err(reason) => Ok(Passed { warnings: vec![reason], ..Passed::default() }),
        }
    }
}

fn pass(
    from: &mut dyn Read,
    declared: usize,
    image_len: usize,
    labels: Option<&[u8]>,
    take: &mut dyn FnMut(Image<'_>) -> Result<bool>,
) -> Result<Passed> {
    let mut passed = Passed::default();
    // The header was looked at; of the images no more is held than there is.
    let (_, mut broken) = unpack::read_most(from, HEADER_LEN as u64);
    let mut image = Vec::new();
    for i in 0..declared {
        image.clear();
        let read = from.take(image_len as u64).read_to_end(&mut image);
        broken = broken.or(read.err().map(|error| error.to_string()));
        if image.len() < image_len {
            let why = broken.map_or(String::new(), |error| format!(": {error}"));
            passed.warnings.push(format!("the file ends early, {i} of {declared} images are whole{why}"));
            return Ok(passed);
        }
        let label = labels.and_then(|labels| labels.get(i)).map(|label| u32::from(*label));
        if !take(Image { bytes: &image, label })? {
            break;
        }
    }
    Ok(passed)
}

/// The labels that belong to a file of `count` images, or why there are none.
fn read_labels(container: &mut dyn Container, i: usize, count: usize) -> Result<Vec<u8>, String> {
    let shown = file_name(&container.names()[i]).to_string();
    let mut bytes = Vec::new();
    container
        .with(i, &mut |from| bytes = unpack::read_most(&mut *unpack::unpacked(from), count as u64 + 9).0)?;
    if !bytes.starts_with(&IDX_LABELS) || bytes.len() < 8 {
        return Err(format!("{shown} is no IDX file of labels"));
    }
    let declared = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    if declared != count || bytes.len() < count + 8 {
        return Err(format!("{shown} has not one label for each of the {count} images"));
    }
    const { assert!(MAX_CLASSES > u8::MAX as u32) };
    bytes.truncate(count + 8);
    bytes.drain(..8);
    Ok(bytes)
}
