// What the stages of the group norm share. `channels` are those of one group.
struct Plan { batch: u32, groups: u32, channels: u32, pixels: u32, eps: f32, silu: u32 };

// 1 / (1 + exp(-z)). Drivers may treat an overflow as they like: the exponent stays below it.
fn sigmoid(z: f32) -> f32 {
    return 1.0 / (1.0 + exp(min(-z, 80.0)));
}

fn activate(z: f32, silu: u32) -> f32 {
    if (silu == 0u) {
        return z;
    }
    return z * sigmoid(z);
}

// d activate / d z.
fn activation_slope(z: f32, silu: u32) -> f32 {
    if (silu == 0u) {
        return 1.0;
    }
    let s = sigmoid(z);
    return s * (1.0 + z * (1.0 - s));
}
