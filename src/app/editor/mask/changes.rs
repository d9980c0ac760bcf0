//! Which part of a mask has changed since somebody last looked at it.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// A rectangle of pixels; the ends are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub x: Range<u32>,
    pub y: Range<u32>,
}

impl Region {
    /// The least rectangle with all of both.
    pub fn around(&self, other: &Self) -> Self {
        let hull = |a: &Range<u32>, b: &Range<u32>| a.start.min(b.start)..a.end.max(b.end);
        Self { x: hull(&self.x, &other.x), y: hull(&self.y, &other.y) }
    }
}

/// Names a content: two masks of one stamp are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64);

impl Stamp {
    fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What was drawn between two looks.
#[derive(Clone, Debug)]
pub struct Changes {
    seen: Stamp,
    now: Stamp,
    region: Option<Region>,
}

impl Changes {
    /// Of a content that nobody has seen.
    pub fn new() -> Self {
        Self::of(Stamp::fresh())
    }

    /// Of a content that has its stamp already.
    pub fn of(stamp: Stamp) -> Self {
        Self { seen: stamp, now: stamp, region: None }
    }

    pub fn stamp(&self) -> Stamp {
        self.now
    }

    pub fn add(&mut self, region: Region) {
        self.now = Stamp::fresh();
        self.region = Some(match &self.region {
            Some(before) => before.around(&region),
            None => region,
        });
    }

    /// What has changed since the content was `known`, and counts it as seen. `whole` where that cannot be
    /// told, because this is another mask or an older state of it; none where nothing has.
    pub fn since(&mut self, known: Option<Stamp>, whole: Region) -> Option<Region> {
        let changed = match known {
            Some(known) if known == self.now => None,
            Some(known) if known == self.seen => self.region.clone(),
            _ => Some(whole),
        };
        *self = Self { seen: self.now, now: self.now, region: None };
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Region = Region { x: 0..9, y: 0..9 };

    #[test]
    fn a_look_tells_what_was_drawn_since_the_last_one() {
        let mut changes = Changes::new();
        assert_eq!(changes.since(None, WHOLE), Some(WHOLE));
        let known = Some(changes.stamp());
        assert_eq!(changes.since(known, WHOLE), None);
        changes.add(Region { x: 1..2, y: 5..6 });
        changes.add(Region { x: 4..5, y: 3..4 });
        assert_eq!(changes.since(known, WHOLE), Some(Region { x: 1..5, y: 3..6 }));
        assert_eq!(changes.since(Some(changes.stamp()), WHOLE), None);
    }

    #[test]
    fn another_state_is_seen_anew() {
        let mut changes = Changes::new();
        changes.since(None, WHOLE);
        let (mut older, known) = (changes.clone(), Some(changes.stamp()));
        changes.add(Region { x: 1..2, y: 5..6 });
        changes.since(known, WHOLE);
        assert_eq!(older.since(Some(changes.stamp()), WHOLE), Some(WHOLE), "an undone stroke");
        older.add(Region { x: 0..1, y: 0..1 });
        changes.add(Region { x: 2..3, y: 5..6 });
        assert_ne!(older.stamp(), changes.stamp(), "two masks that went different ways");
    }
}
