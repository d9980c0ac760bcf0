//! A folder of samples is one set, for `signet eval --images` measures all that is in it: pictures of another model, or
//! of another number of seeds, do not end up among new ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use image::ImageFormat;
use serde::{Deserialize, Serialize};

use crate::data;
use crate::error::{Error, Result};
use crate::words;

/// The keyword of a picture's record in its PNG.
const KEYWORD: &str = "signet";
/// Where pictures go if no folder is named.
pub const USUAL: &str = "samples";
/// Folders that are tried then.
const MOST_FOLDERS: usize = 1000;

/// What all pictures of a set have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// As it was called; the same model may be called otherwise.
    pub model: String,
    /// Fingerprint of its weights.
    pub weights: String,
    /// Flags that change the pictures.
    pub settings: String,
}

/// What is written into a picture.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    set: Set,
    seed: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<u32>,
}

impl Set {
    fn is_same(&self, other: &Self) -> bool {
        (&self.weights, &self.settings) == (&other.weights, &other.settings)
    }

    /// The words of the picture of a seed.
    pub fn texts(&self, seed: u32, class: Option<u32>) -> Vec<(&'static str, String)> {
        let record = Record { set: self.clone(), seed, class };
        let software = ("Software", format!("Signet {}", env!("CARGO_PKG_VERSION")));
        let json = serde_json::to_string(&record).unwrap_or_default();
        vec![software, (KEYWORD, words::ascii_json(&json))]
    }
}

/// Name of the picture of a seed.
pub fn file_name(seed: u32) -> String {
    format!("seed-{seed:06}.png")
}

/// What lies in a folder, seen by a command that is about to write there.
#[derive(Debug, Default)]
struct Found {
    /// Pictures that this command makes anew, and whether they are of its set already.
    anew: Vec<(PathBuf, bool)>,
    /// Pictures of other seeds that are of its set.
    kin: Vec<PathBuf>,
    /// Other pictures, with the set that they are of where they say so.
    others: Vec<(PathBuf, Option<Set>)>,
}

impl Found {
    fn of(folder: &Path, set: &Set, names: &BTreeSet<String>) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(folder, "read the folder", &e);
        let entries = match std::fs::read_dir(folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            entries => entries.map_err(io)?,
        };
        let mut found = Self::default();
        for entry in entries {
            let path = entry.map_err(io)?.path();
            if !path.is_file() || ImageFormat::from_path(&path).is_err() {
                continue;
            }
            let record =
                data::png_words(&path, KEYWORD).and_then(|json| serde_json::from_str::<Record>(&json).ok());
            let own = record.map(|record| record.set);
            let is_same = own.as_ref().is_some_and(|own| own.is_same(set));
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if names.contains(&name) {
                found.anew.push((path, is_same));
            } else if is_same {
                found.kin.push(path);
            } else {
                found.others.push((path, own));
            }
        }
        found.others.sort_by(|a, b| a.0.cmp(&b.0));
        found.kin.sort();
        Ok(found)
    }

    /// Whether the folder is one set when `count` pictures are written: nothing of another set stays, and pictures
    /// of this one stay only where new ones join them.
    fn becomes_one(&self, count: usize) -> bool {
        self.others.is_empty() && (self.kin.is_empty() || self.anew.len() < count)
    }

    /// The error for a folder that does not.
    fn refusal(&self, folder: &Path, set: &Set) -> Error {
        let name = |path: &PathBuf| {
            path.file_name().unwrap_or_default().to_string_lossy().escape_debug().to_string()
        };
        let of = |set: &Set| format!("{} (weights {})", set.model.escape_debug(), set.weights.escape_debug());
        let what = match self.others.first() {
            Some((first, own)) => {
                let whose = match own {
                    Some(own) if own.weights == set.weights => format!("of {} with other flags", of(own)),
                    Some(own) => format!("of {}", of(own)),
                    None => "that do not say what they are of".into(),
                };
                format!(
                    "the folder has {} pictures {whose}, {} first, which would lie among those of {}",
                    self.others.len(),
                    name(first),
                    of(set)
                )
            }
            None => format!(
                "the folder has {} more pictures of the same set than are made now, {} first",
                self.kin.len(),
                self.kin.first().map(name).unwrap_or_default()
            ),
        };
        Error::usage(format!("{what}: who measures the folder would take them for one set"))
            .at(folder)
            .hint("give another folder with --out, or take those pictures away first")
    }
}

/// A folder for pictures of these seeds: `wanted`, or the first of `samples`, `samples-2`, … that becomes one set by
/// them. Pictures there that are made anew and are of another set are gone afterwards.
///
/// # Errors
/// `Kind::Usage` where pictures would stay in the folder that is wanted; `Kind::Io`.
pub fn folder(wanted: Option<&Path>, set: &Set, seeds: &[u32]) -> Result<PathBuf> {
    let names: BTreeSet<String> = seeds.iter().map(|seed| file_name(*seed)).collect();
    let usual = |n: usize| PathBuf::from(if n == 1 { USUAL.to_string() } else { format!("{USUAL}-{n}") });
    let folders: Vec<PathBuf> = match wanted {
        Some(wanted) => vec![wanted.to_path_buf()],
        None => (1..=MOST_FOLDERS).map(usual).collect(),
    };
    let mut refusal = None;
    for folder in folders {
        let found = Found::of(&folder, set, &names)?;
        if found.becomes_one(names.len()) {
            std::fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, "create the folder", &e))?;
            // Half of another set must not stay where this command is stopped half-way.
            for (path, _) in found.anew.iter().filter(|(_, is_same)| !is_same) {
                std::fs::remove_file(path).map_err(|e| Error::io(path, "remove the older picture", &e))?;
            }
            return Ok(folder);
        }
        refusal.get_or_insert_with(|| found.refusal(&folder, set));
    }
    Err(refusal.unwrap_or_else(|| Error::usage("there is no folder for the pictures")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    fn set(weights: &str, settings: &str) -> Set {
        Set { model: format!("runs/{weights}"), weights: weights.into(), settings: settings.into() }
    }

    /// Writes these seeds as the command does; the folder, or what it says.
    fn sample(wanted: &Path, set: &Set, seeds: std::ops::Range<u32>) -> Result<usize> {
        let seeds: Vec<u32> = seeds.collect();
        let folder = folder(Some(wanted), set, &seeds)?;
        for seed in seeds {
            data::save_png(&RgbImage::new(8, 8), &folder.join(file_name(seed)), &set.texts(seed, None))?;
        }
        Ok(std::fs::read_dir(folder).expect("a folder").count())
    }

    #[test]
    fn a_folder_stays_one_set() {
        let place = tempfile::tempdir().expect("a folder");
        let out = place.path().join("out");
        let (a, b) = (set("aaaa", "{}"), set("bbbb", "{}"));
        assert_eq!(sample(&out, &a, 0..16).ok(), Some(16));
        assert_eq!(sample(&out, &a, 0..16).ok(), Some(16), "once more");
        assert_eq!(sample(&out, &a, 16..20).ok(), Some(20), "more of the same");
        let error = sample(&out, &a, 0..4).expect_err("fewer").to_string();
        assert!(error.contains("16 more pictures") && error.contains("--out"), "{error}");
        let error = sample(&out, &b, 0..4).expect_err("another model").to_string();
        assert!(
            error.contains("aaaa") && error.contains("bbbb") && error.contains("seed-000004.png"),
            "{error}"
        );
        assert!(sample(&out, &set("aaaa", "{\"steps\":2}"), 20..24).is_err(), "other settings");
        assert_eq!(std::fs::read_dir(&out).expect("a folder").count(), 20, "nothing has changed");
        assert_eq!(sample(&out, &b, 0..20).ok(), Some(20), "all are made anew");
        let again = data::png_words(&out.join(file_name(3)), KEYWORD).expect("a record");
        assert!(again.contains("bbbb") && again.contains("\"seed\":3"), "{again}");
    }

    #[test]
    fn pictures_of_other_programs_are_not_joined() {
        let place = tempfile::tempdir().expect("a folder");
        let a = set("aaaa", "{}");
        std::fs::write(place.path().join("notes.txt"), "no picture").expect("written");
        assert!(sample(place.path(), &a, 0..2).is_ok());
        RgbImage::new(4, 4).save(place.path().join("cat.png")).expect("written");
        let error = sample(place.path(), &a, 0..2).expect_err("refused").to_string();
        assert!(error.contains("cat.png"), "{error}");
    }
}
