//! Gathering by sixes against the host's own.

use burn::tensor::Device;

use super::super::gather::by_sixes;
use super::{Arrival, floats, upload};

/// Two launches and one tensor more, shorter and longer than a workgroup.
const LENGTHS: [usize; 13] = [1, 300, 17, 256, 17, 1, 300, 1, 1, 1, 257, 17, 300];

/// Each begins at a multiple of so many places.
const STEP: usize = 64;

/// Numbers of a block that are not what its tensors have at their places.
pub fn misplaced(device: &Device, arrival: Arrival) -> usize {
    let all: Vec<f32> = (0..LENGTHS.iter().sum::<usize>()).map(|k| k as f32).collect();
    let mut want = Vec::new();
    let whole = upload(&all, device);
    let mut first = 0;
    let tensors = LENGTHS.map(|length| {
        first += length;
        let numbers = &all[first - length..first];
        want.extend_from_slice(numbers);
        want.resize(want.len().next_multiple_of(STEP), 0.0);
        match arrival {
            Arrival::Plain => upload(numbers, device),
            // From a longer tensor, by an operation that fuses.
            Arrival::Derived => {
                whole.clone().narrow(0, first - length, length) * 2.0 - upload(numbers, device)
            }
        }
    });
    let got = floats(by_sixes(&tensors, STEP, device));
    let wrong = got.iter().zip(&want).filter(|(got, want)| got != want).count();
    wrong + got.len().abs_diff(want.len())
}
