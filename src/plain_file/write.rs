//! Writes files of folders that a stranger may have filled, whole or not at all. Nothing is written through what
//! lies there: it is replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::kind::check_folder;
use crate::error::{Error, Result};

/// How the name of a file or a folder ends that is being written or removed.
pub const TEMPORARY: &str = ".tmp";

/// Creates a file at `path`, in the place of the file, link or pipe that is there.
///
/// # Errors
/// `Kind::Io`, also where a folder is there that has something in it.
pub fn create(path: &Path) -> Result<File> {
    if let Ok(meta) = path.symlink_metadata() {
        let removed = if meta.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        removed.map_err(|e| {
            Error::io(path, "remove what is in the way", &e).hint("move it elsewhere, or remove it")
        })?;
    }
    // A new file is never behind a link.
    let new = OpenOptions::new().write(true).create_new(true).open(path);
    new.map_err(|e| Error::io(path, "create", &e))
}

/// Writes a file whole or not at all.
///
/// # Errors
/// `Kind::Io`.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = Whole::begin(path)?;
    file.write_all(bytes).map_err(|e| file.failed(&e))?;
    file.finish()
}

/// A file that has another name until it is whole.
#[derive(Debug)]
pub struct Whole {
    path: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
    is_finished: bool,
}

impl Whole {
    /// Begins the file that will be at `path`.
    ///
    /// # Errors
    /// As [`create`].
    pub fn begin(path: &Path) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(TEMPORARY);
        let temporary = path.with_file_name(name);
        let file = BufWriter::new(create(&temporary)?);
        Ok(Self { path: path.to_path_buf(), temporary, file, is_finished: false })
    }

    /// What went wrong in writing, in words.
    pub fn failed(&self, error: &io::Error) -> Error {
        Error::io(&self.path, "write", error).hint("is the disk full?")
    }

    /// Gives the file its name, once it is on the disk.
    ///
    /// # Errors
    /// `Kind::Io`.
    pub fn finish(mut self) -> Result<()> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|e| self.failed(&e))?;
        fs::rename(&self.temporary, &self.path).map_err(|e| Error::io(&self.path, "write", &e))?;
        self.is_finished = true;
        Ok(())
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if !self.is_finished {
            // The error that matters is the first one.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Makes the folder at `path` where it is not there.
///
/// # Errors
/// `Kind::Io` for a link or a file in its place.
pub fn make_folder(path: &Path) -> Result<()> {
    if check_folder(path)? {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(|e| Error::io(path, "create the folder", &e))
}
