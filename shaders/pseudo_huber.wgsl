// Pseudo-Huber distance: distance[i] = (sqrt(s + c^2) - c) / sqrt(n), s = sum_k (a[i, k] - b[i, k])^2,
// n elements per sample. One workgroup per sample.
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> distance: array<f32>;
@group(0) @binding(3) var<storage, read_write> params: Params;

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
        let residual = a[first + k] - b[first + k];
        sum += residual * residual;
    }
    sum = sum_over_workgroup(thread, sum);
    if (thread == 0u && elements > 0u) {
        let c = params.scalar;
        // s / (sqrt(s + c^2) + c) is sqrt(s + c^2) - c without its cancellation at small s.
        distance[sample] = sum / ((sqrt(sum + c * c) + c) * sqrt(f32(params.per_sample)));
    }
}
