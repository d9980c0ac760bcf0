//! What the process holds of the host's memory, for the controls' bar.

use std::time::{Duration, Instant};

use super::words;
use crate::host_memory;

/// How often the kernel is asked.
const ASK_AGAIN: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Memory {
    asked: Option<Instant>,
    words: Option<String>,
}

impl Memory {
    /// The memory that is held, at most a second old while the window is painted; none where nobody knows.
    pub fn words(&mut self) -> Option<&str> {
        if self.asked.is_none_or(|asked| asked.elapsed() >= ASK_AGAIN) {
            self.asked = Some(Instant::now());
            self.words =
                host_memory::resident_bytes().map(|bytes| format!("{} of memory", words::memory(bytes)));
        }
        self.words.as_deref()
    }
}
