//! What a JPEG of low quality leaves of a picture: 8×8 blocks with coarse steps in frequency.

use crate::data::Shape;

/// Side of a block, pixels.
const SIDE: usize = 8;
/// Steps of the cosine coefficients, bytes, low frequencies first: the example for luma in the JPEG
/// standard (ITU-T T.81, table K.1).
const STEPS: [[f32; SIDE]; SIDE] = [
    [16.0, 11.0, 10.0, 16.0, 24.0, 40.0, 51.0, 61.0],
    [12.0, 12.0, 14.0, 19.0, 26.0, 58.0, 60.0, 55.0],
    [14.0, 13.0, 16.0, 24.0, 40.0, 57.0, 69.0, 56.0],
    [14.0, 17.0, 22.0, 29.0, 51.0, 87.0, 80.0, 62.0],
    [18.0, 22.0, 37.0, 56.0, 68.0, 109.0, 103.0, 77.0],
    [24.0, 35.0, 55.0, 64.0, 81.0, 104.0, 113.0, 92.0],
    [49.0, 64.0, 78.0, 87.0, 103.0, 121.0, 120.0, 101.0],
    [72.0, 92.0, 95.0, 98.0, 112.0, 100.0, 103.0, 99.0],
];
/// The steps are so many times coarser, which encoders call quality 10.
const COARSER: f32 = 5.0;
/// Bytes in one unit of [-1, 1].
const BYTES: f32 = 127.5;

type Block = [[f32; SIDE]; SIDE];

/// Every channel in blocks whose cosine coefficients are rounded to `COARSER * STEPS`. Blocks that reach
/// beyond the picture see its edge repeated.
pub fn quantised(image: &[f32], shape: Shape) -> Vec<f32> {
    let Shape { height, width, .. } = shape;
    let cosines = cosines();
    let mut out = image.to_vec();
    for plane in out.chunks_exact_mut(shape.pixels().max(1)) {
        for top in (0..height).step_by(SIDE) {
            for left in (0..width).step_by(SIDE) {
                let at = |y: usize, x: usize| (top + y).min(height - 1) * width + (left + x).min(width - 1);
                let pixels = block(|y, x| plane[at(y, x)] * BYTES);
                let frequencies = transformed(&pixels, &cosines);
                let rounded = block(|v, u| {
                    let step = COARSER * STEPS[v][u];
                    (frequencies[v][u] / step).round() * step
                });
                let back = transformed(&rounded, &block(|n, k| cosines[k][n]));
                for (y, x) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))) {
                    if top + y < height && left + x < width {
                        plane[at(y, x)] = (back[y][x] / BYTES).clamp(-1.0, 1.0);
                    }
                }
            }
        }
    }
    out
}

/// Rows are the cosines of the orthonormal transform (DCT-II): `s_k cos(pi k (2n + 1) / 16)`.
fn cosines() -> Block {
    block(|k, n| {
        let scale = if k == 0 { (1.0 / SIDE as f32).sqrt() } else { (2.0 / SIDE as f32).sqrt() };
        scale * (std::f32::consts::PI * k as f32 * (2 * n + 1) as f32 / (2 * SIDE) as f32).cos()
    })
}

/// `T b Tᵀ`.
fn transformed(b: &Block, t: &Block) -> Block {
    let across = block(|y, u| (0..SIDE).map(|x| t[u][x] * b[y][x]).sum());
    block(|v, u| (0..SIDE).map(|y| t[v][y] * across[y][u]).sum())
}

fn block(mut value: impl FnMut(usize, usize) -> f32) -> Block {
    std::array::from_fn(|y| std::array::from_fn(|x| value(y, x)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_is_orthonormal() {
        let cosines = cosines();
        let identity = transformed(&block(|y, x| if y == x { 1.0 } else { 0.0 }), &cosines);
        for (y, row) in identity.iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                assert!((value - if y == x { 1.0 } else { 0.0 }).abs() < 1e-5);
            }
        }
    }

    /// Flat gray has one coefficient, 8 times its value; it is rounded to multiples of 5 x 16.
    #[test]
    fn flat_pictures_move_to_the_nearest_step() {
        let shape = Shape { channels: 1, height: 9, width: 11 };
        for (bytes, want) in [(0.0, 0.0), (4.0, 0.0), (6.0, 10.0), (-26.0, -30.0)] {
            let got = quantised(&vec![bytes / BYTES; shape.numbers()], shape);
            assert!(got.iter().all(|v| (v * BYTES - want).abs() < 1e-3), "{bytes}: {:?}", &got[..3]);
        }
    }

    /// Fine checks are below the first step; coarse edges stay visible.
    #[test]
    fn fine_detail_goes_first() {
        let shape = Shape::square(1, 16);
        let fine: Vec<f32> = (0..256).map(|i| if (i + i / 16) % 2 == 0 { 0.2 } else { -0.2 }).collect();
        assert!(quantised(&fine, shape).iter().all(|v| v.abs() < 1e-4));
        let coarse: Vec<f32> = (0..256).map(|i| if i % 16 < 4 { 0.8 } else { -0.8 }).collect();
        let kept = quantised(&coarse, shape);
        assert!(kept[0] > 0.5 && kept[15] < -0.5, "{} {}", kept[0], kept[15]);
    }
}
