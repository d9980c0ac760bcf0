// Adam's rule for one number, in the order of additions of its composition from burn's operations.
struct Plan {
    elements: u32,
    // 1: bad gradients are mended; 0: a step with any is left out.
    mend: u32,
    beta1: f32,
    rest1: f32,
    beta2: f32,
    rest2: f32,
    eps: f32,
    rate: f32,
    correction2: f32,
    // Of the average, where there is one.
    keep: f32,
    rest: f32,
};

// Whether a step's gradients are not all finite, or too large for the sum of their squares.
fn is_bad(sum_of_squares: f32, not_finite: f32) -> bool {
    return not_finite > 0.0 || !is_finite(sum_of_squares);
}

// NaN as 0, infinity as 1e5 with its sign. Bits say which it is: see `is_finite`.
fn mended(gradient: f32) -> f32 {
    let bits = bitcast<u32>(gradient);
    if (is_finite(gradient)) {
        return gradient;
    }
    if ((bits & 0x007fffffu) != 0u) {
        return 0.0;
    }
    return select(1e5, -1e5, (bits & 0x80000000u) != 0u);
}

// A weight, its mean and its square after the step.
fn moved(weight: f32, mean: f32, square: f32, gradient: f32, plan: Plan) -> vec3<f32> {
    let m = mean * plan.beta1 + gradient * plan.rest1;
    let v = square * plan.beta2 + gradient * gradient * plan.rest2;
    return vec3<f32>(weight - m / (sqrt(v / plan.correction2) + plan.eps) * plan.rate, m, v);
}
