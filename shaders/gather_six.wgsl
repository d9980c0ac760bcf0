// Six tensors one behind the other, in a block from place `first` on: as many as fit beside block and parameters into
// the buffers that WebGPU guarantees.
//
// One thread per element. Bindings are read_write for the reason given in denoise_loss.wgsl.
struct Places { first: u32, ends: array<u32, 6> };
@group(0) @binding(0) var<storage, read_write> tensor_0: array<f32>;
@group(0) @binding(1) var<storage, read_write> tensor_1: array<f32>;
@group(0) @binding(2) var<storage, read_write> tensor_2: array<f32>;
@group(0) @binding(3) var<storage, read_write> tensor_3: array<f32>;
@group(0) @binding(4) var<storage, read_write> tensor_4: array<f32>;
@group(0) @binding(5) var<storage, read_write> tensor_5: array<f32>;
@group(0) @binding(6) var<storage, read_write> block: array<f32>;
@group(0) @binding(7) var<storage, read_write> places: Places;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = id.x + id.y * groups.x * {{ threads }}u;
    let place = places.first + element;
    if (element < places.ends[0]) {
        block[place] = tensor_0[element];
    } else if (element < places.ends[1]) {
        block[place] = tensor_1[element - places.ends[0]];
    } else if (element < places.ends[2]) {
        block[place] = tensor_2[element - places.ends[1]];
    } else if (element < places.ends[3]) {
        block[place] = tensor_3[element - places.ends[2]];
    } else if (element < places.ends[4]) {
        block[place] = tensor_4[element - places.ends[3]];
    } else if (element < places.ends[5]) {
        block[place] = tensor_5[element - places.ends[4]];
    }
}
