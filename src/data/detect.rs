//! Which kind of data set a path is: told by its contents, with its name as help.

use std::fs;
use std::path::Path;

use super::container::{Container, Folder, HEAD, Single, Tar, Zip};
use super::names::file_name;
use super::what::What;
use super::{decode, idx, unpack};
use crate::error::{Error, Result};

/// What is accepted, for messages.
pub fn accepted() -> String {
    format!(
        "accepted are: a folder, zip or tar(.gz) of {} pictures (EDM's zips too), MNIST's IDX files and \
         CIFAR in the binary version, alone, in a folder or packed",
        decode::FORMATS
    )
}

/// Archives and tables that hold images for other programs: their beginning, and what to do.
const OTHERS: [(&[u8], &str, &str); 10] = [
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", "unpack it, and give the folder"),
    (b"Rar!\x1A\x07", "a RAR archive", "unpack it, and give the folder"),
    (b"\xFD7zXZ\0", "packed with xz", "unpack it (tar xf, or unxz), and give the folder"),
    (b"\x28\xB5\x2F\xFD", "packed with zstd", "unpack it (tar xf, or unzstd), and give the folder"),
    (b"PAR1", "a parquet table", "save its pictures as files in a folder, and give the folder"),
    (b"\x89HDF\r\n", "an HDF5 file", "save its pictures as files in a folder, and give the folder"),
    (b"MATLAB 5", "a MATLAB file", "save its pictures as files in a folder, and give the folder"),
    (b"\x93NUMPY", "a NumPy array", "save its pictures as files in a folder, and give the folder"),
    (b"\x80\x02", "a pickle", "it is never executed; give CIFAR's binary version, or pictures as files"),
    (b"\x80\x04", "a pickle", "it is never executed; give CIFAR's binary version, or pictures as files"),
];

/// Opens what holds the files of a data set.
///
/// # Errors
/// A path that is not there (with names that are similar), or of no known kind.
pub fn open(path: &Path) -> Result<Box<dyn Container>> {
    let meta = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => super::missing::error(path),
        _ => Error::io(path, "look at it", &error),
    })?;
    if meta.is_dir() {
        return Ok(Box::new(Folder::open(path)?));
    }
    if !meta.is_file() {
        return Err(Error::data(path, "this is neither a file nor a folder").hint(accepted()));
    }
    match kind(path)? {
        Kind::Zip => Ok(Box::new(Zip::open(path)?)),
        Kind::Tar => Ok(Box::new(Tar::open(path)?)),
        Kind::Idx => Ok(Box::new(Single::new(path, idx::beside(path)))),
        Kind::Cifar => Ok(Box::new(Single::new(path, Vec::new()))),
    }
}

/// Whether a path is one that [`open`] knows, told without listing it.
///
/// # Errors
/// As [`open`].
pub fn check(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(meta) if meta.is_file() => kind(path).map(drop),
        _ => open(path).map(drop),
    }
}

enum Kind {
    Zip,
    Tar,
    Idx,
    Cifar,
}

fn kind(path: &Path) -> Result<Kind> {
    let mut raw = fs::File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    let (start, _) = unpack::read_most(&mut raw, HEAD as u64);
    // The second is that of a zip without files.
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Zip);
    }
    let (head, broken) = unpack::read_most(&mut *unpack::reader(path)?, HEAD as u64);
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_called_tar =
        [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2"].iter().any(|end| name.ends_with(end));
    if head.get(257..262) == Some(b"ustar") {
        return Ok(Kind::Tar);
    }
    match What::of(file_name(&name), &head) {
        What::IdxImages => Ok(Kind::Idx),
        What::Cifar => Ok(Kind::Cifar),
        What::IdxLabels => Err(Error::data(path, "these are the labels of an IDX data set")
            .hint("give the file of the images; the labels are found beside it")),
        What::Picture => Err(Error::data(path, "this is a single picture")
            .hint("give the folder it lies in, or a zip of pictures")),
        What::CifarPickle => Err(super::cifar::no_records(path)),
        What::Other => {
            if let Some((_, what, remedy)) = OTHERS.iter().find(|(magic, ..)| start.starts_with(magic)) {
                Err(Error::data(path, format!("this is {what}, which is not read")).hint(*remedy))
            } else if is_called_tar {
                Ok(Kind::Tar)
            } else if let Some(reason) = broken {
                Err(Error::data(path, format!("it cannot be unpacked: {reason}"))
                    .hint("it may have been cut off while copying; copy or download it again"))
            } else {
                Err(Error::data(path, "this is not a data set that Signet recognises").hint(accepted()))
            }
        }
    }
}
