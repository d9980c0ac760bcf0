// Gradient of the group norm in x. With h = (x - mean) factor, z = weight h + bias and
// g = weight gradient act'(z): slope = factor (g - mean of g - h mean of (g h)), means over the row.
//
// One workgroup per row (a group of a sample).
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<{{ type_4 }}>;
@group(0) @binding(5) var<storage, read_write> slope: array<{{ type_5 }}>;
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
        let g_h = normalised(first + k, first_channel + k / plan.pixels, mean, factor);
        sum += g_h.x;
        product += g_h.x * g_h.y;
    }
    let across = sum_over_workgroup(thread, sum) / f32(length);
    // Every thread has read the first sum before the second is laid over it.
    workgroupBarrier();
    let along = sum_over_workgroup(thread, product) / f32(length);
    // g is made once more: to keep it would be a pass of writing, and round it where images are f16.
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let g_h = normalised(first + k, first_channel + k / plan.pixels, mean, factor);
        slope[first + k] = {{ type_5 }}(factor * (g_h.x - across - g_h.y * along));
    }
}

// g and h of one element.
fn normalised(element: u32, channel: u32, mean: f32, factor: f32) -> vec2<f32> {
    let h = (f32(x[element]) - mean) * factor;
    let z = h * weight[channel] + bias[channel];
    return vec2<f32>(weight[channel] * f32(gradient[element]) * activation_slope(z, plan.silu), h);
}
