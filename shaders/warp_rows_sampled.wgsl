// A warp's second stage (see shared/warp.wgsl): the images at twice their resolution, seen through their maps. Of the
// columns, which are as they were, only the pixels that are looked at are brought there. One thread per number of the
// result.
@group(0) @binding(0) var<storage, read_write> doubled: array<f32>;
@group(0) @binding(1) var<storage, read_write> sampled: array<f32>;
@group(0) @binding(2) var<storage, read_write> warps: Warps;

// A pixel of a plane at twice its resolution, 0 beyond its borders.
fn fine(plane: u32, x: i32, y: i32) -> f32 {
    let width = 2u * warps.width;
    if (x < 0 || y < 0 || x >= i32(width) || y >= i32(2u * warps.height)) {
        return 0.0;
    }
    let met = u32(y) + CENTRE;
    var sum = 0.0;
    for (var i = 0u; i < MET; i++) {
        let pixel = met / 2u - i;
        if (pixel < warps.height) {
            let row = plane * warps.size + reflected(pixel, warps.top, warps.size);
            sum += warps.low_pass[met % 2u + 2u * i] * doubled[row * width + u32(x)];
        }
    }
    return sum;
}

// Pixels x and x + 1 of a row, mixed.
fn between(plane: u32, x: i32, y: i32, right: f32) -> f32 {
    return fine(plane, x, y) * (1.0 - right) + fine(plane, x + 1, y) * right;
}

fn plus(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}

// Of a factor below 2^16.
fn times(a: vec2<u32>, factor: u32) -> vec2<u32> {
    let carried = ((a.x >> 16u) * factor + (((a.x & 0xffffu) * factor) >> 16u)) >> 16u;
    return vec2<u32>(a.x * factor, a.y * factor + carried);
}

fn at(line: Line, x: u32, y: u32) -> vec2<u32> {
    return plus(plus(times(line.right, x), times(line.down, y)), line.first);
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let element = thread_number(id, groups);
    let row = element / warps.side;
    let plane = row / warps.side;
    let image = plane / warps.channels;
    if (image >= warps.images) {
        return;
    }
    if (warps.each[image].is_warped == 0u) {
        return;
    }
    let x = at(warps.each[image].x, element % warps.side, row % warps.side);
    let y = at(warps.each[image].y, element % warps.side, row % warps.side);
    let left = bitcast<i32>(x.y);
    let top = bitcast<i32>(y.y);
    let right = f32(x.x) * 0x1p-32;
    let down = f32(y.x) * 0x1p-32;
    sampled[element] =
        between(plane, left, top, right) * (1.0 - down) + between(plane, left, top + 1, right) * down;
}
