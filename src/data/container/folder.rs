//! A folder of files, with sub-folders to any sensible depth.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::super::limits::{CHUNK_BYTES, MAX_DEPTH, MAX_FILE_BYTES};
use super::super::names::is_clutter;
use super::{Container, HEAD, Remarks, read_picture};
use crate::error::{Error, Result};

/// The files below a folder, sorted by name.
pub struct Folder {
    names: Vec<String>,
    paths: Vec<PathBuf>,
    /// Bytes.
    lens: Vec<u64>,
    remarks: Remarks,
}

impl Folder {
    /// Lists a folder.
    ///
    /// # Errors
    /// A folder that cannot be listed. What cannot be entered below it is skipped.
    pub fn open(root: &Path) -> Result<Self> {
        let top = fs::read_dir(root).map_err(|error| Error::io(root, "list the folder", &error))?;
        let mut walk = Walk::default();
        walk.visited.extend(root.canonicalize().ok());
        walk.list(top, "", 0);
        walk.found.sort();
        let mut folder = Self { names: vec![], paths: vec![], lens: vec![], remarks: Remarks::default() };
        folder.remarks.skipped = walk.skipped;
        for (name, path, len) in walk.found {
            folder.names.push(name);
            folder.paths.push(path);
            folder.lens.push(len);
        }
        Ok(folder)
    }

    /// The files that lead the queue and fill one chunk of memory.
    fn chunk<'a>(&self, which: &'a [usize]) -> &'a [usize] {
        let mut bytes = 0;
        let fits = |&&i: &&usize| {
            bytes += self.lens[i].min(MAX_FILE_BYTES);
            bytes <= CHUNK_BYTES
        };
        let count = which.iter().take_while(fits).count();
        &which[..count.max(1).min(which.len())]
    }

    fn read_one(&self, i: usize) -> Result<Vec<u8>, String> {
        let mut file = File::open(&self.paths[i]).map_err(|error| error.to_string())?;
        // One byte more than was listed shows that it grew: the chunk was not planned for that.
        let read = read_picture(&mut file.by_ref().take(self.lens[i].saturating_add(1)))?;
        if read.len() as u64 > self.lens[i] {
            return Err("it grew while it was read".into());
        }
        Ok(read)
    }
}

impl Container for Folder {
    fn format(&self) -> &'static str {
        "folder"
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn take_remarks(&mut self) -> Remarks {
        std::mem::take(&mut self.remarks)
    }

    fn with(&mut self, i: usize, reader: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
        reader(&mut File::open(&self.paths[i]).map_err(|error| error.to_string())?);
        Ok(())
    }

    fn heads(&mut self, which: &[usize]) -> Vec<Vec<u8>> {
        let head = |&i: &usize| {
            let mut head = Vec::new();
            if let Ok(file) = File::open(&self.paths[i]) {
                // A file that breaks off is as long as it is.
                file.take(HEAD as u64).read_to_end(&mut head).ok();
            }
            head
        };
        which.par_iter().map(head).collect()
    }

    fn read(&mut self, which: &[usize]) -> Vec<Result<Vec<u8>, String>> {
        self.chunk(which).par_iter().map(|&i| self.read_one(i)).collect()
    }
}

#[derive(Default)]
struct Walk {
    /// Name within the folder, path, bytes.
    found: Vec<(String, PathBuf, u64)>,
    skipped: Vec<(String, String)>,
    /// Folders entered so far: a link may lead back to one of them.
    visited: HashSet<PathBuf>,
}

impl Walk {
    fn list(&mut self, entries: fs::ReadDir, prefix: &str, depth: usize) {
        for entry in entries {
            match entry {
                Ok(entry) => {
                    let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                    if !is_clutter(&name) {
                        self.enter(name, entry.path(), depth);
                    }
                }
                Err(error) => self.skipped.push((prefix.to_string(), error.to_string())),
            }
        }
    }

    fn enter(&mut self, name: String, path: PathBuf, depth: usize) {
        // Links are followed: large sets are often put together from them.
        match fs::metadata(&path) {
            Ok(meta) if meta.is_file() => self.found.push((name, path, meta.len())),
            Ok(meta) if meta.is_dir() && depth >= MAX_DEPTH => {
                self.skipped.push((name, format!("more than {MAX_DEPTH} folders deep")));
            }
            Ok(meta) if meta.is_dir() => {
                let is_new = path.canonicalize().is_ok_and(|real| self.visited.insert(real));
                match fs::read_dir(&path) {
                    Ok(entries) if is_new => self.list(entries, &format!("{name}/"), depth + 1),
                    Ok(_) => self.skipped.push((name, "a link to a folder that is read already".into())),
                    Err(error) => self.skipped.push((name, error.to_string())),
                }
            }
            // Devices and pipes would block for ever.
            Ok(_) => self.skipped.push((name, "neither a file nor a folder".into())),
            Err(error) => self.skipped.push((name, error.to_string())),
        }
    }
}
