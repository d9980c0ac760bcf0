// Sums over the pixels of each channel of each sample.
//
// A channel has `lanes` threads, a power of two. Small channels share a workgroup, each with neighbouring threads.
struct Plan { channels: u32, pixels: u32, lanes: u32 };
@group(0) @binding(0) var<storage, read_write> images: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let lanes = plan.lanes;
    let lane = thread % lanes;
    let channel = group_number(group, groups) * ({{ threads }}u / lanes) + thread / lanes;
    let pixels = select(0u, plan.pixels, channel < plan.channels);
    let first = channel * plan.pixels;
    var sum = 0.0;
    for (var k = lane; k < pixels; k += lanes) {
        sum += f32(images[first + k]);
    }
    // The tree of `sum_over_workgroup`, from the height of one channel's threads. WGSL has no barrier in a loop whose
    // length comes from memory: the rounds above that do nothing.
    partial[thread] = sum;
    workgroupBarrier();
    for (var stride = {{ threads }}u / 2u; stride > 0u; stride >>= 1u) {
        if (stride < lanes && lane < stride) {
            partial[thread] += partial[thread + stride];
        }
        workgroupBarrier();
    }
    if (lane == 0u && pixels > 0u) {
        sums[channel] = partial[thread];
    }
}
