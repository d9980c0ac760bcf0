//! Blocks that change together.

use super::*;
use crate::model::LayoutBuilder;

/// Three blocks of these numbers.
fn weights(values: [[f32; 2]; 3]) -> Weights {
    let block = |values: [f32; 2]| Tensor::from_data(values, &Device::flex());
    let (layout, buffers) = (Arc::new(LayoutBuilder::new().finish()), Arc::new(Vec::new()));
    Weights { layout, blocks: values.map(block).to_vec(), buffers }
}

fn numbers(weights: &Weights) -> Vec<Vec<f32>> {
    weights.blocks.iter().map(|block| read(block.clone()).expect("numbers")).collect()
}

#[test]
fn blocks_keep_their_order_and_snapshots_their_numbers() {
    let (mut a, mut b) = (weights([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), weights([[1.0; 2]; 3]));
    let snapshot = a.clone();
    let mut asked = Vec::new();
    Weights::update_together([&mut a, &mut b], |i, [a, b]| {
        asked.push(i);
        [a.clone() * 2.0 + b, a + i as f32]
    });
    assert_eq!(asked, [0, 1, 2]);
    assert_eq!(numbers(&a), [[3.0, 5.0], [7.0, 9.0], [11.0, 13.0]]);
    assert_eq!(numbers(&b), [[1.0, 2.0], [4.0, 5.0], [7.0, 8.0]]);
    assert_eq!(numbers(&snapshot), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);

    a.update(|i, block| block * i as f32);
    assert_eq!(numbers(&a), [[0.0, 0.0], [7.0, 9.0], [22.0, 26.0]]);
}

/// What `update` gives away is held by nobody else, unless a snapshot does.
#[test]
fn blocks_are_given_away() {
    use burn::backend::Flex;
    let mut a = weights([[1.0; 2]; 3]);
    let alone = |a: &mut Weights| {
        let mut all = true;
        a.update(|_, block| {
            let block = block.try_into_primitive::<Flex>().expect("a tensor of the CPU");
            all &= block.is_unique();
            Tensor::from_primitive::<Flex>(block)
        });
        all
    };
    assert!(alone(&mut a));
    let snapshot = a.clone();
    assert!(!alone(&mut a));
    drop(snapshot);
    assert!(alone(&mut a));
}
