// A loss between y, real and fake: loss[i] = factor[i] * sum_k of what the stage's `terms` gives first, and
// the factor that normalises it (see normaliser.wgsl). `terms` gives each element's share of the loss, its
// distance |y - real|, and 1 if it forbids to use the sample, else 0. One workgroup per sample, one pass.
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> real: array<f32>;
@group(0) @binding(2) var<storage, read_write> fake: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> factor: array<f32>;
@group(0) @binding(5) var<storage, read_write> params: Params;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let sample = group_number(group, groups);
    let elements = select(0u, params.per_sample, sample < params.samples);
    let first = sample * params.per_sample;
    var sums = vec3<f32>();
    for (var k = thread; k < elements; k += {{ threads }}u) {
        sums += terms(y[first + k], real[first + k], fake[first + k]);
    }
    sums = sum_three_over_workgroup(thread, sums);
    if (thread == 0u && elements > 0u) {
        let normaliser = normalising_factor(sums.y, elements, sums.z);
        factor[sample] = normaliser;
        // Not 0 * sums.x, which is NaN where the sum is.
        loss[sample] = select(0.0, normaliser * sums.x, sums.z == 0.0);
    }
}
