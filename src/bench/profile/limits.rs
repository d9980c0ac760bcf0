//! What this machine can do at most, with the threads that operations use.

use std::hint::black_box;
use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use serde::Serialize;

use crate::bench::host_copy;

/// Rows, inner length and columns of the measured product: its three matrices, 1.2 MiB, fit a core's cache.
const PRODUCT: [usize; 3] = [256, 384, 320];
/// Products of one reading of the clock, on each thread.
const PRODUCTS: usize = 8;

/// Bytes of each of the two copied buffers: far more than a core's own caches hold. Processors whose cores share
/// hundreds of MiB copy these faster than memory.
const COPIED: usize = 256 << 20;

/// Each limit is the best of so many seconds, but of three rounds at the least: other programs disturb some.
const SECS: f64 = 0.4;
const LEAST_ROUNDS: usize = 3;

/// Measured rates that no operation can be expected to surpass.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Additions and multiplications a second in products of matrices of single precision.
    pub product_flops_per_sec: f64,
    /// Bytes a second, read and written, of a copy from memory to memory.
    pub copy_bytes_per_sec: f64,
}

impl Limits {
    /// Takes a second and 512 MiB.
    pub fn measure() -> Self {
        Self { product_flops_per_sec: product_rate(), copy_bytes_per_sec: copy_rate() }
    }
}

/// The matrices of one thread.
struct Product {
    a: Vec<f32>,
    b: Vec<f32>,
    out: Vec<f32>,
}

impl Product {
    fn new() -> Self {
        let [rows, inner, columns] = PRODUCT;
        Self { a: vec![0.5; rows * inner], b: vec![0.25; inner * columns], out: vec![0.0; rows * columns] }
    }

    /// As the convolution calls it: one thread a product.
    fn compute(&mut self) {
        let [rows, inner, columns] = PRODUCT;
        let out = MatMut::from_row_major_slice_mut(&mut self.out, rows, columns);
        let a = MatRef::from_row_major_slice(&self.a, rows, inner);
        let b = MatRef::from_row_major_slice(&self.b, inner, columns);
        matmul(out, Accum::Replace, a, b, 1.0, Par::Seq);
        black_box(&self.out);
    }
}

fn product_rate() -> f64 {
    let mut products: Vec<Product> = (0..rayon::current_num_threads()).map(|_| Product::new()).collect();
    let [rows, inner, columns] = PRODUCT;
    let flops = (2 * rows * inner * columns * PRODUCTS * products.len()) as f64;
    flops
        / shortest(|| {
            let each = products.par_iter_mut().with_max_len(1);
            each.for_each(|product| (0..PRODUCTS).for_each(|_| product.compute()));
        })
}

fn copy_rate() -> f64 {
    // Not zeros: pages of zeros that nobody has written are one and the same.
    let from = vec![1u8; COPIED];
    let mut to = vec![0u8; COPIED];
    let secs = shortest(|| host_copy::copy(&from, &mut to));
    2.0 * COPIED as f64 / secs
}

/// Seconds of the quickest round.
fn shortest(mut round: impl FnMut()) -> f64 {
    let (clock, mut best) = (Instant::now(), f64::INFINITY);
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || clock.elapsed().as_secs_f64() < SECS {
        let begun = Instant::now();
        round();
        best = best.min(begun.elapsed().as_secs_f64());
        rounds += 1;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How fast a machine is is nobody's assertion; that it is a machine of these times is.
    #[test]
    fn limits_are_rates_of_a_machine() {
        let Limits { product_flops_per_sec, copy_bytes_per_sec } = Limits::measure();
        assert!((1e6..1e16).contains(&product_flops_per_sec), "{product_flops_per_sec}");
        assert!((1e6..1e15).contains(&copy_bytes_per_sec), "{copy_bytes_per_sec}");
    }

    #[test]
    fn the_measured_product_is_one() {
        let mut product = Product::new();
        product.compute();
        let expected = 0.125 * PRODUCT[1] as f32;
        assert!(product.out.iter().all(|value| *value == expected), "{}", product.out[0]);
    }
}
