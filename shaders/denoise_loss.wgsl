// Weighted denoising loss: loss[i] = weight[i] * sum_k (prediction[i, k] - clean[i, k])^2.
//
// One workgroup per sample: every thread sums each {{ threads }}-th element, then the threads are summed.
@group(0) @binding(0) var<storage, read_write> prediction: array<f32>;
@group(0) @binding(1) var<storage, read_write> clean: array<f32>;
@group(0) @binding(2) var<storage, read_write> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> params: Params;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let sample = group_number(group, groups);
    let elements = select(0u, params.per_sample, sample < params.samples);
    let first = sample * params.per_sample;
    var sum = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let residual = prediction[first + k] - clean[first + k];
        sum += residual * residual;
    }
    sum = sum_over_workgroup(thread, sum);
    if (thread == 0u && elements > 0u) {
        loss[sample] = weight[sample] * sum;
    }
}
