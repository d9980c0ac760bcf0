//! The numbers of a step, read in one piece and, on a device that queues its work, one step late: the next step is
//! queued before the host waits for this one, so that the device is never without work.

use burn::tensor::{Device, Tensor};

use super::accumulate::Shown;
use super::fake_score::FakeScore;
use super::trainee::Trainee;
use super::{At, GRADIENT_NORM, Losses, Told};
use crate::error::Result;
use crate::gpu::{Reading, queues};

/// What a step leaves on the device.
pub struct Unread {
    pub at: At,
    /// In the order in which they are told.
    pub losses: Vec<Shown>,
    /// On the gradients of the network that the stage is about, as `Trainee::descend` gives it.
    pub verdict: Tensor<1>,
    /// The same of the fake score, in a step that taught it something.
    pub fake_verdict: Option<Tensor<1>>,
}

/// The same once it is read.
pub struct Heard {
    at: At,
    losses: Losses,
    verdict: [f32; 2],
    fake_verdict: Option<[f32; 2]>,
}

/// Keeps the numbers of a step until they are to be told.
pub struct Late {
    is_late: bool,
    /// The step that is not told yet.
    queued: Option<Queued>,
}

/// A step whose numbers are on their way to the host, all in one tensor: verdicts, then losses.
struct Queued {
    at: At,
    reading: Reading,
    judges_fake: bool,
    /// Name and divisor of each loss.
    losses: Vec<(&'static str, f32)>,
}

impl Late {
    /// Late where the host would wait for the device.
    pub fn of(device: &Device) -> Self {
        Self::new(queues(device))
    }

    /// Late or not, whatever the device.
    pub fn new(is_late: bool) -> Self {
        Self { is_late, queued: None }
    }

    /// Takes in what a step has left on the device. Gives the numbers of the step before it, or of this very step
    /// where nothing is late.
    ///
    /// # Errors
    /// A device that does not give its numbers back.
    pub fn queue(&mut self, step: Unread) -> Result<Option<Heard>> {
        let step = Queued::of(step);
        let due = if self.is_late { self.queued.replace(step) } else { Some(step) };
        due.map(Queued::finish).transpose()
    }

    /// The numbers of the step that is not told yet, if there is one.
    ///
    /// # Errors
    /// As [`queue`](Self::queue).
    pub fn settle(&mut self) -> Result<Option<Heard>> {
        self.queued.take().map(Queued::finish).transpose()
    }

    /// Whether every step is told.
    pub fn is_settled(&self) -> bool {
        self.queued.is_none()
    }
}

impl Queued {
    fn of(step: Unread) -> Self {
        let Unread { at, losses: shown, verdict, fake_verdict } = step;
        let judges_fake = fake_verdict.is_some();
        let mut numbers: Vec<Tensor<1>> = [verdict].into_iter().chain(fake_verdict).collect();
        let mut losses = Vec::new();
        for Shown { names, numbers: values, divisor } in shown {
            losses.extend(names.into_iter().map(|name| (name, divisor)));
            numbers.push(values);
        }
        Self { at, reading: Reading::begin(Tensor::cat(numbers, 0)), judges_fake, losses }
    }

    fn finish(self) -> Result<Heard> {
        let Self { at, reading, judges_fake, losses } = self;
        let mut numbers = reading.finish()?.into_iter();
        // As many come back as were joined.
        let mut next = || numbers.next().unwrap_or(f32::NAN);
        let verdict = [next(), next()];
        let fake_verdict = judges_fake.then(|| [next(), next()]);
        let losses = losses.into_iter().map(|(name, divisor)| (name, next() / divisor)).collect();
        Ok(Heard { at, losses, verdict, fake_verdict })
    }
}

impl Heard {
    /// Has the networks note what was found of their gradients: `net`, which the stage is about, and the fake
    /// score, where there is one.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row.
    pub fn told(self, net: &mut Trainee, fake: Option<&mut FakeScore>) -> Result<Told> {
        let Self { at, mut losses, verdict, fake_verdict } = self;
        let mut rescaled = Vec::new();
        if let Some((fake, verdict)) = fake.zip(fake_verdict) {
            rescaled.extend(fake.note(verdict)?);
        }
        rescaled.extend(net.note_step(verdict)?);
        losses.push((GRADIENT_NORM, net.gradient_norm()));
        Ok(Told { at, losses, rescaled })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::TensorData;

    fn tensor(values: &[f32]) -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &Device::flex())
    }

    /// A step of two losses, and one of the fake score's if it learns.
    fn step(number: u64, has_fake: bool) -> Unread {
        let n = number as f32;
        let fake = Shown { names: vec!["fake_score"], numbers: tensor(&[n + 0.25]), divisor: 0.5 };
        let own = Shown { names: vec!["rec", "flow"], numbers: tensor(&[n, -n]), divisor: 1.0 };
        Unread {
            at: At { step: number, images: 10 * number },
            losses: [own].into_iter().chain(has_fake.then_some(fake)).collect(),
            verdict: tensor(&[n, 0.0]),
            fake_verdict: has_fake.then(|| tensor(&[n + 0.5, 1.0])),
        }
    }

    fn assert_is(heard: Option<Heard>, number: u64, has_fake: bool) {
        let (heard, n) = (heard.expect("a step's numbers"), number as f32);
        assert_eq!(heard.at, At { step: number, images: 10 * number });
        let mut losses = vec![("rec", n), ("flow", -n)];
        losses.extend(has_fake.then_some(("fake_score", 2.0 * n + 0.5)));
        assert_eq!(heard.losses, losses);
        assert_eq!(heard.verdict, [n, 0.0]);
        assert_eq!(heard.fake_verdict, has_fake.then_some([n + 0.5, 1.0]));
    }

    #[test]
    fn each_step_is_told_once_and_in_order() {
        let mut late = Late::new(true);
        assert!(late.queue(step(3, true)).expect("queued").is_none() && !late.is_settled());
        assert_is(late.queue(step(4, false)).expect("numbers"), 3, true);
        assert_is(late.settle().expect("numbers"), 4, false);
        assert!(late.is_settled() && late.settle().expect("nothing is left").is_none());
        assert!(late.queue(step(5, true)).expect("queued").is_none());
        assert_is(late.settle().expect("numbers"), 5, true);
    }

    #[test]
    fn nothing_is_late_where_nobody_waits() {
        let mut prompt = Late::of(&Device::flex());
        for number in 0..2 {
            assert_is(prompt.queue(step(number, true)).expect("numbers"), number, true);
            assert!(prompt.is_settled());
        }
    }
}
