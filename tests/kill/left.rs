//! What a training leaves in its folder, but for times and speeds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// By the names of files, with numbers that follow a clock taken out.
#[derive(Debug)]
pub struct Left(BTreeMap<String, Vec<u8>>);

/// Fields that follow a clock.
const TIMES: [&str; 4] = ["elapsed_secs", "images_per_sec", "images_per_wall_sec", "left_secs"];

impl Left {
    /// What is below `folder`.
    pub fn of(folder: &Path) -> Self {
        let mut files = Vec::new();
        collect(folder, &mut files);
        let entry = |path: PathBuf| {
            let name = path.strip_prefix(folder).expect("a file below").to_string_lossy().into_owned();
            let (name, bytes) = timeless(name, path);
            (name, bytes)
        };
        Self(files.into_iter().map(entry).collect())
    }

    /// What is otherwise than in `want`, in words.
    pub fn differences(&self, want: &Self) -> Vec<String> {
        let missing =
            want.0.keys().filter(|name| !self.0.contains_key(*name)).map(|n| format!("{n} is missing"));
        let own = self.0.iter().filter_map(|(name, bytes)| match want.0.get(name) {
            None => Some(format!("{name} is left over")),
            Some(want) if want != bytes => Some(format!(
                "{name} differs\n{}\n{}",
                String::from_utf8_lossy(bytes).chars().take(6000).collect::<String>(),
                String::from_utf8_lossy(want).chars().take(6000).collect::<String>()
            )),
            Some(_) => None,
        });
        missing.chain(own).collect()
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    // An empty folder is left too.
    if entries.is_empty() {
        files.push(folder.to_path_buf());
    }
    for path in entries {
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// A file without what follows a clock or a place.
fn timeless(name: String, path: PathBuf) -> (String, Vec<u8>) {
    if path.is_dir() {
        return (name, Vec::new());
    }
    let bytes = std::fs::read(&path).expect("a file");
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.starts_with("events.out.tfevents.") {
        // It is named by the second in which it began.
        return (name.replace(last, "events"), events(&bytes));
    }
    let bytes = match last {
        "stats.jsonl" | "changes.jsonl" => lines(&bytes),
        "recipe.toml" => placeless(&bytes),
        "manifest.json" | "best.json" => lines_of(serde_json::from_slice(&bytes).expect("JSON")).into_bytes(),
        // What happened on the way, and when.
        "log.jsonl" | "summary.json" | "report.html" => Vec::new(),
        _ => bytes,
    };
    (name, bytes)
}

/// A recipe without the place of its folder.
fn placeless(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("text");
    text.split_inclusive('\n').filter(|line| !line.starts_with("folder = ")).collect::<String>().into_bytes()
}

fn lines(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("text");
    text.lines()
        .map(|line| lines_of(serde_json::from_str(line).expect("JSON")))
        .collect::<String>()
        .into_bytes()
}

fn lines_of(mut json: Value) -> String {
    let object = json.as_object_mut().expect("an object");
    TIMES.iter().for_each(|time| drop(object.remove(*time)));
    // It is of the text with its times.
    object.remove("manifest_sha256");
    format!("{json}\n")
}

/// Steps, names and values of a file of TensorBoard's events, without times and speeds.
fn events(mut bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(length) = bytes.get(..8) {
        let length = u64::from_le_bytes(length.try_into().expect("8 bytes")) as usize;
        let mut event = bytes[12..12 + length].to_vec();
        bytes = &bytes[16 + length..];
        // The time comes first: a tag and eight bytes.
        event[1..9].fill(0);
        for speed in [&b"images_per_sec"[..], b"images_per_wall_sec"] {
            if let Some(at) = event.windows(speed.len()).position(|window| window == speed) {
                let value = at + speed.len() + 1;
                event[value..value + 4].fill(0);
            }
        }
        all.extend(event);
    }
    all
}
