//! Versions of the recipe file: what an earlier release wrote is brought up to what this one reads, by one
//! function a version.

use sha2::{Digest, Sha256};
use toml::Table;

use crate::error::{Error, Result};

/// The version that this release writes. A file that names none is of version 1.
pub const VERSION: u32 = 2;

/// Brings the file from one version to the next.
type Step = fn(&mut Table);

/// The step from version 1 comes first.
const STEPS: [Step; VERSION as usize - 1] = [from_1_to_2];

/// Brings a file of `version` up to this release's.
///
/// # Errors
/// `Kind::Usage` for a version of a later release, or none at all.
pub(super) fn bring_up(file: &mut Table, version: u32) -> Result<()> {
    if !(1..=VERSION).contains(&version) {
        let what = format!("the recipe has version {version}, this program reads 1 to {VERSION}");
        return Err(Error::usage(what).hint("use the release of signet that wrote it, or a newer one"));
    }
    STEPS.iter().skip(version as usize - 1).for_each(|step| step(file));
    Ok(())
}

/// Version 2 names its version and, in a run's folder, has a table `[run]`. No setting has changed.
fn from_1_to_2(_: &mut Table) {}

/// The fingerprint by which version 1 knew a recipe: of its file as version 1 wrote it, but for how a batch is
/// split. `written` is that file as this release writes it. Settings that came later are left out where they have their
/// defaults, for nothing else was possible then.
pub(super) fn hash_in_version_1(written: &str) -> String {
    let is_new = |line: &str| line.starts_with("version = ") || line == "precision = \"f32\"\n";
    let lines = written.split_inclusive('\n').filter(|line| !is_new(line));
    let unsplit: String = lines
        .map(|line| if line.starts_with("micro_batch = ") { "micro_batch = 0\n" } else { line })
        .collect();
    Sha256::digest(unsplit).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_other_releases_are_named() {
        for version in [0, VERSION + 1] {
            let error = bring_up(&mut Table::new(), version).expect_err("no version of ours");
            let words = error.to_string();
            assert!(words.contains(&format!("version {version}")) && words.contains("what to do"), "{words}");
        }
        assert!((1..=VERSION).all(|version| bring_up(&mut Table::new(), version).is_ok()));
    }

    /// What version 1 wrote has its fingerprint still, though more is written now.
    #[test]
    fn later_settings_change_no_fingerprint_of_version_1() {
        let first = "name = \"a\"\nseed = 0\n\n[data]\nsize = 16\n";
        let now = format!("version = 2\n{}", first.replace("seed = 0\n", "seed = 0\nprecision = \"f32\"\n"));
        assert_eq!(hash_in_version_1(&now), hash_in_version_1(first));
        assert_ne!(hash_in_version_1(&now.replace("f32", "mixed")), hash_in_version_1(first));
    }
}
