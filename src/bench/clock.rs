//! Times passes: the first one apart, the others in turn with those they are compared with.

use std::time::Instant;

use burn::tensor::Device;

use crate::error::{Error, Kind, Result};
use crate::gpu;

/// One pass of what is measured. When it returns, the device may still be at work on it.
pub type Pass = Box<dyn FnMut() -> Result<()>>;

/// Makes the networks and tensors that passes work on.
pub type Build = Box<dyn Fn(&Device) -> Result<Pass>>;

/// Passes after the first that are not counted: caches and allocators settle.
const WARM_UP: usize = 1;

/// Something in the middle of being measured.
pub struct Subject {
    pass: Pass,
    device: Device,
    /// Building it and its first pass, which compiles and tunes kernels where the device needs that.
    pub first_secs: f64,
    /// Each repeat so far.
    pub secs: Vec<f64>,
}

impl Subject {
    /// Builds and warms up.
    pub fn start(build: &Build, device: &Device) -> Result<Self> {
        let clock = Instant::now();
        let mut pass = build(device)?;
        pass()?;
        settle(device)?;
        let first_secs = clock.elapsed().as_secs_f64();
        for _ in 0..WARM_UP {
            pass()?;
        }
        settle(device)?;
        Ok(Self { pass, device: device.clone(), first_secs, secs: Vec::new() })
    }

    /// One pass, not timed; the device may still be at work on it.
    pub fn pass(&mut self) -> Result<()> {
        (self.pass)()
    }

    /// One timed pass, until the device has finished it.
    pub fn repeat(&mut self) -> Result<()> {
        let clock = Instant::now();
        (self.pass)()?;
        settle(&self.device)?;
        self.secs.push(clock.elapsed().as_secs_f64());
        Ok(())
    }
}

/// Repeats all subjects in turn, every other round the other way around, so that neither a machine
/// that slows down nor what the one leaves in a cache favours the other. At least one round.
pub fn in_turn(subjects: &mut [Subject], repeats: usize, max_secs: f64) -> Result<()> {
    let clock = Instant::now();
    for round in 0..repeats.max(1) {
        if round > 0 && clock.elapsed().as_secs_f64() > max_secs {
            break;
        }
        if round % 2 == 0 {
            subjects.iter_mut().try_for_each(Subject::repeat)?;
        } else {
            subjects.iter_mut().rev().try_for_each(Subject::repeat)?;
        }
    }
    Ok(())
}

/// Waits until the device has done all that was asked of it.
pub fn settle(device: &Device) -> Result<()> {
    device.sync().map_err(|e| {
        gpu::device_error(&format!("{e:?}")).unwrap_or_else(|| {
            Error::new(Kind::Device, format!("the device did not finish: {e:?}"))
                .hint("give a smaller --batch, or choose --device cpu")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    type Log = Rc<RefCell<Vec<char>>>;

    fn subject(name: char, log: &Log) -> Subject {
        let log = log.clone();
        let build: Build = Box::new(move |_| {
            let log = log.clone();
            Ok(Box::new(move || {
                log.borrow_mut().push(name);
                Ok(())
            }))
        });
        Subject::start(&build, &Device::flex()).expect("it starts")
    }

    #[test]
    fn pairs_take_turns_after_a_warm_up() {
        let log = Log::default();
        let mut subjects = [subject('a', &log), subject('b', &log)];
        assert_eq!(log.take(), ['a', 'a', 'b', 'b'], "the first pass and one more, each");
        in_turn(&mut subjects, 3, f64::INFINITY).expect("they run");
        assert_eq!(log.take(), ['a', 'b', 'b', 'a', 'a', 'b']);
        assert_eq!(subjects.map(|s| s.secs.len()), [3, 3]);
    }

    #[test]
    fn time_ends_the_repeats_but_not_before_the_first() {
        let log = Log::default();
        let mut subjects = [subject('a', &log)];
        in_turn(&mut subjects, 1000, 0.0).expect("it runs");
        assert!((1..1000).contains(&subjects[0].secs.len()));
    }
}
