//! Does a device calculate what it should? burn's operations, and our kernels together, against the CPU backend; each of
//! our kernels against f64 or its CPU twin.

mod kernels;
mod network;
mod operations;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use burn::tensor::Device;
use serde::Serialize;

use super::compare::{max_relative_error, worse};
use super::device::{Backend, Opened};
use super::opened::offers_half;
use super::trouble::panic_words;
use kernels::Measure;
use operations::Operation;

/// Single precision with another order of additions stays far below this; a kernel that multiplies
/// in half precision or TF32 does not.
const OPERATION_TOLERANCE: f64 = 1e-4;

/// The outcome of one comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// `max |got - expected| / max |expected|`; NaN if the device made one or the check broke off.
    pub max_relative_error: f64,
    pub tolerance: f64,
    /// Wall time on the device, compiling and tuning its kernels included.
    pub seconds: f64,
    pub passed: bool,
    /// Why the check broke off, if it did.
    pub failure: Option<String>,
}

/// Something that a device can be put to, and the way to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    pub name: &'static str,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    /// The same on burn's CPU backend.
    BesideTheCpu(Operation),
    /// It measures its own errors, which may be as large as this.
    Measured(Measure, f64),
}

impl Comparison {
    fn beside_the_cpu((name, operation): (&'static str, Operation)) -> Self {
        Self { name, way: Way::BesideTheCpu(operation) }
    }

    /// Of something that measures its own errors, which are to be as small as a kernel's.
    pub(crate) fn measured((name, measure): (&'static str, Measure)) -> Self {
        Self { name, way: Way::Measured(measure, kernels::TOLERANCE) }
    }

    /// Of images in half precision, whose errors are larger.
    fn in_half((name, measure): (&'static str, Measure)) -> Self {
        Self { name, way: Way::Measured(measure, kernels::HALF_TOLERANCE) }
    }

    /// Makes the comparison on the calling thread.
    pub fn run(&self, device: &Device) -> Check {
        match self.way {
            Way::BesideTheCpu(operation) => check(self.name, OPERATION_TOLERANCE, || {
                let started = Instant::now();
                let got = operation(device);
                let seconds = started.elapsed().as_secs_f64();
                (largest_error(&got, &operation(&Device::flex())), seconds)
            }),
            Way::Measured(measure, tolerance) => check(self.name, tolerance, || {
                let started = Instant::now();
                let errors = measure(device);
                (worse(errors.value, errors.gradient), started.elapsed().as_secs_f64())
            }),
        }
    }
}

/// The largest of the parts' errors.
fn largest_error(got: &[Vec<f32>], expected: &[Vec<f32>]) -> f64 {
    if got.len() != expected.len() {
        return f64::INFINITY;
    }
    let error = |(got, expected): (&Vec<f32>, &Vec<f32>)| {
        let expected: Vec<f64> = expected.iter().copied().map(f64::from).collect();
        max_relative_error(got, &expected)
    };
    got.iter().zip(expected).map(error).fold(0.0, worse)
}

/// All there are. For burn's CPU backend only those of our kernels that it does not judge itself.
fn all(backend: Backend) -> Vec<Comparison> {
    let exactly = kernels::EXACTLY.map(Comparison::measured);
    if backend == Backend::Cpu {
        return exactly.to_vec();
    }
    let burns = [operations::PRODUCTS, operations::FILTERS].into_iter().chain(operations::OTHERS);
    let beside_the_cpu = burns.chain(network::ALL).map(Comparison::beside_the_cpu);
    beside_the_cpu.chain(kernels::BESIDE_TWINS.map(Comparison::measured)).chain(exactly).collect()
}

/// What a network asks of burn's own operations, where our kernels are not enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BurnsOwn {
    /// Linear layers without a bias.
    pub products: bool,
    /// Images are halved and doubled through filters longer than a pair.
    pub filters: bool,
}

/// What a GPU has to pass before it trains: each of our kernels, all of them together, and what the network asks of
/// burn's own operations. What training does not use may be wrong: it is left out.
pub fn of_training(network: BurnsOwn) -> Vec<Comparison> {
    let kernels = kernels::BESIDE_TWINS.into_iter().chain(kernels::EXACTLY).map(Comparison::measured);
    let burns = [(network.products, operations::PRODUCTS), (network.filters, operations::FILTERS)];
    let burns = burns.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, operation)| operation);
    kernels.chain(network::ALL.into_iter().chain(burns).map(Comparison::beside_the_cpu)).collect()
}

/// What a GPU has to pass before images lie in half precision on it.
pub fn of_half_images() -> Vec<Comparison> {
    kernels::IN_HALF.map(Comparison::in_half).to_vec()
}

/// Makes all comparisons on the calling thread. On burn's CPU backend only those of our kernels that it does not judge
/// itself: with its own operations the other devices are compared.
pub fn run(opened: &Opened) -> Vec<Check> {
    let mut checks = Vec::new();
    run_each(opened, &mut |check| checks.push(check));
    checks
}

/// The same; `take` gets each check as it ends, before a later one may bring the process down.
pub fn run_each(opened: &Opened, take: &mut dyn FnMut(Check)) {
    all(opened.backend).iter().for_each(|comparison| take(comparison.run(&opened.device)));
    if offers_half(&opened.device) {
        of_half_images().iter().for_each(|comparison| take(comparison.run(&opened.device)));
    }
}

/// Runs one comparison, which gives its error and seconds. A driver that breaks makes burn panic; a
/// self-test reports that instead of dying of it.
fn check(name: &'static str, tolerance: f64, compare: impl FnOnce() -> (f64, f64)) -> Check {
    match catch_unwind(AssertUnwindSafe(compare)) {
        Ok((error, seconds)) => Check {
            name,
            max_relative_error: error,
            tolerance,
            seconds,
            passed: error <= tolerance,
            failure: None,
        },
        Err(payload) => Check {
            name,
            max_relative_error: f64::NAN,
            tolerance,
            seconds: 0.0,
            passed: false,
            failure: Some(panic_words(&*payload).unwrap_or("the device gave up without a word").into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernels::check::Errors;
    use super::*;
    use crate::gpu::{DeviceSpec, open};

    #[test]
    fn the_cpu_backend_passes() {
        let checks = run(&open(&DeviceSpec::Cpu).expect("the CPU is always there"));
        assert_eq!(checks.len(), 10);
        assert!(checks.iter().all(|check| check.passed), "{checks:#?}");
    }

    #[test]
    fn wrong_numbers_and_broken_devices_do_not_pass() {
        assert!(check("right", 1e-3, || (1e-4, 0.1)).passed);
        assert!(!check("wrong", 1e-3, || (1e-2, 0.1)).passed);
        assert!(!check("not a number", 1e-3, || (f64::NAN, 0.1)).passed);
        let broken = check("broken", 1e-3, || panic!("device lost"));
        assert!(!broken.passed);
        assert_eq!(broken.failure.as_deref(), Some("device lost"));
    }

    #[test]
    fn every_part_counts() {
        let [a, b] = [vec![1.0, 2.0], vec![4.0]];
        let error = |got: &[Vec<f32>]| largest_error(got, &[a.clone(), b.clone()]);
        assert_eq!(error(&[a.clone(), b.clone()]), 0.0);
        assert_eq!(error(&[a.clone(), vec![3.0]]), 0.25);
        assert!(error(&[vec![f32::NAN, 2.0], b.clone()]).is_nan());
        assert_eq!(error(std::slice::from_ref(&a)), f64::INFINITY);
        let wrong = |_: &Device| Errors { value: 0.0, gradient: 1e-3 };
        assert!(!Comparison::measured(("a wrong gradient", wrong)).run(&Device::flex()).passed);
    }

    /// An operation that always gave zeros, or nothing, would agree with itself on every device.
    #[test]
    fn every_operation_gives_varied_finite_numbers() {
        let lengths: [&[usize]; 8] = [
            &[33 * 17, 33 * 65, 65 * 17],
            &[16 * 16, 16 * 64, 16 * 64],
            &[2 * 8 * 64],
            &[2 * 8 * 16, 2 * 8 * 64, 8 * 8 * 9],
            &[2 * 8 * 64],
            &[2 * 2 * 16 * 8],
            &[1472, 1472],
            &[2 * 3 * 64],
        ];
        let burns = [operations::PRODUCTS, operations::FILTERS].into_iter().chain(operations::OTHERS);
        for ((name, operation), lengths) in burns.chain(network::ALL).zip(lengths) {
            let parts = operation(&Device::flex());
            assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{name}");
            for values in parts {
                assert!(values.iter().all(|value| value.is_finite()), "{name}");
                let first = values[0];
                let spread = values.iter().filter(|value| **value != first).count();
                assert!(spread * 2 > values.len(), "{name}: mostly {first}");
            }
        }
    }

    /// Doctor shows whatever stops a training, and none of burn's operations stops one that does not use it.
    #[test]
    fn training_asks_for_what_its_network_uses() {
        let of_training = |products, filters| -> Vec<&str> {
            of_training(BurnsOwn { products, filters }).iter().map(|comparison| comparison.name).collect()
        };
        let shown: Vec<&str> = all(Backend::Wgpu).iter().map(|comparison| comparison.name).collect();
        let most = of_training(true, true);
        assert!(most.iter().all(|name| shown.contains(name)), "{most:?}");
        let burns = |names: &[&str]| names.iter().filter(|name| name.contains("matrix product")).count();
        assert_eq!(
            [burns(&most), burns(&of_training(false, true)), burns(&of_training(true, false))],
            [1, 0, 1]
        );
        let least = of_training(false, false);
        assert_eq!((least.len(), most.len(), shown.len()), (17, 19, 23));
        let is_ours = |name: &&str| name.starts_with("kernel: ");
        assert!(shown.iter().filter(|name| is_ours(name)).all(|name| least.contains(name)), "{least:?}");
    }
}
