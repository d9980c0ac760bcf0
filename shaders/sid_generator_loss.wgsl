// SiD's generator loss: the sum of (real - fake) ((real - y) - alpha (real - fake)) (see score_loss.wgsl).
// `params.scalar` is alpha.
fn terms(y: f32, real: f32, fake: f32) -> vec3<f32> {
    let gap = real - fake;
    let pull = real - y;
    let usable = is_finite(y) && is_finite(real) && is_finite(fake);
    return vec3<f32>(gap * (pull - params.scalar * gap), abs(pull), select(1.0, 0.0, usable));
}
