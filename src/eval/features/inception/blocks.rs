//! The network's stages, as in Szegedy et al., "Rethinking the Inception Architecture for Computer Vision"
//! (2016), with the pools of the graph that TensorFlow published on 2015-12-05: averages that do not count
//! the zeros around the image, and a maximum in the last block.

use super::plan::{Part, Plan};
use super::pool::Pool;

/// Stages in order, each with the name of its block or last layer in torchvision. 3 channels come in,
/// 2048 out.
pub fn stages() -> Vec<(&'static str, Plan)> {
    let mixed = |name: &'static str, plan: Plan| (name, plan.of(name));
    vec![
        ("MaxPool_1", stem()),
        ("MaxPool_2", second_stem()),
        mixed("Mixed_5b", block_a(32)),
        mixed("Mixed_5c", block_a(64)),
        mixed("Mixed_5d", block_a(64)),
        mixed("Mixed_6a", block_b()),
        mixed("Mixed_6b", block_c(128)),
        mixed("Mixed_6c", block_c(160)),
        mixed("Mixed_6d", block_c(160)),
        mixed("Mixed_6e", block_c(192)),
        mixed("Mixed_7a", block_d()),
        mixed("Mixed_7b", block_e(Plan::averaged("branch_pool", 192))),
        mixed("Mixed_7c", block_e(maximum())),
    ]
}

/// 3 × 299² to 64 × 73².
fn stem() -> Plan {
    Part::Chain(vec![
        Plan::inside("Conv2d_1a_3x3", 32, 2),
        Plan::inside("Conv2d_2a_3x3", 32, 1),
        Plan::same("Conv2d_2b_3x3", 64, [3, 3]),
        Part::Pool(Pool::MaxHalving),
    ])
}

/// 64 × 73² to 192 × 35².
fn second_stem() -> Plan {
    Part::Chain(vec![
        Plan::same("Conv2d_3b_1x1", 80, [1, 1]),
        Plan::inside("Conv2d_4a_3x3", 192, 1),
        Part::Pool(Pool::MaxHalving),
    ])
}

/// 35² stays.
fn block_a(pooled: usize) -> Plan {
    Part::Fork(vec![
        Plan::same("branch1x1", 64, [1, 1]),
        Part::Chain(vec![Plan::same("branch5x5_1", 48, [1, 1]), Plan::same("branch5x5_2", 64, [5, 5])]),
        Part::Chain(vec![
            Plan::same("branch3x3dbl_1", 64, [1, 1]),
            Plan::same("branch3x3dbl_2", 96, [3, 3]),
            Plan::same("branch3x3dbl_3", 96, [3, 3]),
        ]),
        Plan::averaged("branch_pool", pooled),
    ])
}

/// 288 × 35² to 768 × 17².
fn block_b() -> Plan {
    Part::Fork(vec![
        Plan::inside("branch3x3", 384, 2),
        Part::Chain(vec![
            Plan::same("branch3x3dbl_1", 64, [1, 1]),
            Plan::same("branch3x3dbl_2", 96, [3, 3]),
            Plan::inside("branch3x3dbl_3", 96, 2),
        ]),
        Part::Pool(Pool::MaxHalving),
    ])
}

/// 768 × 17² stays; `narrow` channels between the rows and columns of 7.
fn block_c(narrow: usize) -> Plan {
    Part::Fork(vec![
        Plan::same("branch1x1", 192, [1, 1]),
        Part::Chain(vec![
            Plan::same("branch7x7_1", narrow, [1, 1]),
            Plan::same("branch7x7_2", narrow, [1, 7]),
            Plan::same("branch7x7_3", 192, [7, 1]),
        ]),
        Part::Chain(vec![
            Plan::same("branch7x7dbl_1", narrow, [1, 1]),
            Plan::same("branch7x7dbl_2", narrow, [7, 1]),
            Plan::same("branch7x7dbl_3", narrow, [1, 7]),
            Plan::same("branch7x7dbl_4", narrow, [7, 1]),
            Plan::same("branch7x7dbl_5", 192, [1, 7]),
        ]),
        Plan::averaged("branch_pool", 192),
    ])
}

/// 768 × 17² to 1280 × 8².
fn block_d() -> Plan {
    Part::Fork(vec![
        Part::Chain(vec![Plan::same("branch3x3_1", 192, [1, 1]), Plan::inside("branch3x3_2", 320, 2)]),
        Part::Chain(vec![
            Plan::same("branch7x7x3_1", 192, [1, 1]),
            Plan::same("branch7x7x3_2", 192, [1, 7]),
            Plan::same("branch7x7x3_3", 192, [7, 1]),
            Plan::inside("branch7x7x3_4", 192, 2),
        ]),
        Part::Pool(Pool::MaxHalving),
    ])
}

/// 8² stays; 2048 channels come out, the last 192 from `pooled`.
fn block_e(pooled: Plan) -> Plan {
    Part::Fork(vec![
        Plan::same("branch1x1", 320, [1, 1]),
        Part::Chain(vec![
            Plan::same("branch3x3_1", 384, [1, 1]),
            row_and_column("branch3x3_2a", "branch3x3_2b"),
        ]),
        Part::Chain(vec![
            Plan::same("branch3x3dbl_1", 448, [1, 1]),
            Plan::same("branch3x3dbl_2", 384, [3, 3]),
            row_and_column("branch3x3dbl_3a", "branch3x3dbl_3b"),
        ]),
        pooled,
    ])
}

/// The last block's pooling branch: a slip in the published graph that its features have kept.
fn maximum() -> Plan {
    Part::Chain(vec![Part::Pool(Pool::Max), Plan::same("branch_pool", 192, [1, 1])])
}

fn row_and_column(row: &str, column: &str) -> Plan {
    Part::Fork(vec![Plan::same(row, 384, [1, 3]), Plan::same(column, 384, [3, 1])])
}
