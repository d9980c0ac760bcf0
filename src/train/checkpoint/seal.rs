//! The text of a manifest, with its own hash in it: what was changed on the disk is noticed.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::listing::name_of;
use super::manifest::{MANIFEST_FILE, Manifest, sha256};
use super::versions::{self, SEALED_SINCE};
use crate::error::{Error, Kind, Result};
use crate::plain_file::{self, limits};

/// In the place of the hash while it is worked out.
const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Serialize, Deserialize)]
struct Sealed<M> {
    #[serde(flatten)]
    manifest: M,
    /// SHA-256 of this very text with [`BLANK`] in the hash's place.
    manifest_sha256: String,
}

/// The manifest as it is written.
///
/// # Errors
/// Numbers that JSON does not know.
pub fn close(manifest: &Manifest) -> Result<String> {
    let blank = serde_json::to_string_pretty(&Sealed { manifest, manifest_sha256: BLANK.into() })
        .map_err(|e| damaged(format!("the manifest cannot be written: {e}")))?;
    let seal = sha256(blank.as_bytes());
    // It stands last.
    Ok(blank
        .rfind(BLANK)
        .map_or(blank.clone(), |at| [&blank[..at], &seal, &blank[at + BLANK.len()..]].concat()))
}

/// Reads what [`close`] or an earlier release has written.
///
/// # Errors
/// `Kind::Checkpoint` for anything else, and for a text that was changed.
pub fn open(text: &[u8]) -> Result<Manifest> {
    let not_ours = |e: serde_json::Error| damaged(format!("this is not a manifest of ours: {e}"));
    let mut json: Value = serde_json::from_slice(text).map_err(not_ours)?;
    let version = versions::bring_up(&mut json)?;
    if version < SEALED_SINCE {
        return serde_json::from_value(json).map_err(not_ours);
    }
    let Sealed { manifest, manifest_sha256 } = serde_json::from_value(json).map_err(not_ours)?;
    // What parses is text.
    let text = String::from_utf8_lossy(text);
    let whole = text.rfind(&manifest_sha256).is_some_and(|at| {
        let blank = [&text[..at], BLANK, &text[at + manifest_sha256.len()..]].concat();
        sha256(blank.as_bytes()) == manifest_sha256
    });
    if whole { Ok(manifest) } else { Err(damaged("the manifest is damaged: its hash is not its own".into())) }
}

/// The manifest of the checkpoint at `path`.
///
/// # Errors
/// `Kind::Io` where it cannot be read, `Kind::Checkpoint` where it is none, damaged, or of a later release.
pub fn read_manifest(path: &Path) -> Result<Manifest> {
    let file = path.join(MANIFEST_FILE);
    let json = plain_file::read(&file, limits::JSON)?;
    open(&json).map_err(|e| e.at(file))
}

/// The same of a checkpoint in a run's folder, where its name says its stage and step: a copy under another name
/// is not the run's.
///
/// # Errors
/// As [`read_manifest`], `Kind::Io` for a link, and `Kind::Checkpoint` for another name.
pub fn read_named(path: &Path) -> Result<Manifest> {
    plain_file::check_folder(path)?;
    let manifest = read_manifest(path)?;
    let name = name_of(manifest.stage, manifest.total_steps);
    if path.file_name().is_some_and(|own| *own != *name) {
        return Err(damaged(format!(
            "the checkpoint is of another step than its name says: it should be {name}"
        ))
        .at(path));
    }
    Ok(manifest)
}

/// Whether it is the checkpoint that its name says, and every file has its size.
pub(super) fn intact(path: &Path) -> bool {
    let is_whole = |name: &str, bytes: u64| {
        let is_plain =
            matches!(Path::new(name).components().next(), Some(Component::Normal(own)) if *own == *name);
        let meta = path.join(name).symlink_metadata();
        is_plain && meta.is_ok_and(|meta| meta.is_file() && meta.len() == bytes)
    };
    read_named(path).is_ok_and(|m| m.files.iter().all(|(name, stamp)| is_whole(name, stamp.bytes)))
}

fn damaged(what: String) -> Error {
    Error::new(Kind::Checkpoint, what).hint("use another checkpoint of the same run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Stage;
    use crate::train::checkpoint::made_up_manifest;
    use crate::train::{At, LossSum};

    fn manifest() -> Manifest {
        let mut manifest = made_up_manifest(Stage::Sid, At { step: 25, images: 200 });
        manifest.counters.insert("generator.adam_steps".into(), 25);
        let mut sum = LossSum::default();
        sum.add(0.1);
        manifest.sums.push(("sid".into(), sum));
        manifest
    }

    #[test]
    fn a_manifest_comes_back_as_it_was() {
        let written = close(&manifest()).expect("JSON");
        assert_eq!(open(written.as_bytes()), Ok(manifest()));
    }

    /// No byte can be another one without the whole being refused, whatever it says.
    #[test]
    fn any_other_byte_anywhere_is_noticed() {
        let written = close(&manifest()).expect("JSON").into_bytes();
        for place in 0..written.len() {
            for flip in 1..=u8::MAX {
                let mut changed = written.clone();
                changed[place] ^= flip;
                assert!(open(&changed).is_err(), "byte {place} ^ {flip} was not noticed");
            }
        }
        for end in 0..written.len() {
            assert!(open(&written[..end]).is_err(), "cut at {end}");
        }
    }
}
