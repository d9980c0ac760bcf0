//! What long work says between its parts, and the wish to stop that it hears there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};

/// Hears how much of some work is done, of how much. Its error ends the work.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

/// Shared by whoever may ask for a stop and by the work that looks for it. Once raised it stays so until other
/// work begins.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Interrupt {
    /// The same, and a stop of itself when `time` has passed since `start`.
    pub fn after(self, start: Instant, time: Duration) -> Self {
        Self { deadline: start.checked_add(time), ..self }
    }

    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
    }

    /// The same for other work that begins: neither an earlier wish nor an earlier time holds for it.
    pub fn renewed(self) -> Self {
        self.raised.store(false, Ordering::SeqCst);
        Self { deadline: None, ..self }
    }

    /// Whether the time is up.
    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Until the time is up; none where there is no such time.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// # Errors
    /// `Kind::Stopped` once somebody has asked for a stop, or the time is up: what was being worked on is
    /// given up.
    pub fn check(&self) -> Result<()> {
        if self.is_late() || self.raised.load(Ordering::SeqCst) {
            return Err(Error::new(Kind::Stopped, "stopped, as asked"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_when_somebody_asks_or_the_time_is_up() {
        let (asked, start) = (Interrupt::default(), Instant::now());
        let [late, early] = [0, 3600].map(|secs| asked.clone().after(start, Duration::from_secs(secs)));
        assert!(asked.check().is_ok() && early.check().is_ok());
        assert_eq!([&asked, &early, &late].map(Interrupt::is_late), [false, false, true]);
        assert_eq!(late.check().map_err(|stopped| stopped.kind), Err(Kind::Stopped));
        asked.raise();
        assert!(asked.check().is_err() && early.check().is_err(), "they are one wish");
        assert!(late.renewed().check().is_ok() && asked.check().is_ok(), "other work begins");
    }
}
