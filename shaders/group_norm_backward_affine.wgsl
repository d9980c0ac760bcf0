// Gradients of the group norm in weight and bias: sums over batch and pixels of g h and of g, with
// h = (x - mean) factor, z = weight h + bias and g = gradient act'(z).
//
// One workgroup per channel.
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<{{ type_4 }}>;
@group(0) @binding(5) var<storage, read_write> weight_slope: array<f32>;
@group(0) @binding(6) var<storage, read_write> bias_slope: array<f32>;
@group(0) @binding(7) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let channels = plan.groups * plan.channels;
    let channel = group_number(group, groups);
    let elements = select(0u, plan.batch * plan.pixels, channel < channels);
    var sum = 0.0;
    var product = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let sample = k / plan.pixels;
        let element = (sample * channels + channel) * plan.pixels + k % plan.pixels;
        let row = sample * plan.groups + channel / plan.channels;
        let h = (f32(x[element]) - statistics[2u * row]) * statistics[2u * row + 1u];
        let z = h * weight[channel] + bias[channel];
        let g = f32(gradient[element]) * activation_slope(z, plan.silu);
        sum += g;
        product += g * h;
    }
    let total = sum_over_workgroup(thread, sum);
    // Every thread has read the first sum before the second is laid over it.
    workgroupBarrier();
    let total_product = sum_over_workgroup(thread, product);
    if (thread == 0u && elements > 0u) {
        bias_slope[channel] = total;
        weight_slope[channel] = total_product;
    }
}
