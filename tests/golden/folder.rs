//! Where the reference cases are.

use std::path::PathBuf;

/// The folder that `SIGNET_GOLDEN_DIR` names, which must be there, or the usual one beside the source; None
/// where there is none.
pub fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("SIGNET_GOLDEN_DIR").map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| PathBuf::from("../shared/golden"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(named.is_none(), "SIGNET_GOLDEN_DIR is {}, which is no folder", folder.display());
    println!("{} does not exist: the small files stand in", folder.display());
    None
}
