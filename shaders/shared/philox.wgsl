// Philox 4x32 with ten rounds (see src/random/philox.rs): the four words that belong to a counter under a
// key, the same bits as on the CPU.
const PHILOX_MULTIPLIERS = vec2<u32>(0xd2511f53u, 0xcd9e8d57u);
const PHILOX_WEYL = vec2<u32>(0x9e3779b9u, 0xbb67ae85u);

// Upper 32 bits of a product of 64. Products of halves, and the sum of three halves, fit into a word.
fn upper_half(a: u32, b: u32) -> u32 {
    let a_low = a & 0xffffu;
    let a_high = a >> 16u;
    let b_low = b & 0xffffu;
    let b_high = b >> 16u;
    let low_high = a_low * b_high;
    let high_low = a_high * b_low;
    let carried = ((a_low * b_low) >> 16u) + (low_high & 0xffffu) + (high_low & 0xffffu);
    return a_high * b_high + (low_high >> 16u) + (high_low >> 16u) + (carried >> 16u);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    var c = counter;
    var k = key;
    for (var round = 0u; round < 10u; round++) {
        c = vec4<u32>(
            upper_half(PHILOX_MULTIPLIERS.y, c.z) ^ c.y ^ k.x,
            PHILOX_MULTIPLIERS.y * c.z,
            upper_half(PHILOX_MULTIPLIERS.x, c.x) ^ c.w ^ k.y,
            PHILOX_MULTIPLIERS.x * c.x,
        );
        k += PHILOX_WEYL;
    }
    return c;
}
