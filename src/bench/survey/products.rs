//! How fast burn's own product of matrices is.

use burn::tensor::Tensor;

use super::items::Item;
use super::job::Extent;
use super::rows::ProductRow;
use super::timing::{Repeats, numbers, timed};
use super::word::Finding;
use crate::bench::clock::settle;
use crate::gpu::{Backend, Opened};

const REPEATS: Repeats = Repeats { most: 10, secs: 1.5 };
/// Multiplications that one reading of the clock covers, as far as so few products have them.
const A_READING: usize = 1 << 31;
const MOST_TIMES: usize = 16;

fn sides(opened: &Opened, extent: Extent) -> &'static [usize] {
    match (extent, opened.backend) {
        (Extent::Quick, _) => &[64, 128],
        // Each new size is compiled for seconds there.
        (Extent::Full, Backend::Wgpu) if opened.software => &[128, 256],
        (Extent::Full, Backend::Wgpu) => &[512, 1024, 2048, 4096],
        (Extent::Full, Backend::Cpu) => &[256, 512, 1024],
    }
}

/// Each side, an item each.
pub fn items(opened: &Opened, extent: Extent) -> Vec<Item> {
    let item = |side: &usize| {
        let (side, device) = (*side, opened.device.clone());
        Item::new(format!("{side} × {side}"), move |take| {
            let [a, b]: [Tensor<2>; 2] = [(); 2].map(|()| numbers([side, side], &device));
            let times = (A_READING / side.pow(3)).clamp(1, MOST_TIMES);
            let timing = timed(
                REPEATS,
                times,
                || Ok(()),
                |()| {
                    // They live until they were made: nobody makes what nobody holds.
                    let made: Vec<Tensor<2>> = (0..times).map(|_| a.clone().matmul(b.clone())).collect();
                    settle(&device)?;
                    drop(made);
                    Ok(())
                },
            )?;
            let gigaflops_per_second = timing.rate(2.0 * (side as f64).powi(3)) / 1e9;
            take(Finding::Product(ProductRow { side, timing, gigaflops_per_second }));
            Ok(())
        })
    };
    sides(opened, extent).iter().map(item).collect()
}
