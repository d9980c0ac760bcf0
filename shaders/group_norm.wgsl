// Group norm with the activation that follows it, y = act(weight (x - mean) factor + bias), and the
// statistics of each row (a group of a sample): mean and factor = 1 / sqrt(variance + eps).
//
// One workgroup per row: a pass for the mean, one for the variance, one that writes.
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<{{ type_3 }}>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group_number(group, groups);
    let length = plan.channels * plan.pixels;
    let elements = select(0u, length, row < plan.batch * plan.groups);
    let first = row * length;
    var sum = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        sum += f32(x[first + k]);
    }
    let mean = sum_over_workgroup(thread, sum) / f32(length);
    var squares = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let centred = f32(x[first + k]) - mean;
        squares += centred * centred;
    }
    // Every thread has read the mean before the next sum is laid over it.
    workgroupBarrier();
    let variance = sum_over_workgroup(thread, squares) / f32(length);
    let factor = 1.0 / sqrt(variance + plan.eps);
    let first_channel = row % plan.groups * plan.channels;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let channel = first_channel + k / plan.pixels;
        let z = (f32(x[first + k]) - mean) * factor * weight[channel] + bias[channel];
        y[first + k] = {{ type_3 }}(activate(z, plan.silu));
    }
    if (thread == 0u && elements > 0u) {
        statistics[2u * row] = mean;
        statistics[2u * row + 1u] = factor;
    }
}
