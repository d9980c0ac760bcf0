//! Which kind of data set a path is: told by its contents, with its name as help.

use std::fs;
use std::path::{Path, PathBuf};

use super::{cifar, decode, idx, unpack};
use crate::error::{Error, Result};

/// Bytes of the (unpacked) beginning that are looked at: a tar's header.
const HEAD: u64 = 512;

/// A kind of data set and the path to read it from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Folder(PathBuf),
    Zip(PathBuf),
    Idx(PathBuf),
    Cifar(PathBuf),
}

/// What is accepted, for messages.
pub fn accepted() -> String {
    format!(
        "accepted are: a folder of {} pictures, a zip of them (EDM's too), \
         *-images-idx3-ubyte(.gz), and cifar-10-binary.tar.gz",
        decode::FORMATS
    )
}

/// Looks at `path`.
///
/// # Errors
/// A path that is not there (with names that are similar), or of no known kind.
pub fn detect(path: &Path) -> Result<Source> {
    let meta = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => super::missing::error(path),
        _ => Error::io(path, "look at it", &error),
    })?;
    if meta.is_dir() { of_folder(path) } else { of_file(path) }
}

/// A folder of pictures, unless it is one that a known archive unpacks to.
fn of_folder(path: &Path) -> Result<Source> {
    let entries = fs::read_dir(path).map_err(|error| Error::io(path, "list the folder", &error))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
    names.sort();
    if names.iter().any(|name| cifar::is_part(name)) {
        return Ok(Source::Cifar(path.to_path_buf()));
    }
    let mut images: Vec<&String> =
        names.iter().filter(|name| name.contains("images") && name.contains("idx3")).collect();
    // Training images before test images.
    images.sort_by_key(|name| !name.starts_with("train"));
    match images.first() {
        Some(name) => Ok(Source::Idx(path.join(name))),
        None => Ok(Source::Folder(path.to_path_buf())),
    }
}

fn of_file(path: &Path) -> Result<Source> {
    let mut raw = fs::File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    let (magic, _) = unpack::read_most(&mut raw, 4);
    // The second is that of a zip without files.
    if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
        return Ok(Source::Zip(path.to_path_buf()));
    }
    let (head, broken) = unpack::read_most(&mut *unpack::reader(path)?, HEAD);
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_tar = head.get(257..262) == Some(b"ustar")
        || [".tar", ".tar.gz", ".tgz"].iter().any(|ending| name.ends_with(ending));
    if head.starts_with(&idx::IMAGES_MAGIC) {
        Ok(Source::Idx(path.to_path_buf()))
    } else if is_tar || cifar::is_part(&name) {
        Ok(Source::Cifar(path.to_path_buf()))
    } else if head.starts_with(&idx::LABELS_MAGIC) {
        Err(Error::data(path, "these are the labels of an IDX data set")
            .hint("give the file of the images; the labels are found beside it"))
    } else if decode::sniff(&head).is_some() {
        Err(Error::data(path, "this is a single picture")
            .hint("give the folder it lies in, or a zip of pictures"))
    } else if let Some(reason) = broken {
        Err(Error::data(path, format!("it cannot be unpacked: {reason}"))
            .hint("it may have been cut off while copying; copy or download it again"))
    } else {
        Err(Error::data(path, "this is no data set that Signet knows").hint(accepted()))
    }
}
