// Gradient of the weighted denoising loss in the prediction:
// slope[i, k] = 2 * gradient[i] * weight[i] * (prediction[i, k] - clean[i, k]); the clean image's is -slope.
//
// One thread per element.
@group(0) @binding(0) var<storage, read_write> prediction: array<f32>;
@group(0) @binding(1) var<storage, read_write> clean: array<f32>;
@group(0) @binding(2) var<storage, read_write> weight: array<f32>;
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
    let scale = 2.0 * gradient[sample] * weight[sample];
    slope[element] = scale * (prediction[element] - clean[element]);
}
