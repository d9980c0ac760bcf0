// Distribution matching: the sum of (fake - real) y (see score_loss.wgsl). An element whose fake is not
// finite adds nothing.
fn terms(y: f32, real: f32, fake: f32) -> vec3<f32> {
    let term = select(0.0, (fake - real) * y, is_finite(fake));
    return vec3<f32>(term, abs(y - real), select(1.0, 0.0, is_finite(y) && is_finite(real)));
}
