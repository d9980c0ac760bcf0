//! The desktop's own dialogs.

use std::path::PathBuf;

use rfd::FileDialog;

use super::question::{Question, Target};
use crate::error::Result;

/// Shows the dialog and waits until its user has chosen.
///
/// # Errors
/// A desktop that has no such dialogs.
pub fn pick(question: Question) -> Result<Vec<PathBuf>> {
    #[cfg(all(unix, not(target_os = "macos")))]
    super::portal::check()?;
    let dialog = FileDialog::new().set_title(question.title());
    // A file may be called anything, whatever is in it.
    let only = |(kind, endings)| dialog.clone().add_filter(kind, endings).add_filter("all files", &["*"]);
    Ok(match question.target() {
        Target::Folder => dialog.pick_folder().into_iter().collect(),
        Target::File(filter) => only(filter).pick_file().into_iter().collect(),
        Target::Files(filter) => only(filter).pick_files().unwrap_or_default(),
    })
}
