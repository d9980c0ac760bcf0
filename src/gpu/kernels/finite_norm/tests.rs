//! The CPU twin against f64 and the composition, and every kind of block.

use burn::backend::Flex;
use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::super::check::Arrival;
use super::super::check::finite_norm::{bits, finite_norm};
use super::super::cpu;
use super::{
    CHUNK, FiniteNorm, FiniteNormOps, composed, finite_and_norm, finite_and_norm_composed, gradient_verdict,
    read_verdict,
};

fn block(values: Vec<f32>) -> Tensor<1> {
    let length = values.len();
    Tensor::from_data(TensorData::new(values, [length]), &Device::flex())
}

#[test]
fn the_cpu_twin_agrees_with_f64() {
    for shape in [[1, 1, 1, 1], [1, 1, 1, 17], [1, 1, 1, CHUNK], [4, 1, 1, CHUNK + 1]] {
        for arrival in [Arrival::Plain, Arrival::Derived] {
            let errors = finite_norm(&Device::flex(), shape, arrival);
            assert!(errors.value <= 1e-6, "{shape:?} {arrival:?}: {errors:?}");
        }
    }
    assert_eq!(bits(&Device::flex()), bits(&Device::flex()));
}

#[test]
fn every_kind_of_block_is_counted() {
    let reduce = |blocks: &[Tensor<1>]| finite_and_norm(blocks).expect("the CPU gives numbers back");
    assert_eq!(reduce(&[]), FiniteNorm::default());
    assert_eq!(reduce(&[block(vec![])]), FiniteNorm::default());
    let found = reduce(&[block(vec![3.0]), block(vec![]), block(vec![f32::NAN, -4.0])]);
    assert_eq!(found, FiniteNorm { non_finite: 1, sum_of_squares: 25.0 });
    let composed = finite_and_norm_composed(&[block(vec![3.0]), block(vec![f32::NAN, -4.0])]);
    assert_eq!(composed, Ok(found));
    assert_eq!(finite_and_norm_composed(&[]), Ok(FiniteNorm::default()));
    assert!(!found.is_finite());
    // Finite numbers whose squares are not.
    assert!(!reduce(&[block(vec![1e30])]).is_finite());
    // Other precisions, and a block that autodiff follows.
    let wide = block(vec![3.0, 4.0]).cast(FloatDType::F64);
    assert_eq!(reduce(&[wide.clone(), block(vec![1.0]).cast(FloatDType::F16)]).sum_of_squares, 26.0);
    let tracked = Tensor::from_inner(block(vec![2.0])).require_grad();
    assert!(reduce(&[tracked]).is_finite());
}

/// Any number of blocks, by sixes and one by one, of one chunk and of several.
#[test]
fn no_block_is_left_out() {
    for count in 1..=14usize {
        let lengths = (0..count).map(|i| if i % 3 == 1 { CHUNK + i } else { 1 + i });
        let blocks: Vec<Tensor<1>> =
            lengths.clone().enumerate().map(|(i, length)| block(vec![(1 + i) as f32; length])).collect();
        // Sums of small whole numbers are exact in any order.
        let want = lengths.enumerate().map(|(i, length)| (length * (1 + i) * (1 + i)) as f32).sum::<f32>();
        assert_eq!(read_verdict(gradient_verdict(&blocks)), Ok([want, 0.0]), "{count} blocks");
        let tracked: Vec<Tensor<1>> =
            blocks.into_iter().map(|block| Tensor::from_inner(block).require_grad()).collect();
        assert_eq!(read_verdict(gradient_verdict(&tracked)), Ok([want, 0.0]), "{count} tracked blocks");
    }
}

/// Each chunk's sum fits into single precision, their total does not.
#[test]
fn a_total_beyond_single_precision_is_bad() {
    let mut values = vec![0.0; CHUNK + 1];
    (values[0], values[CHUNK]) = (1.5e19, 1.5e19);
    let verdict = read_verdict(gradient_verdict(&[block(values)])).expect("numbers");
    assert_eq!(verdict, [f32::INFINITY, 0.0]);
    assert!(!FiniteNorm::of(verdict).is_finite());
    assert!(FiniteNorm::of([2.0, 0.0]).is_finite() && !FiniteNorm::of([2.0, 1.0]).is_finite());
}

/// What runs without a kernel: the same partial sums, in the rows that are the block's.
#[test]
fn the_composition_agrees() {
    let mut values: Vec<f32> = (0..2 * CHUNK + 5).map(|k| (k % 3) as f32).collect();
    values[7] = f32::NEG_INFINITY;
    values[2 * CHUNK] = f32::NAN;
    let length = values.len();
    let tensor = cpu::tensor(values, [length]);
    let before = || cpu::tensor(vec![-1.0; 10], [5, 2]);
    let twin = <Flex as FiniteNormOps>::finite_norm_partials(tensor.clone(), before(), 1);
    let composed = composed::placed::<Flex>(tensor, before(), 1);
    // Sums of small whole numbers are exact in any order.
    assert_eq!(cpu::slice(&composed), cpu::slice(&twin));
    let counts: Vec<f32> = cpu::slice(&twin).iter().skip(1).step_by(2).copied().collect();
    assert_eq!(counts, [-1.0, 1.0, 0.0, 1.0, -1.0]);
    let total = <Flex as FiniteNormOps>::finite_norm_total(twin.clone());
    assert_eq!(cpu::slice(&total), cpu::slice(&composed::total::<Flex>(twin)));
}
