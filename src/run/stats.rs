//! `stats.jsonl`: one JSON object a line, losses and metrics in the order they came.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::append::append_line;
use super::message::Progress;
use super::resumed::{Resumed, Written};
use crate::error::{Error, Result};
use crate::train;

pub const STATS_FILE: &str = "stats.jsonl";
/// Stands in every line of losses: images a second.
pub const SPEED: &str = "images_per_sec";
/// What every line says beside its numbers.
pub const PLACE: [&str; 6] = ["stage", "step", "total_steps", "kimg", "elapsed_secs", "conditions"];

/// The open file and the last value of every number, which the summary repeats.
#[derive(Debug)]
pub struct Stats {
    path: PathBuf,
    last: Map<String, Value>,
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
    pub fn open(run_dir: &std::path::Path, resumed: Option<&Resumed>) -> Result<Found> {
        let path = run_dir.join(STATS_FILE);
        let mut stats = Self { path, last: Map::new() };
        let text = match fs::read(&stats.path) {
            // A line that was torn by a full disk need not be whole characters.
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(Error::io(&stats.path, "read", &e)),
        };
        let (mut kept, mut unread) = (String::new(), 0);
        // What has no line end was being written when the process died.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::trim_end) {
            let Ok(Value::Object(entry)) = serde_json::from_str(line) else {
                unread += 1;
                continue;
            };
            let steps = entry.get("total_steps").and_then(Value::as_u64);
            let stage = entry.get("stage").and_then(Value::as_str);
            let placed = resumed.zip(stage.zip(steps));
            let written = if entry.contains_key("conditions") { Written::Metrics } else { Written::Losses };
            if placed.is_some_and(|(resumed, (stage, steps))| resumed.keeps(stage, steps, written)) {
                kept.push_str(line);
                kept.push('\n');
                stats.remember(&entry);
            }
        }
        let place = stats.path.display();
        let lost = if unread > 0 {
            Some(format!("{place}: {unread} lines cannot be read and are dropped"))
        } else {
            let is_gone = kept.is_empty() && resumed.is_some_and(|resumed| resumed.has_numbers);
            is_gone.then(|| format!("{place}: the numbers of the steps up to here are gone"))
        };
        if kept != text || !stats.path.exists() {
            train::write_whole(&stats.path, kept.as_bytes())?;
        }
        Ok(Found { stats, lost })
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
        if let Some(conditions) = conditions {
            entry.insert("conditions".into(), json!(conditions));
        }
        self.remember(&entry);
        append_line(&self.path, &Value::Object(entry).to_string(), |_| Ok(()))
            .map_err(|e| Error::io(&self.path, "append to", &e).hint("is the disk full?"))
    }

    fn remember(&mut self, entry: &Map<String, Value>) {
        let stage = entry.get("stage").and_then(Value::as_str).unwrap_or_default().to_string();
        let stage = self.last.entry(stage).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(stage) = stage else { return };
        let plain = entry.iter().filter(|(name, _)| !["stage", "conditions"].contains(&name.as_str()));
        stage.extend(plain.map(|(name, value)| (name.clone(), value.clone())));
        // Every metric keeps its own conditions, whatever was measured after it.
        if let Some(conditions) = entry.get("conditions") {
            let all = stage.entry("conditions").or_insert_with(|| Value::Object(Map::new()));
            let metrics = entry.keys().filter(|name| !PLACE.contains(&name.as_str()));
            if let Value::Object(all) = all {
                all.extend(metrics.map(|name| (name.clone(), conditions.clone())));
            }
        }
    }

    /// The last value of every number, by stage.
    pub fn last(&self) -> &Map<String, Value> {
        &self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Stage;
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
}
