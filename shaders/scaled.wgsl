// An image scaled: y = scale x. One thread per element.
struct Plan { elements: u32, scale: f32 };
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> y: array<{{ type_1 }}>;
@group(0) @binding(2) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element < plan.elements) {
        y[element] = {{ type_1 }}(f32(x[element]) * plan.scale);
    }
}
