// Images of a data set that lies here as bytes, four to a word, the first in the lowest bits. A byte's number is
// looked up, not calculated, for drivers divide in their own ways: it has the bits that it has on the CPU. A
// pick is twice an image's number, and 1 more if the image is mirrored.
//
// One thread per number.
struct Picks { count: u32, per_image: u32, width: u32, picks: array<u32> };
@group(0) @binding(0) var<storage, read_write> levels: array<f32>;
@group(0) @binding(1) var<storage, read_write> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> images: array<f32>;
@group(0) @binding(3) var<storage, read_write> picked: Picks;

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    if (element >= picked.count * picked.per_image) {
        return;
    }
    let pick = picked.picks[element / picked.per_image];
    let place = element % picked.per_image;
    let column = place % picked.width;
    let opposite = place - column + picked.width - 1u - column;
    let byte = (pick >> 1u) * picked.per_image + select(place, opposite, (pick & 1u) == 1u);
    let word = pixels[byte / 4u];
    images[element] = levels[(word >> (8u * (byte % 4u))) & 0xffu];
}
