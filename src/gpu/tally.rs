//! What operations cost on the CPU backend: time, arithmetic, memory. Nobody counts until someone asks (`signet
//! bench --profile`); until then an operation pays for one look at an atomic number.
//!
//! burn's CPU backend computes at once and on the calling thread, whose loops share their work out from there: a
//! clock around a call says what the call costs. A GPU only queues its work, so there such a clock says nothing.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What an operation has to do at the least, however it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Additions, multiplications, divisions and roots, each as one.
    pub flops: u64,
    /// Inputs read once and outputs written once.
    pub bytes: u64,
}

impl Cost {
    /// Of work that nobody has counted.
    pub const UNKNOWN: Self = Self { flops: 0, bytes: 0 };

    /// `numbers`: how many numbers of single precision are read and written.
    pub const fn new(flops: usize, numbers: usize) -> Self {
        Self { flops: flops as u64, bytes: numbers as u64 * size_of::<f32>() as u64 }
    }

    /// The same `flops` and `numbers` for each of so many elements.
    pub const fn each(elements: usize, flops: usize, numbers: usize) -> Self {
        Self::new(elements * flops, elements * numbers)
    }
}

/// All calls of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub name: &'static str,
    pub calls: u64,
    /// Without the time of operations that were counted inside.
    pub time: Duration,
    /// Of all calls together.
    pub cost: Cost,
}

/// Threads that count.
static COUNTING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static HERE: RefCell<Option<Tally>> = const { RefCell::new(None) };
}

/// What a thread has counted.
#[derive(Default)]
struct Tally {
    entries: Vec<Entry>,
    /// Time of the operations that have ended inside the one that runs now.
    inside: Duration,
}

/// Does `work` and says which operations this thread did meanwhile, in the order of their first ends.
pub fn during<T>(work: impl FnOnce() -> T) -> (T, Vec<Entry>) {
    let counting = Counting::begin();
    let result = work();
    (result, counting.entries())
}

/// Times `work` as a call of operation `name`.
#[inline]
pub fn time<T>(name: &'static str, cost: Cost, work: impl FnOnce() -> T) -> T {
    let _clock = clock(name, cost);
    work()
}

/// Times what follows, until the clock is dropped, as a call of operation `name`.
#[inline]
pub fn clock(name: &'static str, cost: Cost) -> Clock {
    if COUNTING.load(Ordering::Relaxed) == 0 { Clock(None) } else { Clock(Running::start(name, cost)) }
}

/// Runs while somebody counts.
#[must_use = "it runs until it is dropped: give it a name, as `_clock`"]
pub struct Clock(Option<Running>);

impl Drop for Clock {
    #[inline]
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            running.stop();
        }
    }
}

struct Running {
    name: &'static str,
    cost: Cost,
    began: Instant,
    /// What had ended inside the operation around this one before it began.
    inside_before: Duration,
}

impl Running {
    /// None on a thread that does not count.
    #[cold]
    fn start(name: &'static str, cost: Cost) -> Option<Self> {
        HERE.with_borrow_mut(|here| {
            let inside_before = std::mem::take(&mut here.as_mut()?.inside);
            Some(Self { name, cost, began: Instant::now(), inside_before })
        })
    }

    #[cold]
    fn stop(self) {
        let whole = self.began.elapsed();
        HERE.with_borrow_mut(|here| {
            let Some(tally) = here else { return };
            let own = whole.saturating_sub(tally.inside);
            tally.inside = self.inside_before + whole;
            tally.add(self.name, own, self.cost);
        });
    }
}

impl Tally {
    fn add(&mut self, name: &'static str, time: Duration, cost: Cost) {
        match self.entries.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => {
                entry.calls += 1;
                entry.time += time;
                entry.cost.flops += cost.flops;
                entry.cost.bytes += cost.bytes;
            }
            None => self.entries.push(Entry { name, calls: 1, time, cost }),
        }
    }
}

/// This thread counts as long as this lives, also where work panics.
struct Counting {
    /// What somebody further out counts on this thread.
    outer: Option<Tally>,
}

impl Counting {
    fn begin() -> Self {
        COUNTING.fetch_add(1, Ordering::Relaxed);
        Self { outer: HERE.replace(Some(Tally::default())) }
    }

    fn entries(&self) -> Vec<Entry> {
        HERE.with_borrow_mut(|here| here.as_mut().map(|t| std::mem::take(&mut t.entries)).unwrap_or_default())
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        HERE.set(self.outer.take());
        COUNTING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
