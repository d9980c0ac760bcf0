// Two standard normals from two random words (Box and Muller, 1958), as src/random/mod.rs has them in double
// precision. WGSL leaves `log`, `sin` and `cos` too much room: these are series, and what comes before them
// is calculated in whole numbers, so that nothing is lost where a number is close to 1 or an angle to a
// quarter turn.

// -ln((a + 1) / 2^32). With m = a + 1 = 2^e f and f in [sqrt(1/2), sqrt(2)) it is (32 - e) ln 2 - ln f.
fn minus_log(a: u32) -> f32 {
    let m = a + 1u;
    // 2^32 leaves the word, and its logarithm is 0.
    if (m == 0u) {
        return 0.0;
    }
    let zeros = countLeadingZeros(m);
    let mantissa = m << zeros;
    // From sqrt(2) on a mantissa in [1, 2) counts as one in [sqrt(1/2), 1) of the next power of two.
    let halved = mantissa >= 0xb504f334u;
    let powers = select(zeros + 1u, zeros, halved);
    // f - 1 is the small difference of two whole numbers, exact but for its conversion.
    let s = select(f32(mantissa - 0x80000000u) * 0x1p-31, -f32(0u - mantissa) * 0x1p-32, halved);
    // ln f = 2 artanh z = 2 (z + z^3/3 + z^5/5 + …) with |z| <= 0.172: the next term is 2e-9 of the sum.
    let z = s / (2.0 + s);
    let z2 = z * z;
    let log_f = 2.0 * z + 2.0 * z * z2 * (1.0 / 3.0 + z2 * (1.0 / 5.0 + z2 * (1.0 / 7.0 + z2 * (1.0 / 9.0))));
    // ln 2 in two parts: the first has nine bits, so that its product is exact.
    return (f32(powers) * 0.693359375 - log_f) - f32(powers) * 2.12194440e-4;
}

// Cosine and sine of 2 pi b / 2^32: of what is left to the nearest quarter turn, and then turned.
fn cos_and_sin(b: u32) -> vec2<f32> {
    let quarters = (b + 0x20000000u) >> 30u;
    let rest = bitcast<i32>(b - (quarters << 30u));
    // At most pi / 4 either way: Taylor's next terms are below 3e-9.
    let t = f32(rest) * 1.46291807926715968e-9;
    let t2 = t * t;
    let sine = t + t * t2 * (-1.0 / 6.0 + t2 * (1.0 / 120.0 + t2 * (-1.0 / 5040.0 + t2 * (1.0 / 362880.0))));
    let cosine = 1.0 + t2 * (-0.5
        + t2 * (1.0 / 24.0 + t2 * (-1.0 / 720.0 + t2 * (1.0 / 40320.0 - t2 * (1.0 / 3628800.0)))));
    let turned = select(vec2<f32>(cosine, sine), vec2<f32>(-sine, cosine), (quarters & 1u) == 1u);
    return select(turned, -turned, (quarters & 2u) == 2u);
}

fn box_muller(a: u32, b: u32) -> vec2<f32> {
    let square = 2.0 * minus_log(a);
    let root = sqrt(square);
    // A driver's root may be off by several units in the last place: one step of Heron's makes up for it.
    let radius = 0.5 * (root + square / max(root, 1e-6));
    return radius * cos_and_sin(b);
}
