//! Numbers that are only moved arrive as they were: gathered into a block, picked out of a set of images, brought along
//! with the launch of a kernel.

use burn::tensor::Device;

use super::super::{PackedImages, from_numbers};
use super::gather::misplaced;
use super::{Arrival, Errors, floats};

/// No errors, or infinite ones if a single number is another.
pub fn moved(device: &Device) -> Errors {
    let gathered: usize = [Arrival::Plain, Arrival::Derived].map(|way| misplaced(device, way)).iter().sum();
    let wrong = gathered + picked(device) + brought_along(device);
    Errors { value: if wrong == 0 { 0.0 } else { f64::INFINITY }, gradient: 0.0 }
}

/// A set that ends within a word; images that are picked twice, mirrored and not.
fn picked(device: &Device) -> usize {
    let levels = std::array::from_fn(|byte| byte as f32 / 8.0);
    let bytes: Vec<u8> = (0..5 * 18u32).map(|i| (i * 37 % 256) as u8).collect();
    let picks = |device: &Device| {
        let set = PackedImages::new(&bytes, [2, 3, 3], levels, device);
        floats(set.pick([(4, false), (0, true), (4, true)]))
    };
    different(&picks(device), &picks(&Device::flex()))
}

fn brought_along(device: &Device) -> usize {
    let numbers = [1.5, -0.0, f32::MAX, f32::MIN_POSITIVE, -3.0];
    different(&floats(from_numbers(numbers.to_vec(), [5], device)), &numbers)
}

fn different(got: &[f32], want: &[f32]) -> usize {
    let others = got.iter().zip(want).filter(|(got, want)| got != want).count();
    others + got.len().abs_diff(want.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_moves_numbers_as_they_are() {
        assert_eq!(moved(&Device::flex()), Errors { value: 0.0, gradient: 0.0 });
    }

    #[test]
    fn other_numbers_and_missing_ones_are_counted() {
        assert_eq!(different(&[1.0, 2.0], &[1.0, 2.0]), 0);
        assert_eq!(different(&[2.0, f32::NAN], &[1.0, 2.0, 3.0]), 3);
    }
}
