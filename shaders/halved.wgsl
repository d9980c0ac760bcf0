// An image of half the side: gain times the sum of each 2×2 pixels. One thread per pixel of the result, whose rows are
// `width` long; rows, channels and samples follow each other, and so do pairs of rows.
struct Plan { elements: u32, width: u32, gain: f32 };
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> y: array<{{ type_1 }}>;
@group(0) @binding(2) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element >= plan.elements) {
        return;
    }
    let upper = element / plan.width * 4u * plan.width + element % plan.width * 2u;
    let lower = upper + 2u * plan.width;
    let sum = f32(x[upper]) + f32(x[upper + 1u]) + f32(x[lower]) + f32(x[lower + 1u]);
    y[element] = {{ type_1 }}(sum * plan.gain);
}
