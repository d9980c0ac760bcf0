@group(0) @binding(2) var<storage, read_write> results: array<f32>;
@group(0) @binding(3) var<storage, read_write> run: Run;

fn finished(row: u32, sum: vec4<f32>) -> vec4<f32> {
    return sum;
}
