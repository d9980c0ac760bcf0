//! The one pass against burn's own operations, bit for bit, and what it may write into.

use burn::backend::Flex;
use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::super::check::Arrival;
use super::super::check::adam::adam;
use super::super::gradient_verdict;
use super::{AdamNumbers, BadStep, adam_step, adam_step_averaged, adam_step_averaged_composed};
use crate::random::{Random, Stream};

/// One number, an odd number, a whole chunk and one more, and enough for several threads.
const LENGTHS: [usize; 4] = [1, 17, (1 << 14) + 1, 70_001];
const KEEP: f64 = 0.9964;

fn tensor(values: Vec<f32>) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), &Device::flex())
}

fn normals(which: u64, length: usize) -> Tensor<1> {
    tensor(Random::new(7, Stream::SelfTest).normals(which, 0, length))
}

/// Weights, mean, square and average in memory of their own, as they lie at the start of a run.
fn start(length: usize) -> [Tensor<1>; 4] {
    let zeros = || Tensor::zeros([length], &Device::flex());
    [normals(0, length), zeros(), zeros(), normals(1, length)]
}

/// Gradients of many sizes, and some that are 0.
fn gradient(step: u64, length: usize) -> Tensor<1> {
    let normal = normals(2 + step, length);
    let cubes = normal.clone() * normal.clone() * normal;
    cubes * normals(50 + step, length).greater_elem(-1.0).float()
}

fn numbers(step: u64, beta1: f64) -> AdamNumbers {
    let (beta2, t) = (0.999f64, (step + 1) as f64);
    AdamNumbers {
        beta1,
        beta2,
        eps: 1e-8,
        rate: 2e-4 / (1.0 - beta1.powf(t)),
        correction2: 1.0 - beta2.powf(t),
        bad: BadStep::Keep,
    }
}

/// A step of all four blocks, whatever its gradients are like.
fn stepped(blocks: [Tensor<1>; 4], g: Tensor<1>, numbers: AdamNumbers) -> [Tensor<1>; 4] {
    let verdict = gradient_verdict(std::slice::from_ref(&g));
    adam_step_averaged(blocks, g, verdict, numbers, KEEP)
}

/// The paper's lines, one after the other.
fn expected([w, m, v, a]: [Tensor<1>; 4], g: &Tensor<1>, numbers: AdamNumbers) -> [Tensor<1>; 4] {
    let AdamNumbers { beta1, beta2, eps, rate, correction2, bad: _ } = numbers;
    let m = m * beta1 + g.clone() * (1.0 - beta1);
    let v = v * beta2 + g.clone() * g.clone() * (1.0 - beta2);
    let w = w - m.clone() / ((v.clone() / correction2).sqrt() + eps) * rate;
    let a = a * KEEP + w.clone() * (1.0 - KEEP);
    [w, m, v, a]
}

fn bits(tensor: &Tensor<1>) -> Vec<u32> {
    tensor.clone().into_data().iter::<f32>().map(f32::to_bits).collect()
}

fn all_bits<const N: usize>(tensors: &[Tensor<1>; N]) -> [Vec<u32>; N] {
    tensors.each_ref().map(bits)
}

/// Where a block's memory begins.
fn address(block: &Tensor<1>) -> usize {
    let block = block.clone().try_into_primitive::<Flex>().expect("a tensor of the CPU");
    block.bytes().as_ptr() as usize
}

#[test]
fn one_pass_has_the_bits_of_many() {
    for (length, beta1) in LENGTHS.into_iter().flat_map(|length| [(length, 0.0), (length, 0.9)]) {
        for bad in [BadStep::Keep, BadStep::Mend] {
            let (mut many, mut one, mut composed) = (start(length), start(length), start(length));
            let [w, m, v, _] = start(length);
            let mut bare = [w, m, v];
            for step in 0..5 {
                let (g, numbers) = (gradient(step, length), AdamNumbers { bad, ..numbers(step, beta1) });
                let verdict = gradient_verdict(std::slice::from_ref(&g));
                many = expected(many, &g, numbers);
                one = adam_step_averaged(one, g.clone(), verdict.clone(), numbers, KEEP);
                composed = adam_step_averaged_composed(composed, g.clone(), verdict.clone(), numbers, KEEP);
                bare = adam_step(bare, g, verdict, numbers);
                let what = format!("{length} numbers, beta1 {beta1}, {bad:?}, step {step}");
                assert_eq!(all_bits(&many), all_bits(&one), "{what}");
                assert_eq!(all_bits(&many), all_bits(&composed), "composed: {what}");
                assert_eq!(all_bits(&many)[..3], all_bits(&bare), "without average: {what}");
            }
        }
    }
}

/// Gradients with these numbers among them.
fn spoiled(length: usize, values: &[f32]) -> Tensor<1> {
    let mut all: Vec<f32> = gradient(3, length).into_data().iter::<f32>().collect();
    for (place, value) in [0, length / 2, length - 1].into_iter().zip(values) {
        all[place] = *value;
    }
    tensor(all)
}

#[test]
fn a_bad_step_that_is_left_out_leaves_every_bit() {
    let keep = AdamNumbers { bad: BadStep::Keep, ..numbers(1, 0.9) };
    for length in LENGTHS {
        let before = stepped(start(length), gradient(0, length), numbers(0, 0.9));
        let want = all_bits(&before);
        // One alone, at the end; and finite numbers whose squares are too large.
        let last = spoiled(length, &[0.0, 0.0, f32::INFINITY]);
        for g in [spoiled(length, &[f32::NAN]), last, spoiled(length, &[1e30])] {
            let verdict = gradient_verdict(std::slice::from_ref(&g));
            assert_eq!(all_bits(&stepped(before.clone(), g.clone(), keep)), want, "{length} numbers");
            let composed =
                adam_step_averaged_composed(before.clone(), g.clone(), verdict.clone(), keep, KEEP);
            assert_eq!(all_bits(&composed), want, "composed, {length} numbers");
            let [w, m, v, _] = before.clone();
            assert_eq!(all_bits(&adam_step([w, m, v], g, verdict, keep)), want[..3], "{length} numbers");
        }
        // Another block's gradients are bad: this one's step is left out with it.
        let both = [gradient(1, length), spoiled(length, &[f32::NAN])];
        let [g, _] = both.clone();
        let after = adam_step_averaged(before, g, gradient_verdict(&both), keep, KEEP);
        assert_eq!(all_bits(&after), want, "{length} numbers");
    }
}

#[test]
fn a_bad_step_that_is_mended_is_that_of_mended_gradients() {
    let mend = AdamNumbers { bad: BadStep::Mend, ..numbers(1, 0.9) };
    for (bad, good) in [
        ([f32::NAN, f32::INFINITY, f32::NEG_INFINITY], [0.0, 1e5, -1e5]),
        ([-f32::NAN, f32::MAX, -2e6], [0.0, f32::MAX, -2e6]),
    ] {
        for length in LENGTHS {
            let before = stepped(start(length), gradient(0, length), numbers(0, 0.9));
            let g = spoiled(length, &bad);
            let want = all_bits(&expected(before.clone(), &spoiled(length, &good), mend));
            assert_eq!(all_bits(&stepped(before.clone(), g.clone(), mend)), want, "{length} numbers");
            let verdict = gradient_verdict(std::slice::from_ref(&g));
            let composed =
                adam_step_averaged_composed(before.clone(), g.clone(), verdict.clone(), mend, KEEP);
            assert_eq!(all_bits(&composed), want, "composed, {length} numbers");
            let [w, m, v, _] = before;
            assert_eq!(all_bits(&adam_step([w, m, v], g, verdict, mend)), want[..3], "{length} numbers");
        }
    }
}

#[test]
fn steps_agree_with_f64() {
    for shape in [[1, 1, 1, 1], [5, 3, 9, 7], [1, 1, 1, 70_001]] {
        for arrival in [Arrival::Plain, Arrival::Derived] {
            let errors = adam(&Device::flex(), shape, arrival);
            assert!(errors.value <= 2e-6, "{shape:?} {arrival:?}: {errors:?}");
        }
    }
}

#[test]
fn threads_do_not_show() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let step = || stepped(start(70_001), gradient(0, 70_001), numbers(0, 0.9));
        all_bits(&pool.install(step))
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn blocks_that_nobody_else_holds_keep_their_memory() {
    for length in LENGTHS {
        let blocks = start(length);
        let before = blocks.each_ref().map(address);
        let after = stepped(blocks, gradient(0, length), numbers(0, 0.9));
        assert_eq!(after.each_ref().map(address), before);
        let after = stepped(after, spoiled(length, &[f32::NAN]), numbers(1, 0.9));
        assert_eq!(after.each_ref().map(address), before, "left out");
    }
}

/// A snapshot for samples holds the same memory as the weights.
#[test]
fn what_is_shared_is_copied_and_keeps_its_numbers() {
    let length = 40_001;
    let want = all_bits(&stepped(start(length), gradient(0, length), numbers(0, 0.9)));
    let blocks = start(length);
    let (snapshot, old) = (blocks.clone(), all_bits(&blocks));
    let after = stepped(blocks, gradient(0, length), numbers(0, 0.9));
    assert_eq!(all_bits(&snapshot), old);
    assert_eq!(all_bits(&after), want);

    // Weights and average as one memory, as a run begins, and a gradient that is the weights themselves.
    let [w, m, v, _] = start(length);
    let old = bits(&w);
    let want = all_bits(&expected([w.clone(), m.clone(), v.clone(), w.clone()], &w, numbers(0, 0.0)));
    let after = stepped([w.clone(), m, v, w.clone()], w.clone(), numbers(0, 0.0));
    assert_eq!(all_bits(&after), want);
    assert_eq!(bits(&w), old);
}

/// A block in the middle of a longer tensor: what lies around it stays.
#[test]
fn parts_of_longer_tensors_are_taken() {
    let whole = normals(9, 100);
    let old = bits(&whole);
    let part = || whole.clone().narrow(0, 7, 51);
    let [_, m, v, _] = start(51);
    let want = all_bits(&expected([part(), m.clone(), v.clone(), part()], &part(), numbers(0, 0.9)));
    let after = stepped([part(), m, v, part()], part(), numbers(0, 0.9));
    assert_eq!(all_bits(&after), want);
    assert_eq!(bits(&whole), old);
}

/// Double precision and blocks without numbers are composed.
#[test]
fn other_blocks_are_composed() {
    let wide = |tensor: Tensor<1>| tensor.cast(FloatDType::F64);
    let (single, g) = (start(17), gradient(0, 17));
    let got = stepped(single.clone().map(wide), wide(g.clone()), numbers(0, 0.9));
    for (got, want) in got.into_iter().zip(stepped(single, g, numbers(0, 0.9))) {
        let error = (got - wide(want.clone())).abs().max().into_scalar::<f64>();
        let largest = wide(want).abs().max().into_scalar::<f64>();
        assert!(error <= 1e-6 * largest, "{error:e} of {largest:e}");
    }
    let [w, m, v, _] = start(0);
    let verdict = gradient_verdict(std::slice::from_ref(&w));
    assert_eq!(adam_step([w.clone(), m, v], w, verdict, numbers(0, 0.9))[0].dims(), [0]);
}

#[test]
#[should_panic(expected = "one length")]
fn a_gradient_of_another_length_is_refused() {
    let [w, m, v, _] = start(5);
    let g = normals(0, 4);
    let verdict = gradient_verdict(std::slice::from_ref(&g));
    let _ = adam_step([w, m, v], g, verdict, numbers(0, 0.9));
}
