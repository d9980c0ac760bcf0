//! Keeps gradients within the range of half precision, where numbers below 6e-8 are 0 and numbers beyond 65504
//! infinite: a loss is multiplied by a power of two before the backward pass and its gradients are divided by it
//! afterwards (Micikevicius et al., 2018, section 3.2). The power follows what the gradients have become.
//!
//! On a device that queues its work the host learns of a step's gradients when the next step is made already. So the
//! verdict on step s decides the scale from step s + 2 on, also where it is known earlier: a run that was interrupted
//! has the scales of one that was not.

use burn::tensor::FloatDType;

use super::Counters;

/// log2 of the scale of the first step: one that is too large is found out within a few steps, one that is too small
/// after thousands.
const FIRST: u32 = 10;
/// log2 of the largest scale.
const MOST: u32 = 24;
/// So many steps in a row with finite gradients double the scale.
pub const DOUBLED_AFTER: u64 = 2000;

/// The factor of a network's loss: 1 for ever, or moving, a power of two from 1 to 2^24.
#[derive(Clone, Debug, Default)]
pub struct LossScale(Option<Moving>);

#[derive(Clone, Debug)]
struct Moving {
    /// log2 of the scales of the oldest step that is not noted, and of the one behind it.
    exponents: [u32; 2],
    /// Noted steps since the scale was changed, or since the last whose gradients were not finite.
    finite_in_a_row: u64,
    /// Steps that were made and are not noted.
    unnoted: usize,
}

/// What a step has told of the scale of a network's loss: its gradients overflowed, or the scale was doubled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rescaled {
    pub network: &'static str,
    /// The scale of the next step but one.
    pub scale: u32,
    /// Whether the step's gradients were not finite. Then the scale is half of the step's own, to which an earlier
    /// step may have brought it down already.
    pub overflowed: bool,
}

impl LossScale {
    /// For a network whose images are of this type: single precision needs none.
    pub fn of(images: FloatDType) -> Self {
        let first = Moving { exponents: [FIRST; 2], finite_in_a_row: 0, unnoted: 0 };
        Self((images != FloatDType::F32).then_some(first))
    }

    /// Whether it is anything but 1 for ever.
    pub fn moves(&self) -> bool {
        self.0.is_some()
    }

    /// The scale of the step that is to be made.
    pub fn of_next_step(&self) -> f64 {
        let Some(moving) = &self.0 else { return 1.0 };
        debug_assert!(moving.unnoted < 2, "a step is made before the last but one is noted");
        power(moving.exponents[moving.unnoted.min(1)])
    }

    /// A step is made with the scale that `of_next_step` says.
    pub fn made(&mut self) {
        if let Some(moving) = &mut self.0 {
            moving.unnoted += 1;
        }
    }

    /// Whether the oldest step that is not noted has a scale above 1: then that its gradients are not finite is
    /// no sign of anything but a scale that is too large.
    pub fn is_above_one(&self) -> bool {
        self.0.as_ref().is_some_and(|moving| moving.exponents[0] > 0)
    }

    /// Takes note of the oldest step of `network` that is not noted.
    pub fn note(&mut self, network: &'static str, is_finite: bool) -> Option<Rescaled> {
        let moving = self.0.as_mut()?;
        let [own, next] = moving.exponents;
        let overflowed = !is_finite && own > 0;
        moving.finite_in_a_row = if is_finite { moving.finite_in_a_row + 1 } else { 0 };
        let after = if overflowed {
            // The step behind this one has had the same scale: together they halve it once.
            next.min(own - 1)
        } else if moving.finite_in_a_row >= DOUBLED_AFTER {
            moving.finite_in_a_row = 0;
            (next + 1).min(MOST)
        } else {
            next
        };
        moving.exponents = [next, after];
        moving.unnoted = moving.unnoted.saturating_sub(1);
        let scale = 1 << after;
        (overflowed || after > next).then_some(Rescaled { network, scale, overflowed })
    }

    /// Adds what `restore` goes on from, once all steps are noted.
    pub fn save(&self, network: &str, counters: &mut Counters) {
        let Some(moving) = &self.0 else { return };
        debug_assert_eq!(moving.unnoted, 0, "a step is not noted yet");
        let [next, after] = moving.exponents.map(u64::from);
        let counts = [next, after, moving.finite_in_a_row];
        counters.extend(names(network).into_iter().zip(counts));
    }

    /// Goes on from `save`; anew where there is nothing of it, as after a session in single precision.
    pub fn restore(&mut self, network: &str, counters: &Counters) {
        let Some(moving) = &mut self.0 else { return };
        // A manifest may come from anybody.
        let counted = |name: &String, most: u64| counters.get(name).map(|count| (*count).min(most));
        let exponent = |name: &String| counted(name, u64::from(MOST)).map_or(FIRST, |log2| log2 as u32);
        let [next, after, finite] = names(network);
        *moving = Moving {
            exponents: [exponent(&next), exponent(&after)],
            finite_in_a_row: counted(&finite, DOUBLED_AFTER - 1).unwrap_or(0),
            unnoted: 0,
        };
    }
}

/// What the counters of a checkpoint are called: log2 of the scales of the next step and of the one behind it, and
/// finite steps in a row.
fn names(network: &str) -> [String; 3] {
    ["loss_scale_log2", "next_loss_scale_log2", "finite_in_a_row"].map(|what| format!("{network}.{what}"))
}

fn power(exponent: u32) -> f64 {
    f64::from(1_u32 << exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NET: &str = "net";

    fn moving() -> LossScale {
        LossScale::of(FloatDType::F16)
    }

    fn at(exponents: [u32; 2]) -> LossScale {
        LossScale(Some(Moving { exponents, finite_in_a_row: 0, unnoted: 0 }))
    }

    /// Makes and notes a step; its scale, and what is told of it.
    fn step(scale: &mut LossScale, is_finite: bool) -> (f64, Option<Rescaled>) {
        let own = scale.of_next_step();
        scale.made();
        (own, scale.note(NET, is_finite))
    }

    /// The scales of steps with these verdicts, and of the two behind them.
    fn scales(scale: &mut LossScale, verdicts: &[bool]) -> Vec<f64> {
        let known = verdicts.iter().map(|is_finite| step(scale, *is_finite).0);
        let mut scales: Vec<f64> = known.collect();
        scales.push(scale.of_next_step());
        scale.made();
        scales.push(scale.of_next_step());
        scales
    }

    #[test]
    fn single_precision_has_no_scale() {
        let mut none = LossScale::of(FloatDType::F32);
        for is_finite in [true, false, false] {
            assert_eq!(step(&mut none, is_finite), (1.0, None));
            assert!(!none.moves() && !none.is_above_one());
        }
        let mut counters = Counters::new();
        none.save(NET, &mut counters);
        assert!(counters.is_empty());
    }

    #[test]
    fn an_overflow_halves_the_scale_of_the_next_step_but_one() {
        assert_eq!(scales(&mut moving(), &[false]), [1024.0, 1024.0, 512.0]);
        assert_eq!(scales(&mut moving(), &[true, true, false]), [1024.0, 1024.0, 1024.0, 1024.0, 512.0]);
        // The second step knew nothing of the first one's verdict: both halve the scale once.
        assert_eq!(scales(&mut moving(), &[false, false, true]), [1024.0, 1024.0, 512.0, 512.0, 512.0]);
        let falling = [1024.0, 1024.0, 512.0, 512.0, 256.0, 256.0];
        assert_eq!(scales(&mut moving(), &[false; 4]), falling);
        let told = |scale| Some(Rescaled { network: NET, scale, overflowed: true });
        let mut scale = moving();
        assert_eq!([(); 3].map(|()| step(&mut scale, false).1), [told(512), told(512), told(256)]);
    }

    #[test]
    fn many_finite_steps_in_a_row_double_the_scale() {
        let mut scale = moving();
        let count = DOUBLED_AFTER as usize;
        for number in 0..2 * count {
            let (own, told) = step(&mut scale, true);
            assert_eq!(own, if number <= count { 1024.0 } else { 2048.0 }, "{number}");
            let doubled = match number + 1 {
                made if made == count => Some(2048),
                made if made == 2 * count => Some(4096),
                _ => None,
            };
            let doubled = doubled.map(|scale| Rescaled { network: NET, scale, overflowed: false });
            assert_eq!(told, doubled, "{number}");
        }
        // One that is not begins the row anew.
        let mut scale = moving();
        for is_finite in (1..count).map(|_| true).chain([false]).chain((1..count).map(|_| true)) {
            let (_, told) = step(&mut scale, is_finite);
            assert_eq!(told.is_some(), !is_finite);
        }
        assert_eq!(step(&mut scale, true).1.map(|told| told.scale), Some(1024));
    }

    #[test]
    fn the_scale_stays_between_one_and_its_most() {
        let mut low = at([1, 1]);
        assert_eq!(scales(&mut low, &[false; 5]), [2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert!(!low.is_above_one());
        let mut high = at([MOST; 2]);
        for _ in 0..2 * DOUBLED_AFTER {
            assert_eq!(step(&mut high, true), (16_777_216.0, None));
        }
        // A scale that was just doubled is not halved for a step that had 1.
        assert_eq!(scales(&mut at([0, 1]), &[false]), [1.0, 2.0, 2.0]);
    }

    /// Whether a step's gradients are finite: what they can bear rises and falls.
    fn bears(number: u64, scale: f64) -> bool {
        let most = 2_f64.powi(8 + (number / 2500 % 3) as i32);
        scale <= most && number % 4099 != 7
    }

    /// The scales of all steps. A verdict is noted at once or one step later; after some steps the state is saved, and
    /// somebody else goes on.
    fn run(is_late: bool, saved_after: impl Fn(u64) -> bool) -> Vec<f64> {
        let (mut scale, mut queued, mut scales) = (moving(), None, Vec::new());
        for number in 0..20_000 {
            let own = scale.of_next_step();
            scale.made();
            scales.push(own);
            let verdict = bears(number, own);
            let due = if is_late { queued.replace(verdict) } else { Some(verdict) };
            if let Some(is_finite) = due {
                scale.note(NET, is_finite);
            }
            if saved_after(number) {
                if let Some(is_finite) = queued.take() {
                    scale.note(NET, is_finite);
                }
                let mut counters = Counters::new();
                scale.save(NET, &mut counters);
                scale = moving();
                scale.restore(NET, &counters);
            }
        }
        scales
    }

    #[test]
    fn a_late_verdict_and_an_interruption_change_no_scale() {
        let prompt = run(false, |_| false);
        let changes = prompt.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes > 8 && prompt.windows(2).any(|pair| pair[1] > pair[0]), "{changes} changes");
        assert!(run(true, |_| false) == prompt);
        for every in [1, 2, 3, 7, 1999] {
            for is_late in [false, true] {
                assert!(run(is_late, |number| number % every == 0) == prompt, "every {every}, {is_late}");
            }
        }
    }

    #[test]
    fn a_checkpoint_without_a_scale_begins_anew_and_no_count_is_out_of_range() {
        let mut scale = at([3, 2]);
        scale.restore(NET, &Counters::new());
        assert_eq!(scales(&mut scale, &[]), [1024.0; 2]);
        let counters: Counters = names(NET).into_iter().map(|name| (name, u64::MAX)).collect();
        scale.restore(NET, &counters);
        assert_eq!(step(&mut scale, true), (16_777_216.0, None));
        assert_eq!(step(&mut scale, false).1.map(|told| told.scale), Some(8_388_608));
    }
}
