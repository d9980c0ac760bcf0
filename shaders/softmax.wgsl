// Each row of scores as weights that sum to 1: weights[k] = exp(scores[k] - max) / sum_k exp(scores[k] - max), in place.
// One workgroup per row.
const LENGTH = {{ length }}u;

@group(0) @binding(0) var<storage, read_write> scores: array<f32>;
struct Run { rows: u32 };
@group(0) @binding(1) var<storage, read_write> run: Run;

var<workgroup> largest: array<f32, {{ threads }}>;

fn max_over_workgroup(thread: u32, value: f32) -> f32 {
    largest[thread] = value;
    workgroupBarrier();
    for (var stride = {{ threads }}u / 2u; stride > 0u; stride >>= 1u) {
        if (thread < stride) {
            largest[thread] = max(largest[thread], largest[thread + stride]);
        }
        workgroupBarrier();
    }
    return largest[0];
}

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
    var most = -3.4e38;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        most = max(most, scores[first + k]);
    }
    most = max_over_workgroup(thread, most);
    var sum = 0.0;
    for (var k = thread; k < elements; k += {{ threads }}u) {
        let weight = exp(scores[first + k] - most);
        sum += weight;
        // Kept for the last pass, where the same thread finds it again.
        scores[first + k] = weight;
    }
    let share = 1.0 / sum_over_workgroup(thread, sum);
    for (var k = thread; k < elements; k += {{ threads }}u) {
        scores[first + k] *= share;
    }
}
