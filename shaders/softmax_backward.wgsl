// Gradient of the softmax in its scores, in the place of that in its weights:
// slope[k] = SCALE weights[k] (gradient[k] - sum_k weights[k] gradient[k]).
// One workgroup per row.
const LENGTH = {{ length }}u;

@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
struct Run { rows: u32 };
@group(0) @binding(2) var<storage, read_write> run: Run;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group_number(group, groups);
    // The last row of workgroups may be longer than the rows; its threads still meet every barrier.
    let elements = select(0u, LENGTH, row < run.rows);
    let first = row * LENGTH;
    var sum = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        sum += weights[first + k] * gradient[first + k];
    }
    let along = sum_over_workgroup(thread, sum);
    let scale = bitcast<f32>({{ scale_bits }}u);
    for (var k = thread; k < elements; k += {{ threads }}u) {
        gradient[first + k] = scale * weights[first + k] * (gradient[first + k] - along);
    }
}
