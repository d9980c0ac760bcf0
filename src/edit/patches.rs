//! Means over square patches: what a picture of fewer pixels still says of one with more.

use crate::data::Shape;

/// The picture with every pixel replaced by the mean of its patch of `patch`×`patch` pixels, channel by
/// channel. Patches begin at the upper left; those at the far edges may be narrower.
pub fn patch_means(image: &[f32], shape: Shape, patch: usize) -> Vec<f32> {
    let mut means = image.to_vec();
    level_patches(&mut means, shape, patch);
    means
}

/// The same in place.
pub fn level_patches(image: &mut [f32], shape: Shape, patch: usize) {
    let (patch, Shape { height, width, .. }) = (patch.max(1), shape);
    for plane in image.chunks_exact_mut(shape.pixels().max(1)) {
        for top in (0..height).step_by(patch) {
            for left in (0..width).step_by(patch) {
                let right = (left + patch).min(width);
                let rows = || (top..(top + patch).min(height)).map(|y| y * width + left..y * width + right);
                let sum: f64 = rows().flat_map(|row| &plane[row]).map(|v| f64::from(*v)).sum();
                let count = rows().len() * (right - left);
                let mean = (sum / count as f64) as f32;
                rows().for_each(|row| plane[row].fill(mean));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_patches_at_the_edges_have_their_own_mean() {
        let shape = Shape { channels: 2, height: 3, width: 5 };
        let image: Vec<f32> = (0..30).map(|v| v as f32).collect();
        let means = patch_means(&image, shape, 2);
        assert_eq!(means[..5], [3.0, 3.0, 5.0, 5.0, 6.5]);
        assert_eq!(means[10..15], [10.5, 10.5, 12.5, 12.5, 14.0]);
        assert_eq!(means[15], 18.0);
        assert_eq!(patch_means(&image, shape, 1), image);
    }
}
