// Two images added and scaled: sum = scale (a + b). One thread per element.
struct Plan { elements: u32, scale: f32 };
@group(0) @binding(0) var<storage, read_write> a: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> b: array<{{ type_1 }}>;
@group(0) @binding(2) var<storage, read_write> sum: array<{{ type_2 }}>;
@group(0) @binding(3) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element < plan.elements) {
        sum[element] = {{ type_2 }}((f32(a[element]) + f32(b[element])) * plan.scale);
    }
}
