//! The file that a report is written to.

use std::path::Path;

use super::report::Report;
use crate::error::{Error, Kind, Result};
use crate::plain_file::{self, limits};

/// How every `format` of a report begins, of other versions too.
const FAMILY: &str = "signet-full-report-";

/// Whether a report may be written to `file`: an earlier report is replaced, anything else stays. True if one is there.
///
/// # Errors
/// `Kind::Usage` where something else is there.
pub fn may_be_written(file: &Path) -> Result<bool> {
    match plain_file::read_if_there(file, limits::JSON) {
        Ok(None) => Ok(false),
        Ok(Some(bytes)) if is_report(&bytes) => Ok(true),
        // Too large, a link, not to be read: no report of ours either.
        Ok(Some(_)) | Err(_) => Err(Error::usage("something that is no report is there already")
            .at(file)
            .hint("give --full another name, or move that file elsewhere")),
    }
}

fn is_report(bytes: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    value.is_some_and(|value| value["format"].as_str().is_some_and(|format| format.starts_with(FAMILY)))
}

/// Writes the report, whole or not at all.
///
/// # Errors
/// `Kind::Io`.
pub fn write(file: &Path, report: &Report) -> Result<()> {
    let text = serde_json::to_string_pretty(report)
        .map_err(|e| Error::new(Kind::Io, format!("the report cannot be written: {e}")).at(file))?;
    plain_file::write_whole(file, (text + "\n").as_bytes())
}
