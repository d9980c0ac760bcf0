//! What holds the files of a data set: a folder, a zip, a tar, or one file alone.

mod folder;
mod single;
mod tar;
mod zip;

pub use folder::Folder;
pub use single::Single;
pub use tar::Tar;
pub use zip::Zip;

use std::io::Read;

use super::decode;
use super::limits::{CHUNK_BYTES, MAX_FILE_BYTES};

/// Bytes of a file's beginning that tell what it is: a tar's header is the longest.
pub const HEAD: usize = 512;

/// What a container has to say about itself.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Name and reason of what is listed and cannot be read.
    pub skipped: Vec<(String, String)>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Files under names, from a container that nobody vouches for.
pub trait Container {
    /// What it is, for reports: "zip", "folder", …
    fn format(&self) -> &'static str;

    /// Names of the files, sorted, with `/` between folders and no `.` or `..` among them.
    fn names(&self) -> &[String];

    /// What was met while listing. Given once.
    fn take_remarks(&mut self) -> Remarks {
        Remarks::default()
    }

    /// Hands the contents of file `i` to `reader`, unpacked by the container's own packing.
    ///
    /// # Errors
    /// The reason why the file cannot be opened, in words.
    fn with(&mut self, i: usize, reader: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String>;

    /// The first bytes of some files, [`HEAD`] at most; none of a file that cannot be read.
    fn heads(&mut self, which: &[usize]) -> Vec<Vec<u8>> {
        let head = |&i: &usize| {
            let mut head = Vec::new();
            // A file that breaks off is as long as it is.
            self.with(i, &mut |from| drop(from.take(HEAD as u64).read_to_end(&mut head))).ok();
            head
        };
        which.iter().map(head).collect()
    }

    /// Contents of the pictures that lead the queue `which`, or the reasons why there are none: as many as
    /// one chunk of memory holds, and one at least. What counts is what was read, whatever was declared.
    fn read(&mut self, which: &[usize]) -> Vec<Result<Vec<u8>, String>> {
        let (mut read, mut bytes) = (Vec::new(), 0);
        for &i in which {
            let mut picture = Err(String::new());
            let opened = self.with(i, &mut |from| picture = read_picture(from));
            let picture = opened.and(picture);
            bytes += picture.as_ref().map_or(0, |picture| picture.len() as u64);
            read.push(picture);
            if bytes >= CHUNK_BYTES {
                break;
            }
        }
        read
    }
}

/// Reads a file if its first bytes promise a picture: a film among photographs costs nothing, and a bomb
/// stops at the limit.
fn read_picture(from: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(HEAD as u64).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if decode::sniff(&bytes).is_none() {
        return Err(decode::no_picture(&bytes));
    }
    read_on(from, bytes, MAX_FILE_BYTES)
}

/// Reads a whole file of at most `limit` bytes.
pub fn read_whole(from: &mut dyn Read, limit: u64) -> Result<Vec<u8>, String> {
    read_on(from, Vec::new(), limit)
}

/// Reads on from `bytes`, which were read already. Memory that is not there is an error of the reader's, not
/// the end of the program.
fn read_on(from: &mut dyn Read, mut bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, String> {
    let more = (limit + 1).saturating_sub(bytes.len() as u64);
    from.take(more).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("larger than {} MiB unpacked", limit >> 20));
    }
    bytes.shrink_to_fit();
    Ok(bytes)
}
