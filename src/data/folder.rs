//! A folder of picture files, with sub-folders to any sensible depth.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::decode;
use super::labels;
use super::limits::{MAX_DEPTH, MAX_FILE_BYTES, MAX_JSON_BYTES};
use super::plan::Plan;
use super::verify::{self, Collection, Files};
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// Reads a folder of pictures. `dataset.json` at its top gives the classes; without it, folders do.
///
/// # Errors
/// A folder that cannot be listed, or that holds no usable picture.
pub fn open(path: &Path, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let mut listing = Listing::of(path)?;
    let mut warnings = Vec::new();
    let json = path.join("dataset.json");
    let labels = if json.is_file() {
        match read_at_most(&json, MAX_JSON_BYTES) {
            Ok(bytes) => labels::from_json(&bytes, "", &listing.names, &mut warnings),
            Err(reason) => {
                warnings.push(format!("dataset.json is not used: {reason}"));
                None
            }
        }
    } else {
        labels::from_folders(&listing.names, &mut warnings)
    };
    let skipped = std::mem::take(&mut listing.skipped);
    let collection = Collection { path, format: "folder", files: &mut listing, labels, skipped, warnings };
    verify::verify(collection, plan, progress)
}

/// The files below a folder, sorted by name.
struct Listing {
    names: Vec<String>,
    paths: Vec<PathBuf>,
    lens: Vec<u64>,
    skipped: Vec<(String, String)>,
}

impl Listing {
    fn of(root: &Path) -> Result<Self> {
        let top = fs::read_dir(root).map_err(|error| Error::io(root, "list the folder", &error))?;
        let mut walk = Walk::default();
        walk.visited.extend(root.canonicalize().ok());
        walk.list(top, "", 0);
        walk.found.sort();
        let mut listing = Self { names: vec![], paths: vec![], lens: vec![], skipped: walk.skipped };
        for (name, path, len) in walk.found {
            listing.names.push(name);
            listing.paths.push(path);
            listing.lens.push(len);
        }
        Ok(listing)
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
                    if !verify::is_clutter(&name) {
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

impl Files for Listing {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn len_bytes(&self, i: usize) -> u64 {
        self.lens[i]
    }

    fn read(&mut self, which: &[usize]) -> Vec<Result<Vec<u8>, String>> {
        which.par_iter().map(|&i| read_picture(&self.paths[i])).collect()
    }
}

/// Reads a file if its first bytes promise a picture, so that a film among the photographs costs
/// nothing.
fn read_picture(path: &Path) -> Result<Vec<u8>, String> {
    let mut start = Vec::new();
    let file = fs::File::open(path).map_err(|e| e.to_string())?;
    file.take(64).read_to_end(&mut start).map_err(|e| e.to_string())?;
    match decode::sniff(&start) {
        Some(_) => read_at_most(path, MAX_FILE_BYTES),
        None => Err(format!("not a {} picture", decode::FORMATS)),
    }
}

fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|e| e.to_string())?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("larger than {} MiB", limit >> 20));
    }
    Ok(bytes)
}
