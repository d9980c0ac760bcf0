//! The joints on burn's GPU tensors: one launch each, with a thread for each element or a few for each channel.

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Shape, TensorMetadata};

use super::super::launch::{self, contiguous, empty_beside, for_each, single_beside};
use super::super::shader::{CHANNEL_SUMS, JOINED, PARTED, SCALED, SCALED_SUM, SHIFTED, THREADS};
use super::{
    JointOps, composed_joined, composed_parted, composed_scaled, composed_shifted, composed_sum,
    composed_sums,
};

impl JointOps for CubeBackend {
    fn scaled_sum(a: FloatTensor<Self>, b: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        if !launch::takes_images(&[&a, &b], &[]) {
            return composed_sum::<Self>(a, b, scale);
        }
        let [a, b] = [a, b].map(contiguous);
        let sum = empty_beside(&a, a.shape());
        for_each(&SCALED_SUM, &[&a, &b, &sum], a.shape().num_elements(), &[(scale as f32).to_bits()]);
        sum
    }

    fn scaled(gradient: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        if !launch::takes_images(&[&gradient], &[]) {
            return composed_scaled::<Self>(gradient, scale);
        }
        let gradient = contiguous(gradient);
        let slope = empty_beside(&gradient, gradient.shape());
        let elements = gradient.shape().num_elements();
        for_each(&SCALED, &[&gradient, &slope], elements, &[(scale as f32).to_bits()]);
        slope
    }

    fn shifted(x: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self> {
        if !launch::takes_images(&[&x], &[&shift]) {
            return composed_shifted::<Self>(x, shift);
        }
        let [x, shift] = [x, shift].map(contiguous);
        let shape = x.shape();
        let y = empty_beside(&x, shape.clone());
        for_each(&SHIFTED, &[&x, &shift, &y], shape.num_elements(), &[(shape[2] * shape[3]) as u32]);
        y
    }

    fn channel_sums(gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if !launch::takes_images(&[&gradient], &[]) {
            return composed_sums::<Self>(gradient);
        }
        let gradient = contiguous(gradient);
        let shape = gradient.shape();
        let sums = single_beside(&gradient, Shape::new([shape[0], shape[1]]));
        let (channels, pixels) = (shape[0] * shape[1], shape[2] * shape[3]);
        let lanes = lanes(pixels);
        let words = [channels, pixels, lanes].map(|count| count as u32);
        let groups = (channels * lanes).div_ceil(THREADS as usize);
        launch::start(&CHANNEL_SUMS, &[&gradient, &sums], &words, groups);
        sums
    }

    fn joined(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        if !launch::takes_images(&[&a, &b], &[]) {
            return composed_joined::<Self>(a, b);
        }
        let [a, b] = [a, b].map(contiguous);
        let (of_a, of_b) = (a.shape(), b.shape());
        let both = empty_beside(&a, Shape::new([of_a[0], of_a[1] + of_b[1], of_a[2], of_a[3]]));
        let elements = both.shape().num_elements();
        for_each(&JOINED, &[&a, &b, &both], elements, &[&of_a, &of_b].map(values_of_a_sample));
        both
    }

    fn parted(gradient: FloatTensor<Self>, channels: usize) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes_images(&[&gradient], &[]) {
            return composed_parted::<Self>(gradient, channels);
        }
        let gradient = contiguous(gradient);
        let shape = gradient.shape();
        let [of_a, of_b] = [channels, shape[1] - channels]
            .map(|channels| Shape::new([shape[0], channels, shape[2], shape[3]]));
        let words = [&of_a, &of_b].map(values_of_a_sample);
        let (a, b) = (empty_beside(&gradient, of_a), empty_beside(&gradient, of_b));
        for_each(&PARTED, &[&gradient, &a, &b], shape.num_elements(), &words);
        (a, b)
    }
}

fn values_of_a_sample(images: &Shape) -> u32 {
    (images[1] * images[2] * images[3]) as u32
}

/// Pixels that a thread adds up before it meets others, if a channel has so many.
const PIXELS: usize = 4;

/// Threads of one channel: a power of two, so that whole channels share a workgroup or one fills it.
fn lanes(pixels: usize) -> usize {
    pixels.div_ceil(PIXELS).next_power_of_two().min(THREADS as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_fill_workgroups() {
        for (pixels, expected) in [(1, 1), (4, 1), (15, 4), (64, 16), (256, 64), (1024, 256), (65_536, 256)] {
            assert_eq!(lanes(pixels), expected, "{pixels} pixels");
        }
    }
}
