// Gradients of SiD's generator loss in its three images. With gap = real - fake, pull = real - y and
// scale[i] = gradient[i] * factor[i] (the normaliser is a constant):
//   y: -scale gap,  real: scale (pull + (1 - 2 alpha) gap),  fake: scale (2 alpha gap - pull).
//
// One thread per element; the images are read once for all three. `params.scalar` is alpha.
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> real: array<f32>;
@group(0) @binding(2) var<storage, read_write> fake: array<f32>;
@group(0) @binding(3) var<storage, read_write> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> y_slope: array<f32>;
@group(0) @binding(5) var<storage, read_write> real_slope: array<f32>;
@group(0) @binding(6) var<storage, read_write> fake_slope: array<f32>;
@group(0) @binding(7) var<storage, read_write> params: Params;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element >= params.samples * params.per_sample) {
        return;
    }
    let of_sample = scale[element / params.per_sample];
    var slopes = vec3<f32>();
    // A sample that was left out has scale 0, and numbers that must not be multiplied by it.
    if (of_sample != 0.0) {
        let gap = of_sample * (real[element] - fake[element]);
        let pull = of_sample * (real[element] - y[element]);
        let twice_alpha = 2.0 * params.scalar;
        slopes = vec3<f32>(-gap, pull + (1.0 - twice_alpha) * gap, twice_alpha * gap - pull);
    }
    y_slope[element] = slopes.x;
    real_slope[element] = slopes.y;
    fake_slope[element] = slopes.z;
}
