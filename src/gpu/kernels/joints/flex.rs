//! The joints on burn's CPU tensors: one pass each, on all threads, in place where nobody else holds the memory.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use rayon::prelude::*;

use super::super::cpu::{self, contiguous, slice};
use super::super::fresh::{Unwritten, written};
use super::super::lanes;
use super::{
    JointOps, composed_joined, composed_parted, composed_scaled, composed_shifted, composed_sum,
    composed_sums,
};
use crate::gpu::tally::{Cost, clock};
use crate::simd;

impl JointOps for Flex {
    fn scaled_sum(a: FloatTensor<Self>, b: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        if !cpu::takes(&[&a, &b]) {
            return composed_sum::<Self>(a, b, scale);
        }
        let _clock = cpu::clock("skip added and scaled", &a, 2, 3);
        let scale = scale as f32;
        let [sum] = cpu::in_place([a], b, |[a], b| {
            simd::dispatch(
                #[inline(always)]
                || a.iter_mut().zip(b).for_each(|(a, b)| *a = (*a + b) * scale),
            );
        });
        sum
    }

    fn scaled(gradient: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        if !cpu::takes(&[&gradient]) {
            return composed_scaled::<Self>(gradient, scale);
        }
        let _clock = cpu::clock("skip added and scaled, gradient", &gradient, 1, 2);
        let scale = scale as f32;
        cpu::each_row(gradient, cpu::CHUNK, |_, row| {
            simd::dispatch(
                #[inline(always)]
                || row.iter_mut().for_each(|value| *value *= scale),
            );
        })
    }

    fn shifted(x: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self> {
        if !cpu::takes(&[&x, &shift]) {
            return composed_shifted::<Self>(x, shift);
        }
        let _clock = cpu::clock("embedding added", &x, 1, 2);
        let (shape, shift) = (x.shape(), contiguous(shift));
        let shift = slice(&shift);
        cpu::each_row(x, shape[2] * shape[3], |channel, pixels| {
            let shift = shift[channel];
            simd::dispatch(
                #[inline(always)]
                || pixels.iter_mut().for_each(|pixel| *pixel += shift),
            );
        })
    }

    fn channel_sums(gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if !cpu::takes(&[&gradient]) {
            return composed_sums::<Self>(gradient);
        }
        let _clock = cpu::clock("embedding added, gradient", &gradient, 1, 1);
        let shape = gradient.shape();
        let gradient = contiguous(gradient);
        let channels = slice(&gradient).par_chunks_exact(shape[2] * shape[3]).with_min_len(MIN_CHANNELS);
        cpu::tensor(channels.map(lanes::total).collect(), [shape[0], shape[1]])
    }

    fn joined(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        if !cpu::takes(&[&a, &b]) {
            return composed_joined::<Self>(a, b);
        }
        let (of_a, of_b) = (a.shape(), b.shape());
        let channels = of_a[1] + of_b[1];
        let shape = [of_a[0], channels, of_a[2], of_a[3]];
        let [a_len, b_len] = [&of_a, &of_b].map(|shape| shape.num_elements() / shape[0]);
        let _clock = clock("skip concatenated", Cost::each(shape.iter().product(), 0, 2));
        let [a, b] = [a, b].map(contiguous);
        let join = |all: &mut [Unwritten]| {
            let samples = slice(&a).par_chunks_exact(a_len).zip(slice(&b).par_chunks_exact(b_len));
            all.par_chunks_exact_mut(a_len + b_len).zip(samples).for_each(|(all, (a, b))| {
                let (of_a, of_b) = all.split_at_mut(a_len);
                of_a.write_copy_of_slice(a);
                of_b.write_copy_of_slice(b);
            });
        };
        // SAFETY: of each sample both parts are.
        cpu::tensor(unsafe { written(shape.iter().product(), join) }, shape)
    }

    fn parted(gradient: FloatTensor<Self>, channels: usize) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&gradient]) {
            return composed_parted::<Self>(gradient, channels);
        }
        let _clock = cpu::clock("skip concatenated, gradient", &gradient, 0, 2);
        let shape = gradient.shape();
        let (pixels, sample) = (shape[2] * shape[3], shape.num_elements() / shape[0]);
        let gradient = contiguous(gradient);
        let part = |from: usize, channels: usize| {
            let len = channels * pixels;
            let copy = |part: &mut [Unwritten]| {
                let samples = slice(&gradient).par_chunks_exact(sample);
                part.par_chunks_exact_mut(len).zip(samples).for_each(|(part, sample)| {
                    part.write_copy_of_slice(&sample[from * pixels..][..len]);
                });
            };
            // SAFETY: each sample's part is.
            let part = unsafe { written(shape[0] * len, copy) };
            cpu::tensor(part, [shape[0], channels, shape[2], shape[3]])
        };
        (part(0, channels), part(channels, shape[1] - channels))
    }
}

/// Channels that are worth a thread.
const MIN_CHANNELS: usize = 64;
