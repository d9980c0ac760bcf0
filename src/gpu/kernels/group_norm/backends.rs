//! The norm on burn's GPU tensors (one workgroup per row) and on its CPU tensors (see `rows`).

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::super::shader::{GROUP_NORM, GROUP_NORM_BACKWARD, GROUP_NORM_BACKWARD_AFFINE};
use super::super::{cpu, launch};
use super::rows::Slopes;
use super::{Activation, GroupNormOps, Norm, Plan, composed, rows, slopes_apart};

impl Plan {
    /// The shaders' `Plan`, member by member.
    fn words(&self) -> [u32; 6] {
        let [batch, groups, channels, pixels] =
            [self.batch, self.groups, self.channels, self.pixels].map(|count| count as u32);
        let silu = u32::from(self.activation == Activation::Silu);
        [batch, groups, channels, pixels, self.eps.to_bits(), silu]
    }
}

impl GroupNormOps for CubeBackend {
    fn group_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes_images(&[&x], &[&weight, &bias]) {
            return composed::norm::<Self>(x, weight, bias, norm);
        }
        let [x, weight, bias] = [x, weight, bias].map(launch::contiguous);
        let plan = Plan::new(&x.shape(), norm);
        let y = launch::empty_beside(&x, x.shape());
        let statistics = launch::single_beside(&x, Shape::new([plan.batch, plan.groups, 2]));
        let buffers = [&x, &weight, &bias, &y, &statistics];
        launch::start(&GROUP_NORM, &buffers, &plan.words(), plan.rows());
        (y, statistics)
    }

    fn group_norm_slope(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> FloatTensor<Self> {
        if !launch::takes_images(&[&x, &gradient], &[&weight, &bias, &statistics]) {
            return composed::slope::<Self>(x, weight, bias, gradient, norm);
        }
        let [x, weight, bias, statistics, gradient] =
            [x, weight, bias, statistics, gradient].map(launch::contiguous);
        let plan = Plan::new(&x.shape(), norm);
        let slope = launch::empty_beside(&x, x.shape());
        let buffers = [&x, &weight, &bias, &statistics, &gradient, &slope];
        launch::start(&GROUP_NORM_BACKWARD, &buffers, &plan.words(), plan.rows());
        slope
    }

    fn group_norm_slopes_affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes_images(&[&x, &gradient], &[&weight, &bias, &statistics]) {
            return composed::slopes_affine::<Self>(x, weight, bias, gradient, norm);
        }
        let [x, weight, bias, statistics, gradient] =
            [x, weight, bias, statistics, gradient].map(launch::contiguous);
        let plan = Plan::new(&x.shape(), norm);
        let [weight_slope, bias_slope] =
            [&weight, &bias].map(|tensor| launch::empty_beside(tensor, tensor.shape()));
        let buffers = [&x, &weight, &bias, &statistics, &gradient, &weight_slope, &bias_slope];
        launch::start(&GROUP_NORM_BACKWARD_AFFINE, &buffers, &plan.words(), plan.all_channels());
        (weight_slope, bias_slope)
    }
}

impl GroupNormOps for Flex {
    fn group_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&x, &weight, &bias]) {
            return composed::norm::<Self>(x, weight, bias, norm);
        }
        let shape = x.shape();
        let plan = Plan::new(&shape, norm);
        let _clock = plan.forward_clock();
        let [x, weight, bias] = [x, weight, bias].map(cpu::contiguous);
        let affine = rows::Affine { weight: cpu::slice(&weight), bias: cpu::slice(&bias) };
        let (y, statistics) = rows::forward(&plan, cpu::slice(&x), affine);
        (cpu::tensor(y, shape), cpu::tensor(statistics, [plan.batch, plan.groups, 2]))
    }

    fn group_norm_slope(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&x, &weight, &bias, &statistics, &gradient]) {
            return composed::slope::<Self>(x, weight, bias, gradient, norm);
        }
        let shape = x.shape();
        let plan = Plan::new(&shape, norm);
        cpu::tensor(slopes(&plan, [x, weight, bias, statistics, gradient]).x, shape)
    }

    fn group_norm_slopes_affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&x, &weight, &bias, &statistics, &gradient]) {
            return composed::slopes_affine::<Self>(x, weight, bias, gradient, norm);
        }
        // No network asks for these alone: they have no pass of their own.
        let (_, weight, bias) = Self::group_norm_slopes(x, weight, bias, statistics, gradient, norm);
        (weight, bias)
    }

    fn group_norm_slopes(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&x, &weight, &bias, &statistics, &gradient]) {
            return slopes_apart::<Self>([x, weight, bias, statistics, gradient], norm);
        }
        let shape = x.shape();
        let plan = Plan::new(&shape, norm);
        let Slopes { x, sums } = slopes(&plan, [x, weight, bias, statistics, gradient]);
        let [weight, bias] =
            rows::affine_slopes(&plan, &sums).map(|slope| cpu::tensor(slope, [plan.all_channels()]));
        (cpu::tensor(x, shape), weight, bias)
    }
}

/// Slopes from `[x, weight, bias, statistics, gradient]`.
fn slopes(plan: &Plan, inputs: [FloatTensor<Flex>; 5]) -> Slopes {
    let _clock = plan.backward_clock();
    let inputs = inputs.map(cpu::contiguous);
    let [x, weight, bias, statistics, gradient] = inputs.each_ref().map(cpu::slice);
    rows::backward(plan, x, rows::Affine { weight, bias }, statistics, gradient)
}
