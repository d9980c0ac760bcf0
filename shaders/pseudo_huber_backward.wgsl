// Gradient of the pseudo-Huber distance in a:
// slope[i, k] = gradient[i] * (a[i, k] - b[i, k]) / (sqrt(n) * sqrt(s + c^2)); b's is -slope.
// The forward distance gives sqrt(s + c^2) = distance * sqrt(n) + c back without a second sum.
//
// One thread per element.
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> distance: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> slope: array<f32>;
@group(0) @binding(5) var<storage, read_write> params: Params;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element >= params.samples * params.per_sample) {
        return;
    }
    let sample = element / params.per_sample;
    let root_n = sqrt(f32(params.per_sample));
    let scale = gradient[sample] / (root_n * (distance[sample] * root_n + params.scalar));
    slope[element] = scale * (a[element] - b[element]);
}
