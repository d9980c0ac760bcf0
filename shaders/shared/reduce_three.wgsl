// Sums three values of every thread of a workgroup at once, in the one order of reduce.wgsl.
var<workgroup> partial: array<vec3<f32>, {{ threads }}>;

fn sum_three_over_workgroup(thread: u32, values: vec3<f32>) -> vec3<f32> {
    partial[thread] = values;
    workgroupBarrier();
    for (var stride = {{ threads }}u / 2u; stride > 0u; stride >>= 1u) {
        if (thread < stride) {
            partial[thread] += partial[thread + stride];
        }
        workgroupBarrier();
    }
    return partial[0];
}
