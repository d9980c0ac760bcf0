// The slices of same_conv_weights.wgsl added up in their order, into the gradients in weights and bias. One thread per
// number.
const OUTPUTS = {{ outputs }}u;
const WEIGHTS = {{ weights }}u;
const SLICES = {{ slices }}u;

@group(0) @binding(0) var<storage, read_write> partial_sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight_slope: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias_slope: array<f32>;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let number = thread_number(id, groups);
    if (number >= OUTPUTS * (WEIGHTS + 1u)) {
        return;
    }
    var sum = 0.0;
    for (var slice = 0u; slice < SLICES; slice++) {
        sum += partial_sums[slice * OUTPUTS * (WEIGHTS + 1u) + number];
    }
    let output = number / (WEIGHTS + 1u);
    let weight = number % (WEIGHTS + 1u);
    if (weight == WEIGHTS) {
        bias_slope[output] = sum;
    } else {
        weight_slope[output * WEIGHTS + weight] = sum;
    }
}
