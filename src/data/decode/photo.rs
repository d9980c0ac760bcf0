//! A single picture that a user names or hands over.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::{GrayImage, RgbImage};

use super::{Decoded, Profile, sniff, with};
use crate::data::limits::MAX_FILE_BYTES;
use crate::data::missing;
use crate::error::{Error, Result};

/// Bytes that tell what a file is.
const HEAD: u64 = 64;

/// A picture of a user's in 8-bit colour, upright and laid on white, and what its file says besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    pub picture: RgbImage,
    /// How opaque each pixel was (0 is transparent) where not all were.
    pub alpha: Option<GrayImage>,
    /// What the numbers mean as colours; none is sRGB.
    pub profile: Option<Profile>,
    /// What of the file could not be kept, in words.
    pub note: Option<String>,
}

/// Reads one picture, of any size and accepted format.
///
/// # Errors
/// A missing file, or one that is no picture, a broken one or one that is too large.
pub fn open_photo(path: &Path) -> Result<Photo> {
    if !path.exists() {
        return Err(missing::error(path));
    }
    if path.is_dir() {
        return Err(Error::data(path, "this is a folder, not a picture").hint("give the files in it"));
    }
    decode_photo(path, &read(path)?)
}

/// The same from bytes that somebody handed over under the name `path`.
///
/// # Errors
/// Bytes that are no picture, a broken one or one that is too large.
pub fn decode_photo(path: &Path, bytes: &[u8]) -> Result<Photo> {
    let refused = |reason| {
        let error = Error::data(path, reason);
        match sniff(bytes) {
            // The reason names the formats already.
            None => error.hint("choose another file"),
            Some(_) => error.hint("choose another picture, or save it again with another program"),
        }
    };
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(refused(format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20)));
    }
    with(bytes, Photo::of).map_err(refused)
}

/// As [`open_photo`], the pixels alone.
///
/// # Errors
/// As [`open_photo`].
pub fn open_picture(path: &Path) -> Result<RgbImage> {
    open_photo(path).map(|photo| photo.picture)
}

/// As [`decode_photo`], the pixels alone.
///
/// # Errors
/// As [`decode_photo`].
pub fn decode_picture(path: &Path, bytes: &[u8]) -> Result<RgbImage> {
    decode_photo(path, bytes).map(|photo| photo.picture)
}

/// Whether a file's first bytes promise a picture, whatever its name ends with. A pipe is not asked: what is
/// read from it is gone.
///
/// # Errors
/// A file that cannot be read.
pub fn is_picture(path: &Path) -> std::io::Result<bool> {
    if !path.metadata()?.is_file() {
        return Ok(true);
    }
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(sniff(&head).is_some())
}

impl Photo {
    fn of(decoded: Decoded) -> Self {
        let Decoded { picture, alpha, profile } = decoded;
        let (profile, note) = match profile.map(Profile::for_rgb).transpose() {
            Ok(profile) => (profile, None),
            Err(others) => {
                let note = format!(
                    "its colour profile is for {others}: results are in red, green and blue and go without it"
                );
                (None, Some(note))
            }
        };
        Self { picture: picture.into_rgb(), alpha, profile, note }
    }
}

/// The bytes of a file whose beginning promises a picture; of another, only its beginning: a film or a device
/// that never ends costs nothing.
fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: &std::io::Error| Error::io(path, "read", error);
    let mut file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if sniff(&bytes).is_some() {
        // One more byte than is accepted shows that there are more.
        file.take(MAX_FILE_BYTES + 1 - HEAD).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    }
    Ok(bytes)
}
