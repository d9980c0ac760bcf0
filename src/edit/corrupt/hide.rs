//! Which pixels a mask leaves, and what stands in for the others.

use crate::data::Shape;

/// Share of the pixels that a random mask hides.
const HIDDEN_SHARE: f32 = 0.75;
/// What hidden pixels show: black.
pub const HIDDEN: f32 = -1.0;

/// Known pixels (H×W): all but a box in the middle, half as high and half as wide as the picture.
pub fn except_box(shape: Shape) -> Vec<bool> {
    let middle = |at: usize, side: usize| (side / 4..side / 4 + side.div_ceil(2)).contains(&at);
    each(shape, |y, x| !(middle(y, shape.height) && middle(x, shape.width)))
}

/// Known pixels: the right half.
pub fn except_left_half(shape: Shape) -> Vec<bool> {
    each(shape, |_, x| x >= shape.width.div_ceil(2))
}

/// Known pixels: those whose uniform number says so.
pub fn except_drawn(uniforms: &[f32]) -> Vec<bool> {
    uniforms.iter().map(|u| *u >= HIDDEN_SHARE).collect()
}

fn each(shape: Shape, known: impl Fn(usize, usize) -> bool) -> Vec<bool> {
    (0..shape.pixels()).map(|i| known(i / shape.width, i % shape.width)).collect()
}

/// The picture with its hidden pixels blackened in every channel.
pub fn fill(image: &[f32], known: &[bool]) -> Vec<f32> {
    image.iter().zip(known.iter().cycle()).map(|(v, known)| if *known { *v } else { HIDDEN }).collect()
}
