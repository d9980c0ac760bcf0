//! How much work is queued, and how much may be.

use std::mem;
use std::time::{Duration, Instant};

/// Multiply-adds that are handed over at once where nobody draws. Drivers reset a GPU that does not come back within
/// some seconds: so many take half a second at 1 TFLOP/s. Windows waits for two seconds only: there at 200 GFLOP/s.
pub const MOST: u64 = if cfg!(windows) { 50_000_000_000 } else { 250_000_000_000 };

/// Beside a window, before anything was timed: what 1 TFLOP/s does in a turn.
const FIRST: u64 = 4_000_000_000;

/// Beside a window at the least, so that handing over never costs more than the work itself: a turn of 25 GFLOP/s.
const LEAST: u64 = 100_000_000;

/// Time of a piece beside a window. One is at work and one is handed over behind it, so that a frame waits for two of
/// them at the most: 60 frames a second are possible.
const TURN: Duration = Duration::from_millis(8);

/// Multiply-adds that were queued since work was last handed over by their number. Who else has handed over meanwhile
/// is not known: then a piece is smaller than it could be.
#[derive(Debug, Default)]
pub struct Queued(u64);

impl Queued {
    /// Queues `work`. Some if what was queued before, so much, has to be handed over first, as both are more than
    /// `most` together.
    pub fn add(&mut self, work: u64, most: u64) -> Option<u64> {
        let both = self.0.saturating_add(work);
        if self.0 == 0 || both <= most {
            self.0 = both;
            return None;
        }
        Some(mem::replace(&mut self.0, work))
    }
}

/// Multiply-adds that a device is given at once beside a window: as many as it does in a turn, by what it did last.
#[derive(Debug)]
pub struct Share {
    most: u64,
    /// When the last piece was done.
    done: Option<Instant>,
}

impl Default for Share {
    fn default() -> Self {
        Self { most: FIRST, done: None }
    }
}

impl Share {
    pub fn most(&self) -> u64 {
        self.most
    }

    /// A piece of `work` that was handed over at `given` is done `now`. The device was at it since the piece before was
    /// done, or since it came.
    ///
    /// A window's drawing is in that time too, and so is a pause of the host: one piece halves or doubles the share at
    /// the most.
    pub fn finished(&mut self, work: u64, given: Instant, now: Instant) {
        let began = self.done.map_or(given, |done| done.max(given));
        self.done = Some(now);
        // A clock of coarse steps must not make a rate infinite.
        let secs = now.saturating_duration_since(began).as_secs_f64().max(1e-6);
        let in_a_turn = work as f64 * (TURN.as_secs_f64() / secs);
        self.most = (in_a_turn as u64).clamp(self.most / 2, 2 * self.most).clamp(LEAST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_handed_over_before_it_is_too_much() {
        let mut queued = Queued::default();
        assert_eq!([60, 40, 1, 99].map(|work| queued.add(work, 100)), [None, None, Some(100), None]);
        // One that is too much by itself goes alone.
        assert_eq!([500, 1, 99].map(|work| queued.add(work, 100)), [Some(100), Some(500), None]);
        assert_eq!(Queued::default().add(500, 100), None, "nothing was queued before it");
        assert_eq!(queued.add(u64::MAX, 100), Some(100));
        assert_eq!(queued.add(u64::MAX, 100), Some(u64::MAX));
    }

    #[test]
    fn a_share_is_what_the_last_piece_says_within_a_half_and_twice() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut share = Share::default();
        assert_eq!(share.most(), FIRST);
        share.finished(FIRST, at(0), at(4));
        assert_eq!(share.most(), 2 * FIRST);
        // It came while the one before was at work.
        share.finished(FIRST, at(1), at(12));
        assert_eq!(share.most(), FIRST);
        // It came later.
        share.finished(FIRST, at(100), at(108));
        assert_eq!(share.most(), FIRST);
        share.finished(FIRST, at(108), at(108 + 10));
        assert_eq!(share.most(), FIRST * 4 / 5);
        // A pause, and a clock that has not moved.
        share.finished(FIRST, at(118), at(9000));
        assert_eq!(share.most(), FIRST * 2 / 5);
        share.finished(FIRST, at(9000), at(9000));
        assert_eq!(share.most(), FIRST * 4 / 5);
    }

    #[test]
    fn a_share_has_a_least_and_a_most() {
        let start = Instant::now();
        let after = |share: &mut Share, work, secs| {
            let from = share.done.unwrap_or(start);
            share.finished(work, from, from + Duration::from_secs(secs));
        };
        let mut share = Share::default();
        (0..40).for_each(|_| after(&mut share, 1, 1));
        assert_eq!(share.most(), LEAST);
        (0..40).for_each(|_| after(&mut share, u64::MAX, 0));
        assert_eq!(share.most(), MOST);
    }
}
