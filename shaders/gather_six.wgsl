// Six tensors one behind the other, in a block from place `first` on: as many as fit beside block and parameters into
// the buffers that WebGPU guarantees. Each reaches to its `end` there, with zeros behind its own numbers.
//
// One thread per place.
struct Places { first: u32, ends: array<u32, 6>, lengths: array<u32, 6> };
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
    let element = thread_number(id, groups);
    if (element >= places.ends[5]) {
        return;
    }
    var which = 0u;
    var start = 0u;
    while (element >= places.ends[which]) {
        start = places.ends[which];
        which++;
    }
    let own = element - start;
    var value = 0.0;
    if (own < places.lengths[which]) {
        switch which {
            case 0u: { value = tensor_0[own]; }
            case 1u: { value = tensor_1[own]; }
            case 2u: { value = tensor_2[own]; }
            case 3u: { value = tensor_3[own]; }
            case 4u: { value = tensor_4[own]; }
            default: { value = tensor_5[own]; }
        }
    }
    block[places.first + element] = value;
}
