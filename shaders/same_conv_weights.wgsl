// Gradients of a convolution in its weights and bias, as a product of matrices of which the second is never stored:
// [outputs, inputs × taps] = gradient [outputs, pixels of all samples] · what each tap sees from each pixel [pixels,
// inputs × taps]. The pixels are cut into SLICES of one after another, each with partial sums of its own, that
// same_conv_weights_sum.wgsl adds up: always in one order, so that the same inputs give the same bits.
//
// Tiles are those of same_conv.wgsl, over ROWS outputs × COLUMNS of inputs × taps.
const OUTPUTS = {{ outputs }}u;
const INPUTS = {{ inputs }}u;
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;
const PIXELS = HEIGHT * WIDTH;
const ALL_PIXELS = {{ batch }}u * PIXELS;
const KERNEL_ROWS = {{ kernel_rows }}u;
const KERNEL_COLUMNS = {{ kernel_columns }}u;
const TAPS = KERNEL_ROWS * KERNEL_COLUMNS;
const WEIGHTS = INPUTS * TAPS;
const SLICES = {{ slices }}u;

const ROWS = {{ rows }}u;
const COLUMNS = {{ columns }}u;
const DEPTH = {{ depth }}u;
const SLICE = (ALL_PIXELS + SLICES * DEPTH - 1u) / (SLICES * DEPTH) * DEPTH;
const ROW_TILES = (OUTPUTS + ROWS - 1u) / ROWS;
const COLUMN_TILES = (WEIGHTS + COLUMNS - 1u) / COLUMNS;
const ROW_STRIDE = ROWS / 4u + 1u;
const COLUMN_STRIDE = COLUMNS / 4u + 1u;
const ACROSS = COLUMNS / 8u;
// Threads that add up the same rows' gradients in the bias, each at other depths.
const BIAS_PARTS = {{ threads }}u / (ROWS / 4u);

@group(0) @binding(0) var<storage, read_write> images: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> gradient: array<{{ type_1 }}>;
// [SLICES, OUTPUTS, WEIGHTS + 1]: the bias comes last.
@group(0) @binding(2) var<storage, read_write> partial_sums: array<f32>;
// The first tile of this dispatch: others have those before and after.
struct Run { pixels: u32, first_tile: u32 };
@group(0) @binding(3) var<storage, read_write> run: Run;

var<workgroup> gradient_tile: array<vec4<f32>, DEPTH * ROW_STRIDE>;
var<workgroup> image_tile: array<vec4<f32>, DEPTH * COLUMN_STRIDE>;

fn gradient_at(row: u32, start: u32, is_real: bool) -> f32 {
    if (row >= OUTPUTS || !is_real) {
        return 0.0;
    }
    return f32(gradient[start + row * PIXELS]);
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let tile = run.first_tile + group_number(group, groups);
    let first_row = tile % ROW_TILES * ROWS;
    let first_column = tile / ROW_TILES % COLUMN_TILES * COLUMNS;
    let slice = tile / (ROW_TILES * COLUMN_TILES);

    let own_row = thread / ACROSS * 2u;
    let own_column = thread % ACROSS;
    var upper_left = mat4x4<f32>();
    var upper_right = mat4x4<f32>();
    var lower_left = mat4x4<f32>();
    var lower_right = mat4x4<f32>();
    // Of four rows, at some of the depths.
    var bias = vec4<f32>();
    for (var first = 0u; first < SLICE; first += DEPTH) {
        let pixel = slice * SLICE + first + thread % DEPTH;
        let is_real = pixel < ALL_PIXELS;
        let place = pixel % PIXELS;
        let sample = pixel / PIXELS;
        for (var i = thread; i < DEPTH * ROWS / 4u; i += {{ threads }}u) {
            let row = first_row + i / DEPTH * 4u;
            let start = sample * (OUTPUTS * PIXELS) + place;
            gradient_tile[thread % DEPTH * ROW_STRIDE + i / DEPTH] = vec4<f32>(
                gradient_at(row, start, is_real),
                gradient_at(row + 1u, start, is_real),
                gradient_at(row + 2u, start, is_real),
                gradient_at(row + 3u, start, is_real),
            );
        }
        for (var i = thread; i < DEPTH * COLUMNS / 4u; i += {{ threads }}u) {
            let column = first_column + i / DEPTH * 4u + vec4<u32>(0u, 1u, 2u, 3u);
            let tap = column % TAPS;
            // Below zero these are large, and so outside too.
            let down = tap / KERNEL_COLUMNS - KERNEL_ROWS / 2u;
            let right = tap % KERNEL_COLUMNS - KERNEL_COLUMNS / 2u;
            let is_inside = (place / WIDTH + down < vec4<u32>(HEIGHT))
                & (place % WIDTH + right < vec4<u32>(WIDTH))
                & (column < vec4<u32>(WEIGHTS))
                & vec4<bool>(is_real);
            let start = sample * (INPUTS * PIXELS) + place;
            let at = select(vec4<u32>(), start + column / TAPS * PIXELS + down * WIDTH + right, is_inside);
            let seen = vec4<f32>(vec4<{{ type_0 }}>(images[at.x], images[at.y], images[at.z], images[at.w]));
            image_tile[thread % DEPTH * COLUMN_STRIDE + i / DEPTH] = select(vec4<f32>(), seen, is_inside);
        }
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k++) {
            let upper = gradient_tile[k * ROW_STRIDE + own_row];
            let lower = gradient_tile[k * ROW_STRIDE + own_row + 1u];
            let left = image_tile[k * COLUMN_STRIDE + own_column];
            let right = image_tile[k * COLUMN_STRIDE + own_column + ACROSS];
            upper_left += outer(upper, left);
            upper_right += outer(upper, right);
            lower_left += outer(lower, left);
            lower_right += outer(lower, right);
        }
        for (var k = thread / (ROWS / 4u); k < DEPTH; k += BIAS_PARTS) {
            bias += gradient_tile[k * ROW_STRIDE + thread % (ROWS / 4u)];
        }
        workgroupBarrier();
    }

    let row = slice * OUTPUTS + first_row + own_row * 4u;
    // Workgroups behind the last tile write nothing.
    let rows_end = select(0u, slice * OUTPUTS + min(first_row + ROWS, OUTPUTS), slice < SLICES);
    let column = first_column + own_column * 4u;
    write(row, rows_end, column, upper_left);
    write(row, rows_end, column + ACROSS * 4u, upper_right);
    write(row + 4u, rows_end, column, lower_left);
    write(row + 4u, rows_end, column + ACROSS * 4u, lower_right);

    // The tile is no longer needed.
    image_tile[thread] = bias;
    workgroupBarrier();
    if (first_column == 0u && thread < ROWS / 4u) {
        var total = vec4<f32>();
        for (var part = 0u; part < BIAS_PARTS; part++) {
            total += image_tile[part * (ROWS / 4u) + thread];
        }
        for (var j = 0u; j < 4u; j++) {
            let output = slice * OUTPUTS + first_row + thread * 4u + j;
            if (output < rows_end) {
                partial_sums[output * (WEIGHTS + 1u) + WEIGHTS] = total[j];
            }
        }
    }
}

fn write(row: u32, rows_end: u32, column: u32, sums: mat4x4<f32>) {
    write_row(row, rows_end, column, sums[0]);
    write_row(row + 1u, rows_end, column, sums[1]);
    write_row(row + 2u, rows_end, column, sums[2]);
    write_row(row + 3u, rows_end, column, sums[3]);
}

fn write_row(row: u32, rows_end: u32, column: u32, sum: vec4<f32>) {
    if (row >= rows_end) {
        return;
    }
    for (var j = 0u; j < 4u; j++) {
        if (column + j < WEIGHTS) {
            partial_sums[row * (WEIGHTS + 1u) + column + j] = sum[j];
        }
    }
}
