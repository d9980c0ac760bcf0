// One number added to all pixels of a channel of a sample. One thread per element.
struct Plan { elements: u32, pixels: u32 };
@group(0) @binding(0) var<storage, read_write> x: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> shift: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<{{ type_2 }}>;
@group(0) @binding(3) var<storage, read_write> plan: Plan;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element < plan.elements) {
        y[element] = {{ type_2 }}(f32(x[element]) + shift[element / plan.pixels]);
    }
}
