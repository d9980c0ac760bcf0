//! `stats.jsonl`: one JSON object a line, losses and metrics in the order they came.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::append::append_line;
use super::message::{Progress, Stage};
use super::resumed::{Resumed, Written};
use crate::error::{Error, Result};
use crate::plain_file::{self, Line, Lines, Whole};

pub const STATS_FILE: &str = "stats.jsonl";
/// Stands in every line of losses: images a second, by training steps alone.
pub const SPEED: &str = "images_per_sec";
/// Stands beside it: the same by the clock, with grids, measurements, checkpoints and what prepared the stage; since
/// the stage began in this session, but for pauses. Lines of earlier releases have none.
pub const WALL_SPEED: &str = "images_per_wall_sec";
/// What a line says beside its numbers. Only one of losses says how long the run still takes, and one of metrics
/// what they were measured under.
pub const PLACE: [&str; 7] =
    ["stage", "step", "total_steps", "kimg", "elapsed_secs", "left_secs", "conditions"];

/// Names of numbers that are looked at, all stages together: a run has a few dozen.
pub const MOST_NAMES: usize = 1000;
/// The longest of them, bytes.
const LONGEST_NAME: usize = 256;

/// Whether a number may be called so.
pub fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !PLACE.contains(&name)
}

/// The open file and the last value of every number, which the summary repeats.
#[derive(Debug)]
pub struct Stats {
    path: PathBuf,
    last: Map<String, Value>,
    /// Numbers in it, and whether there were more.
    names: usize,
    has_more: bool,
    /// How long the run still takes, seconds, for lines of losses.
    pub left_secs: f64,
}

/// The file as a run finds it when it goes on.
#[derive(Debug)]
pub struct Found {
    pub stats: Stats,
    /// What was lost of it, in words.
    pub lost: Option<String>,
}

impl Stats {
    /// Opens the file of a run that goes on from `resumed` (none: from the start). Later lines,
    /// written by a process that was killed before its next checkpoint, are dropped, for they will
    /// come again.
    ///
    /// # Errors
    /// `Kind::Io`.
    pub fn open(run_dir: &Path, resumed: Option<&Resumed>) -> Result<Found> {
        let path = run_dir.join(STATS_FILE);
        let mut stats = Self { path, last: Map::new(), names: 0, has_more: false, left_secs: f64::NAN };
        let there = plain_file::open_if_there(&stats.path)?;
        let (kept, unread) = match there {
            Some(file) => stats.sift(file, resumed)?,
            None => {
                plain_file::write_whole(&stats.path, b"")?;
                (0, 0)
            }
        };
        let place = crate::words::path(&stats.path);
        let lost = if unread > 0 {
            Some(format!("{place}: {unread} lines cannot be read and are dropped"))
        } else if stats.has_more {
            Some(format!("{place}: there are more than {MOST_NAMES} names, and the summary has no others"))
        } else {
            let is_gone = kept == 0 && resumed.is_some_and(|resumed| resumed.has_numbers);
            is_gone.then(|| format!("{place}: the numbers of the steps up to here are gone"))
        };
        Ok(Found { stats, lost })
    }

    /// Drops the lines that do not hold from the file, which is written anew from the first of them on. Lines that
    /// are kept, and those that could not be read.
    fn sift(&mut self, file: File, resumed: Option<&Resumed>) -> Result<(u64, u64)> {
        let path = self.path.clone();
        let unreadable = |e: std::io::Error| Error::io(&path, "read", &e);
        let mut lines = Lines::new(BufReader::new(file));
        let (mut kept, mut unread, mut kept_bytes) = (0, 0, 0);
        let mut anew: Option<Whole> = None;
        loop {
            let (line, goes_on) = match lines.following().map_err(unreadable)? {
                None => break,
                Some(Line::Whole(line)) => (line, true),
                // What has no line end was being written when the process died.
                Some(Line::Torn) => (&[][..], true),
                // Nothing after it is looked for.
                Some(Line::TooLong) => {
                    unread += 1;
                    (&[][..], false)
                }
            };
            let entry = match serde_json::from_slice(line) {
                Ok(Value::Object(entry)) => Some(entry),
                _ => None,
            };
            unread += u64::from(entry.is_none() && !line.is_empty());
            if let Some(entry) = entry.filter(|entry| holds(entry, resumed)) {
                self.remember(&entry);
                kept += 1;
                match &mut anew {
                    Some(anew) => anew.write_all(line).map_err(|e| anew.failed(&e))?,
                    None => kept_bytes += line.len() as u64,
                }
            } else if anew.is_none() {
                anew = Some(beginning_of(&path, kept_bytes)?);
            }
            if !goes_on {
                break;
            }
        }
        anew.map_or(Ok(()), Whole::finish)?;
        Ok((kept, unread))
    }

    /// Adds a line: where the run stands, then `numbers`, then what they were measured under.
    pub fn write(
        &mut self,
        at: &Progress,
        total_steps: u64,
        numbers: &[(&str, f64)],
        conditions: Option<&str>,
    ) -> Result<()> {
        let mut entry = Map::new();
        entry.insert("stage".into(), json!(at.stage));
        entry.insert("step".into(), json!(at.step));
        entry.insert("total_steps".into(), json!(total_steps));
        entry.insert("kimg".into(), json!(at.kimg));
        entry.insert("elapsed_secs".into(), json!((at.elapsed_secs * 1000.0).round() / 1000.0));
        for (name, value) in numbers {
            // JSON has no NaN: a number that is not finite is null.
            entry.insert((*name).into(), json!(value));
        }
        match conditions {
            Some(conditions) => drop(entry.insert("conditions".into(), json!(conditions))),
            None if self.left_secs.is_finite() => {
                entry.insert("left_secs".into(), json!(self.left_secs.round()));
            }
            None => {}
        }
        self.remember(&entry);
        append_line(&self.path, &Value::Object(entry).to_string(), |_| Ok(()))
    }

    fn remember(&mut self, entry: &Map<String, Value>) {
        let Some(stage) = entry.get("stage").and_then(Value::as_str).and_then(Stage::named) else { return };
        let last = self.last.entry(stage.name()).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(last) = last else { return };
        let mut own = Vec::new();
        let passing = ["stage", "conditions", "left_secs"];
        for (name, value) in entry.iter().filter(|(name, _)| !passing.contains(&name.as_str())) {
            let is_number = !PLACE.contains(&name.as_str());
            let is_new = is_number && !last.contains_key(name);
            if is_new && (self.names >= MOST_NAMES || !is_name(name)) {
                self.has_more = true;
                continue;
            }
            self.names += usize::from(is_new);
            own.extend(is_number.then_some(name));
            last.insert(name.clone(), value.clone());
        }
        // Every metric keeps its own conditions, whatever was measured after it.
        if let Some(conditions) = entry.get("conditions") {
            let all = last.entry("conditions").or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(all) = all {
                all.extend(own.into_iter().map(|name| (name.clone(), conditions.clone())));
            }
        }
    }

    /// The last value of every number, by stage.
    pub fn last(&self) -> &Map<String, Value> {
        &self.last
    }
}

/// The file at `path` in the making, with its first `bytes`.
fn beginning_of(path: &Path, bytes: u64) -> Result<Whole> {
    let mut begun = Whole::begin(path)?;
    let mut before = plain_file::open(path)?.take(bytes);
    std::io::copy(&mut before, &mut begun).map_err(|e| begun.failed(&e))?;
    Ok(begun)
}

/// Whether a line was written before the step that the run goes on from.
fn holds(entry: &Map<String, Value>, resumed: Option<&Resumed>) -> bool {
    let steps = entry.get("total_steps").and_then(Value::as_u64);
    let stage = entry.get("stage").and_then(Value::as_str);
    let written = if entry.contains_key("conditions") { Written::Metrics } else { Written::Losses };
    let placed = resumed.zip(stage.zip(steps));
    placed.is_some_and(|(resumed, (stage, steps))| resumed.keeps(stage, steps, written))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::train::Due;

    #[test]
    fn every_metric_keeps_its_own_conditions() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut stats = Stats::open(folder.path(), None).expect("stats").stats;
        let at = Progress { stage: Stage::Sid, step: 3, kimg: 0.1, stage_kimg: 1.0, elapsed_secs: 2.0 };
        stats.write(&at, 3, &[("sid", 0.5)], None).expect("a line");
        stats.write(&at, 3, &[("fd_pixel", 7.0)], Some("on pixels")).expect("a line");
        stats.write(&at, 3, &[("energy", 0.1)], Some("on distances")).expect("a line");
        let last = &stats.last()["sid"];
        assert_eq!((&last["fd_pixel"], &last["sid"]), (&json!(7.0), &json!(0.5)));
        assert_eq!(last["conditions"], json!({"fd_pixel": "on pixels", "energy": "on distances"}));
        // A run that goes on remembers the same.
        let resumed =
            Resumed { stage: Stage::Sid, step: 4, total_steps: 4, due: Due::NOTHING, has_numbers: true };
        let again = || Stats::open(folder.path(), Some(&resumed)).expect("stats");
        assert_eq!((again().stats.last(), again().lost), (stats.last(), None));
        // What is lost is told once.
        let whole = fs::read_to_string(&stats.path).expect("the file");
        fs::write(&stats.path, format!("{whole}{{\"stage\":\nnot JSON\n{{\"torn")).expect("writes");
        assert!(again().lost.is_some_and(|words| words.contains("2 lines")));
        assert_eq!(fs::read_to_string(&stats.path).expect("the file"), whole);
        fs::remove_file(&stats.path).expect("removed");
        assert!(again().lost.is_some_and(|words| words.contains("gone")));
    }
    /// What comes after the checkpoint goes, and nothing is written where nothing does.
    #[test]
    fn lines_before_the_checkpoint_stay_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(STATS_FILE);
        let line = |steps: u64| {
            format!("{{ \"stage\":\"sid\",\"step\":{steps},\"total_steps\":{steps},\"sid\":1}}\n")
        };
        let kept = [1, 2, 3].map(line).concat();
        let resumed =
            Resumed { stage: Stage::Sid, step: 3, total_steps: 3, due: Due::NOTHING, has_numbers: true };
        let names: String = (0..3 * MOST_NAMES).map(|i| format!(",\"n{i}\":0")).collect();
        let many = line(2).replace("}", &format!("{names}}}"));
        for (found, want) in [
            (kept.clone(), kept.clone()),
            (kept.clone() + &line(4), kept.clone()),
            (line(1) + &line(9) + &line(2) + "{\"torn", line(1) + &line(2)),
            (many.clone(), many),
            (line(1) + &"x".repeat(3 << 20) + "\n" + &line(2), line(1)),
        ] {
            fs::write(&path, &found).expect("writes");
            let before = fs::metadata(&path).and_then(|meta| meta.modified()).expect("a time");
            let opened = Stats::open(folder.path(), Some(&resumed)).expect("stats");
            assert!(fs::read_to_string(&path).expect("the file") == want);
            assert!(opened.stats.last()["sid"].as_object().is_some_and(|last| last.len() <= MOST_NAMES + 9));
            assert_eq!(opened.lost.is_some(), found.len() > 9999);
            let is_same = fs::metadata(&path).and_then(|meta| meta.modified()).is_ok_and(|now| now == before);
            assert!(is_same || found != want);
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        }
    }
}
