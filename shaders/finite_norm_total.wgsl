// Last stage of the finite-and-norm reduction: the sum of all rows of sums and counts.
//
// One workgroup.
struct Partials { rows: u32 };
@group(0) @binding(0) var<storage, read_write> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> verdict: array<f32>;
@group(0) @binding(2) var<storage, read_write> size: Partials;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(local_invocation_index) thread: u32) {
    var sums = vec3<f32>();
    for (var row = thread; row < size.rows; row += {{ threads }}u) {
        sums += vec3<f32>(partials[2u * row], partials[2u * row + 1u], 0.0);
    }
    sums = sum_three_over_workgroup(thread, sums);
    if (thread == 0u) {
        verdict[0] = sums.x;
        verdict[1] = sums.y;
    }
}
