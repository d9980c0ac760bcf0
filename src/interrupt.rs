//! A wish to stop that long work hears between its parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Kind, Result};

/// Shared by whoever may ask for a stop and by the work that looks for it. Once raised it stays so.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// # Errors
    /// `Kind::Stopped` once somebody has asked for a stop: what was being worked on is given up.
    pub fn check(&self) -> Result<()> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Error::new(Kind::Stopped, "stopped, as asked"));
        }
        Ok(())
    }
}
