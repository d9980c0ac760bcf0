//! The operation around the loops: batches, their parts, images that nothing happens to.

use burn::tensor::{Device, FloatDType, TensorData};

use super::*;
use crate::gpu::read;
use crate::random::{Random, Stream};

const SIZE: usize = 17;

/// A turn, a flip, nothing, and a move that needs wider margins than all others.
fn warps() -> Warps {
    let turned = Warp { y_flip: true, map: Affine::turned(0.7), ..Warp::NONE };
    let flipped = Warp { x_flip: true, ..Warp::NONE };
    let moved = Warp { map: Affine::unmoved(-3.5, 4.25), ..Warp::NONE };
    Warps::new(vec![turned, flipped, Warp::NONE, moved], SIZE)
}

fn images(device: &Device) -> Tensor<4> {
    let values = Random::new(0, Stream::SelfTest).normals(0, 0, 4 * 2 * SIZE * SIZE);
    Tensor::from_data(TensorData::new(values, [4, 2, SIZE, SIZE]), device)
}

fn numbers(images: Tensor<4>) -> Vec<f32> {
    read(images).expect("numbers")
}

#[test]
fn each_image_of_a_batch_has_its_own_change() {
    let images = images(&Device::flex());
    let (before, after) = (numbers(images.clone()), numbers(warped(images, warps())));
    let plane = |all: &[f32], image: usize, channel: usize| -> Vec<f32> {
        all[(2 * image + channel) * SIZE * SIZE..][..SIZE * SIZE].to_vec()
    };
    for channel in [0, 1] {
        let mirrored: Vec<f32> =
            plane(&before, 1, channel).chunks(SIZE).flat_map(|row| row.iter().rev().copied()).collect();
        assert_eq!(plane(&after, 1, channel), mirrored);
        assert_eq!(plane(&after, 2, channel), plane(&before, 2, channel));
        for image in [0, 3] {
            assert_ne!(plane(&after, image, channel), plane(&before, image, channel));
        }
    }
}

/// The first image alone would be padded less, and seen from beyond its reflection.
#[test]
fn parts_come_out_as_they_do_in_the_whole_batch() {
    let images = images(&Device::flex());
    let whole = numbers(warped(images.clone(), warps()));
    let part = |first: usize, count: usize| {
        numbers(warped(images.clone().narrow(0, first, count), warps().part(first, count)))
    };
    assert_eq!([part(0, 1), part(1, 2), part(3, 1)].concat(), whole);
    assert_ne!(Warps::new(warps().each[..1].to_vec(), SIZE), warps().part(0, 1));
}

/// Also images that do not lie in memory as they are counted.
#[test]
fn permuted_images_are_warped_as_others() {
    let images = images(&Device::flex());
    let permuted = (images.clone().permute([0, 2, 3, 1]) * 2.0).permute([0, 3, 1, 2]) / 2.0;
    assert_eq!(numbers(warped(permuted, warps())), numbers(warped(images, warps())));
}

#[test]
fn no_gradient_passes_whatever_happens_to_the_images() {
    let device = Device::flex().autodiff();
    for warps in [warps(), Warps::new(vec![Warp::NONE; 4], SIZE)] {
        let x = images(&device).require_grad();
        let gradients = (warped(x.clone(), warps) * 2.0 + x.clone()).sum().backward();
        assert_eq!(numbers(x.grad(&gradients).expect("it asked")), [1.0; 4 * 2 * SIZE * SIZE]);
    }
}

#[test]
fn no_images_are_no_images() {
    let none = Tensor::<4>::zeros([0, 1, SIZE, SIZE], &Device::flex());
    assert_eq!(warped(none, Warps::new(Vec::new(), SIZE)).dims(), [0, 1, SIZE, SIZE]);
}

#[test]
#[should_panic(expected = "that the warps are for")]
fn images_of_another_size_are_a_mistake() {
    warped(Tensor::zeros([4, 1, 8, 8], &Device::flex()), warps());
}

#[test]
#[should_panic(expected = "in single precision")]
fn images_in_half_precision_are_a_mistake() {
    warped(images(&Device::flex()).cast(FloatDType::F16), warps());
}
