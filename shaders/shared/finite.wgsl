// False for NaN and infinity. The exponent's bits say so: compilers of shaders may take for granted
// that a float is neither.
fn is_finite(value: f32) -> bool {
    return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}
