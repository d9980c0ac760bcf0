// Sums one value of every thread of a workgroup. The tree has one fixed order, so that the same
// inputs give the same bits on every run; no float atomics, no subgroups.
var<workgroup> partial: array<f32, {{ threads }}>;

fn sum_over_workgroup(thread: u32, value: f32) -> f32 {
    partial[thread] = value;
    workgroupBarrier();
    for (var stride = {{ threads }}u / 2u; stride > 0u; stride >>= 1u) {
        if (thread < stride) {
            partial[thread] += partial[thread + stride];
        }
        workgroupBarrier();
    }
    return partial[0];
}
