//! Event files for TensorBoard, in a run's `tensorboard`: every number of `stats.jsonl` and the sample
//! grids, written without TensorFlow or protobuf.

mod crc32c;
mod event;
mod record;
mod wire;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::grid::Grid;
use super::message::Stage;
use super::resumed::{Resumed, Written};
use super::stats::SPEED;
use crate::error::{Error, Result};
use crate::plain_file;
use event::{Data, Event, Value, What};

const FOLDER: &str = "tensorboard";
/// TensorBoard finds files by this beginning, and reads them in the order of their names.
const PREFIX: &str = "events.out.tfevents.";
/// The place of a host's name, which a run keeps to itself.
const SUFFIX: &str = ".signet";

/// The event file of this process.
///
/// Each process writes a new file, into which it first takes over what holds of the older ones, so that
/// lines of a killed process do not stand twice. Starting with an order to forget the steps that come
/// again would not do: such an order knows steps, but not that a stage's last step is the next one's
/// first. The one order there is, at step 0, is for a TensorBoard that has read the older files already.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    /// Bytes that are whole records; what a failed write left after them is overwritten.
    length: u64,
}

impl Events {
    /// Begins the file of a run that goes on from `resumed` (none: from the start).
    pub fn open(run_dir: &Path, resumed: Option<&Resumed>) -> Result<Self> {
        let folder = run_dir.join(FOLDER);
        plain_file::make_folder(&folder)?;
        let older = files(&folder).map_err(|e| Error::io(&folder, "read", &e))?;
        // A clock that was set back does not make the newest file an older one.
        let newest = older.last().and_then(|path| number_of(path)).unwrap_or(0);
        let number = (wall_time() as u64).max(newest.saturating_add(1));
        let path = folder.join(format!("{PREFIX}{number:010}{SUFFIX}"));
        let newest_file = older.last().map(|path| plain_file::open(path)).transpose()?;
        // Without the beginning of the name: half a file is nothing to read for TensorBoard.
        let temporary = folder.join("unfinished.tmp");
        let mut file = BufWriter::new(plain_file::create(&temporary)?);
        let begin = || -> io::Result<u64> {
            for what in [What::Version, What::Start] {
                let event = Event { wall_time: wall_time(), step: 0, what };
                file.write_all(&record::frame(&event.encode()))?;
            }
            if let Some((resumed, newest)) = resumed.zip(newest_file) {
                // The newest has what held of those before it.
                take_over(newest, resumed, &mut file)?;
            }
            let length = file.stream_position()?;
            file.into_inner()?.sync_all()?;
            fs::rename(&temporary, &path)?;
            older.iter().filter(|old| **old != path).try_for_each(fs::remove_file)?;
            Ok(length)
        };
        let length = begin().map_err(|e| {
            // The error that matters is the first one; the room may be wanted for a checkpoint.
            let _ = fs::remove_file(&temporary);
            Error::io(&path, "write", &e).hint("is the disk full?")
        })?;
        Ok(Self { path, length })
    }

    /// Adds numbers as `STAGE/NAME`, after `total_steps` steps of all stages.
    pub fn scalars(&mut self, stage: Stage, total_steps: u64, numbers: &[(&str, f64)]) -> Result<()> {
        let value = |(name, x): &(&str, f64)| Value { tag: tag(stage, name), data: Data::Scalar(*x as f32) };
        self.add(total_steps, numbers.iter().map(value).collect())
    }

    /// Adds a sample grid as `STAGE/samples`.
    pub fn samples(&mut self, stage: Stage, total_steps: u64, grid: &Grid) -> Result<()> {
        let data = Data::Image { width: grid.width, height: grid.height, png: grid.png.clone() };
        self.add(total_steps, vec![Value { tag: tag(stage, "samples"), data }])
    }

    fn add(&mut self, step: u64, values: Vec<Value>) -> Result<()> {
        let event = Event { wall_time: wall_time(), step, what: What::Values(values) };
        let bytes = record::frame(&event.encode());
        let mut file = plain_file::for_change(&self.path)?;
        let mut append = || -> io::Result<()> {
            file.set_len(self.length)?;
            file.seek(SeekFrom::Start(self.length))?;
            file.write_all(&bytes)
        };
        append().map_err(|e| Error::io(&self.path, "append to", &e).hint("is the disk full?"))?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

fn tag(stage: Stage, name: &str) -> String {
    format!("{}/{name}", stage.name())
}

/// The number in the name of one of our files.
fn number_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

/// Our own event files, oldest first; others are left alone.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Copies the events of the file `old` that will not come again, with the times they had.
fn take_over(old: File, resumed: &Resumed, into: &mut impl Write) -> io::Result<()> {
    let mut reader = BufReader::new(old);
    while let Some(bytes) = record::next(&mut reader)? {
        let Some(Event { step, what: What::Values(values), .. }) = Event::decode(&bytes) else { continue };
        // Values of one event are all of one stage and of one kind.
        let stage = values.first().and_then(|value| value.tag.split('/').next()).unwrap_or_default();
        let is_speed = |value: &Value| value.tag.ends_with(&format!("/{SPEED}"));
        let written = match values.first().map(|value| &value.data) {
            Some(Data::Image { .. }) => Written::Samples,
            _ if values.iter().any(is_speed) => Written::Losses,
            _ => Written::Metrics,
        };
        if resumed.keeps(stage, step, written) {
            into.write_all(&record::frame(&bytes))?;
        }
    }
    Ok(())
}

/// Seconds since 1970.
fn wall_time() -> f64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests;
