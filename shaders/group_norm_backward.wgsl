// Gradient of the group norm in x. With h = (x - mean) factor, z = weight h + bias and
// g = weight gradient act'(z): slope = factor (g - mean of g - h mean of (g h)), means over the row.
//
// One workgroup per row (a group of a sample).
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> slope: array<f32>;
@group(0) @binding(6) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let rows = plan.batch * plan.groups;
    let row = group_number(group, groups);
    let length = plan.channels * plan.pixels;
    let elements = select(0u, length, row < rows);
    let first = row * length;
    let mean = statistics[2u * min(row, rows - 1u)];
    let factor = statistics[2u * min(row, rows - 1u) + 1u];
    let first_channel = row % plan.groups * plan.channels;
    var sum = 0.0;
    var product = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let channel = first_channel + k / plan.pixels;
        let h = (x[first + k] - mean) * factor;
        let z = h * weight[channel] + bias[channel];
        let g = weight[channel] * gradient[first + k] * activation_slope(z, plan.silu);
        sum += g;
        product += g * h;
        // Kept for the last pass, where the same thread finds it again.
        slope[first + k] = g;
    }
    let across = sum_over_workgroup(thread, sum) / f32(length);
    // Every thread has read the first sum before the second is laid over it.
    workgroupBarrier();
    let along = sum_over_workgroup(thread, product) / f32(length);
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let h = (x[first + k] - mean) * factor;
        slope[first + k] = factor * (slope[first + k] - across - h * along);
    }
}
