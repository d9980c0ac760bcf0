//! Attention on burn's GPU tensors (see `gpu`) and on its CPU tensors (see `rows`).

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Flex, TensorMetadata};

use super::super::cpu::{self, contiguous, slice};
use super::super::launch;
use super::rows::{self, Plan};
use super::{AttentionOps, composed, gpu};
use crate::gpu::tally::clock;
use crate::simd::Level;

impl AttentionOps for CubeBackend {
    fn self_attention(qkv: FloatTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes_images(&[&qkv], &[]) {
            return composed::forward::<Self>(qkv);
        }
        gpu::forward(&Plan::of(&qkv.shape()), &launch::contiguous(qkv))
    }

    fn self_attention_slope(
        qkv: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !launch::takes_images(&[&qkv, &gradient], &[&kept]) {
            return composed::slope::<Self>(qkv, kept, gradient);
        }
        let [qkv, weights, gradient] = [qkv, kept, gradient].map(launch::contiguous);
        gpu::slope(&Plan::of(&qkv.shape()), &qkv, &weights, &gradient)
    }
}

impl AttentionOps for Flex {
    fn self_attention(qkv: FloatTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&qkv]) {
            return composed::forward::<Self>(qkv);
        }
        let plan = Plan::of(&qkv.shape());
        let _clock = clock("attention", plan.cost(2, 4));
        let (y, sums) = rows::forward(Level::here(), &plan, slice(&contiguous(qkv)));
        (cpu::tensor(y, [plan.rows, plan.channels, plan.pixels]), cpu::tensor(sums, [plan.rows, plan.pixels]))
    }

    fn self_attention_slope(
        qkv: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&qkv, &kept, &gradient]) {
            return composed::slope::<Self>(qkv, kept, gradient);
        }
        let shape = qkv.shape();
        let plan = Plan::of(&shape);
        let _clock = clock("attention gradient", plan.cost(5, 7));
        let [qkv, sums, gradient] = [qkv, kept, gradient].map(contiguous);
        cpu::tensor(rows::backward(Level::here(), &plan, slice(&qkv), slice(&sums), slice(&gradient)), shape)
    }
}
