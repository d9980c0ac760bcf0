//! The operation beside the three that it stands for.

use burn::tensor::{Device, Tensor};

use super::super::check::norm_conv::{apart, cases, together};
use super::super::{Activation, Norm};
use super::norm_conv;

fn bits(parts: Vec<Vec<f32>>) -> Vec<Vec<u32>> {
    parts.into_iter().map(|numbers| numbers.into_iter().map(f32::to_bits).collect()).collect()
}

#[test]
fn the_same_bits_as_of_the_three_operations() {
    let device = Device::flex();
    for case in cases() {
        let got = bits(together(&device, case));
        assert_eq!(got, bits(apart(&device, case)), "{case:?}");
        // Those that were not asked for are empty, and there is no image without a number.
        let asked = got[1..].iter().map(|slope| !slope.is_empty()).collect::<Vec<_>>();
        assert_eq!(asked, case.asked, "{case:?}");
        for part in got.iter().filter(|part| !part.is_empty()) {
            assert!(part.iter().any(|bits| *bits != part[0]), "{case:?}: all the same");
        }
    }
}

/// Cases differ in what they say they do.
#[test]
fn a_mask_and_an_activation_change_the_result() {
    let device = Device::flex();
    let mut results: Vec<Vec<u32>> = Vec::new();
    for case in cases().filter(|case| case.asked == [true; 5]) {
        let result = bits(together(&device, case)).swap_remove(0);
        assert!(!results.contains(&result), "{case:?}");
        results.push(result);
    }
    assert_eq!(results.len(), 4);
}

#[test]
#[should_panic(expected = "channels of the kernel")]
fn other_channels_are_a_mistake() {
    let flex = Device::flex();
    let (x, ones) = (Tensor::zeros([1, 4, 2, 2], &flex), Tensor::<1>::ones([4], &flex));
    let norm = Norm { groups: 1, eps: 1e-5, activation: Activation::None };
    let weight = Tensor::zeros([4, 8, 3, 3], &flex);
    norm_conv(x, [ones.clone(), ones.clone()], norm, None, weight, ones);
}
