// What a number adds to the sums of the finite-and-norm reduction: its square if it is finite, else 1 to the count of
// those that are not.
fn finite_square(value: f32) -> vec3<f32> {
    return select(vec3<f32>(0.0, 1.0, 0.0), vec3<f32>(value * value, 0.0, 0.0), is_finite(value));
}
