// Of each sample the channels of a, then those of b: `of_a` and `of_b` values. One thread per element of the result.
struct Plan { elements: u32, of_a: u32, of_b: u32 };
@group(0) @binding(0) var<storage, read_write> a: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> b: array<{{ type_1 }}>;
@group(0) @binding(2) var<storage, read_write> both: array<{{ type_2 }}>;
@group(0) @binding(3) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element >= plan.elements) {
        return;
    }
    let sample = element / (plan.of_a + plan.of_b);
    let place = element % (plan.of_a + plan.of_b);
    if (place < plan.of_a) {
        both[element] = a[sample * plan.of_a + place];
    } else {
        both[element] = b[sample * plan.of_b + place - plan.of_a];
    }
}
