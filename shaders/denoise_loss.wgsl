// Weighted denoising loss: loss[i] = weight[i] * sum_k (prediction[i, k] - clean[i, k])^2.
//
// One workgroup per sample: every thread sums each {{ threads }}-th element, then the threads are summed.
// Every binding is read_write on purpose: burn's pool may put several tensors into one buffer, and
// read next to read_write on one buffer in one dispatch is a validation error.
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
    let sample = group.x + group.y * groups.x;
    // The last row of groups may be longer than the samples; its threads still meet every barrier.
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
