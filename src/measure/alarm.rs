//! What numbers say that something goes wrong, in words.

use super::Measured;

/// Samples vary less than this share of what images do: they have become alike.
const LEAST_STD_RATIO: f64 = 0.5;
/// Neighbouring pixels differ this many times as much as in images: noise was left in, or put in.
const MOST_GRAIN_RATIO: f64 = 2.0;
/// More of the pixels than of the images' are at the ends of the range.
const MOST_SATURATED: f64 = 0.2;

/// A kind of trouble; each is told once, until it has gone and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    Collapse,
    Noise,
    Saturation,
}

impl Alarm {
    /// What is wrong and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Alarm::Collapse => {
                "the samples are becoming alike (std_ratio is below one half): the student may be collapsing; \
                 lower student.learning_rate, or go back to an earlier checkpoint"
            }
            Alarm::Noise => {
                "the samples are grainy (grain_ratio is above 2): early in training that passes; if it stays, lower \
                 student.learning_rate"
            }
            Alarm::Saturation => {
                "many pixels of the samples are at the ends of the range (saturation): the student may be running \
                 away; lower student.learning_rate, or go back to an earlier checkpoint"
            }
        }
    }
}

/// What the numbers raise.
pub fn alarms(measured: &[Measured]) -> Vec<Alarm> {
    let of = |name: &str| measured.iter().find(|m| m.name == name).map(|m| m.value);
    let mut raised = Vec::new();
    // Numbers that are not finite raise nothing: the guard of the gradients tells of those.
    if of("std_ratio").is_some_and(|ratio| ratio < LEAST_STD_RATIO) {
        raised.push(Alarm::Collapse);
    }
    if of("grain_ratio").is_some_and(|ratio| ratio > MOST_GRAIN_RATIO) {
        raised.push(Alarm::Noise);
    }
    if of("saturation").is_some_and(|excess| excess > MOST_SATURATED) {
        raised.push(Alarm::Saturation);
    }
    raised
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &'static str, value: f64) -> Measured {
        Measured { name: name.into(), value, conditions: String::new() }
    }

    #[test]
    fn each_number_raises_its_own_alarm() {
        for (name, bad, good, alarm) in [
            ("std_ratio", 0.3, 0.9, Alarm::Collapse),
            ("grain_ratio", 3.0, 1.1, Alarm::Noise),
            ("saturation", 0.5, 0.0, Alarm::Saturation),
        ] {
            assert_eq!(alarms(&[measured(name, bad)]), [alarm]);
            assert_eq!(alarms(&[measured(name, good)]), []);
            assert_eq!(alarms(&[measured(name, f64::NAN)]), []);
        }
        assert_eq!(alarms(&[measured("std_ratio", 0.1), measured("saturation", 1.0)]).len(), 2);
    }
}
