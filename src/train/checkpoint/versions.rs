//! Versions of the manifest: what an earlier release wrote is brought up to what this one reads, by one
//! function a version.

use serde_json::{Map, Value, json};

use crate::error::{Error, Kind, Result};

/// The version that this release writes.
pub const VERSION: u32 = 2;

/// Since this version a manifest has its own hash in it.
pub const SEALED_SINCE: u32 = 2;

type Step = fn(&mut Map<String, Value>);

/// The step from version 1 comes first.
const STEPS: [Step; VERSION as usize - 1] = [from_1_to_2];

/// Brings a manifest up to this release's version, and gives the one it had.
///
/// # Errors
/// `Kind::Checkpoint` for a version of a later release, or none at all.
pub fn bring_up(manifest: &mut Value) -> Result<u32> {
    let unknown = || Error::new(Kind::Checkpoint, "this is not a manifest of ours: it names no version");
    let Value::Object(manifest) = manifest else { return Err(unknown()) };
    // Version 1 called it a format, and only that one: later ones are sealed, whatever a changed bit says.
    let named = [manifest.get("version"), manifest.get("format")];
    let version = match named.map(|version| version.and_then(Value::as_u64)) {
        [None, Some(1)] => 1,
        [Some(version), None] if version != 1 => u32::try_from(version).map_err(|_| unknown())?,
        _ => return Err(unknown()),
    };
    if !(1..=VERSION).contains(&version) {
        let what = format!("the checkpoint has version {version}, this program reads 1 to {VERSION}");
        return Err(Error::new(Kind::Checkpoint, what)
            .hint("use the release of signet that wrote it, or a newer one"));
    }
    STEPS.iter().skip(version as usize - 1).for_each(|step| step(manifest));
    Ok(version)
}

/// Version 2 knows settings by name and not by a hash, the stage's length, and the losses since the last line
/// of numbers. What version 1 does not say stays open; its hash is compared where the recipe is at hand.
fn from_1_to_2(manifest: &mut Map<String, Value>) {
    manifest.remove("format");
    manifest.insert("version".into(), json!(2));
}
