//! Paths that are neither a file nor a folder: reading one may never end.

use std::path::Path;

use crate::error::{Error, Result};

/// Refuses a pipe, a device and the like; what is not there is left to whoever opens it.
///
/// # Errors
/// Such a path.
pub fn refuse(path: &Path) -> Result<()> {
    if path.exists() && !path.is_dir() && !path.is_file() {
        return Err(Error::data(path, "this is no file, but a device or a pipe"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_pass() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.png");
        std::fs::write(&file, b"").expect("a file");
        for path in [folder.path(), &file, &folder.path().join("none")] {
            assert_eq!(refuse(path), Ok(()));
        }
        #[cfg(unix)]
        assert!(refuse(Path::new("/dev/zero")).is_err_and(|error| error.what.contains("device")));
    }
}
