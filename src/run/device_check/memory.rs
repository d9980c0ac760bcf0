//! Which checks were passed, in a file of the user's cache. It is worth the seconds that they take, and no more: what
//! cannot be read is forgotten, and the checks are made once more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::cache_folder::cache_folder;
use crate::error::{Error, Result};
use crate::plain_file::{self, limits};

const FILE: &str = "checked-devices.json";

/// Most subjects: those of older builds and drivers are dropped.
const MOST: usize = 32;

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    subject: Subject,
    /// Names of the checks that it passed.
    passed: BTreeSet<String>,
}

/// The file, where there can be one.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    file: Option<PathBuf>,
}

impl Memory {
    /// This user's.
    pub fn own() -> Self {
        Self { file: cache_folder().map(|folder| folder.join(FILE)) }
    }

    #[cfg(test)]
    pub fn within(folder: &Path) -> Self {
        Self { file: Some(folder.join(FILE)) }
    }

    /// Names of the checks that the subject has passed.
    pub fn of(&self, subject: &Subject) -> BTreeSet<String> {
        let entry = self.entries().into_iter().find(|entry| entry.subject == *subject);
        entry.map(|entry| entry.passed).unwrap_or_default()
    }

    /// Adds checks that the subject has passed.
    ///
    /// # Errors
    /// `Kind::Io` where the file cannot be written.
    pub fn add<'a>(&self, subject: &Subject, passed: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut entries = self.entries();
        let known = entries.iter().position(|entry| entry.subject == *subject);
        let mut entry = match known {
            Some(place) => entries.remove(place),
            None => Entry { subject: subject.clone(), passed: BTreeSet::new() },
        };
        entry.passed.extend(passed.into_iter().map(str::to_owned));
        // The newest first.
        entries.insert(0, entry);
        entries.truncate(MOST);
        write(file, &entries)
    }

    fn entries(&self) -> Vec<Entry> {
        let text = self.file.as_ref().and_then(|file| plain_file::read_if_there(file, limits::JSON).ok()?);
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}

/// Writes the file whole under a name of its own, whoever else does so at the same time: the last one's is kept.
fn write(file: &Path, entries: &[Entry]) -> Result<()> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let temporary = file.with_extension(format!("{}-{number}.tmp", std::process::id()));
    let text = serde_json::to_string_pretty(entries).unwrap_or_default();
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written =
        folder.and_then(|()| fs::write(&temporary, text)).and_then(|()| fs::rename(&temporary, file));
    written.map_err(|e| {
        // What went wrong is told; this would only be litter.
        let _ = fs::remove_file(&temporary);
        Error::io(file, "write", &e)
    })
}
