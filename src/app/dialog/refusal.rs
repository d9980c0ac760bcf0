//! What is said where no dialog can be shown.

use crate::error::{Error, Kind};

pub fn refusal(why: &str) -> Error {
    Error::new(Kind::Io, format!("no file dialog can be shown: {why}"))
        .hint("type the path, or drop the file on the window")
}
