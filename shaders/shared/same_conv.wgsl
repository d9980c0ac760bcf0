// A convolution with stride 1 and zeros around the image, as a product of matrices of which the second is never
// stored ("implicit GEMM"): results [outputs, pixels of all samples] = weights [outputs, inputs × taps] · what each
// tap sees from each pixel [inputs × taps, pixels].
//
// A workgroup computes a tile of ROWS outputs × COLUMNS pixels, a thread 8 × 8 of them. DEPTH products at a time lie
// in workgroup memory: a number read from there serves 8 products, one read from the images ROWS, a weight COLUMNS.
// They lie there as f32, whatever the images are: each is converted once, not once for every 8 products.
//
// The shape is compiled in, so that divisions by it become multiplications; the number of samples is not, for it changes.
const OUTPUTS = {{ outputs }}u;
const INPUTS = {{ inputs }}u;
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;
const PIXELS = HEIGHT * WIDTH;
const KERNEL_ROWS = {{ kernel_rows }}u;
const KERNEL_COLUMNS = {{ kernel_columns }}u;
const TAPS = KERNEL_ROWS * KERNEL_COLUMNS;
const PRODUCTS = INPUTS * TAPS;
// 1: the data gradient, which is the convolution of the result's gradient with the weights turned round, outputs and
// inputs exchanged.
const IS_TURNED = {{ is_turned }}u == 1u;

const ROWS = {{ rows }}u;
const COLUMNS = {{ columns }}u;
const DEPTH = {{ depth }}u;
const ROW_TILES = (OUTPUTS + ROWS - 1u) / ROWS;
// One more than needed: neighbouring threads, which write neighbouring depths, meet different banks of memory.
const ROW_STRIDE = ROWS / 4u + 1u;
const COLUMN_STRIDE = COLUMNS / 4u;
// Threads side by side. Each has four columns in the left half of the tile and four in the right one, so that
// neighbours read and write next to each other.
const ACROSS = COLUMNS / 8u;

// Pixels of all samples, and the first tile of this dispatch: others have those before and after.
struct Run { pixels: u32, first_tile: u32 };

@group(0) @binding(0) var<storage, read_write> images: array<{{ type_0 }}>;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>;

// Four neighbouring rows, or columns, at one depth.
var<workgroup> weight_tile: array<vec4<f32>, DEPTH * ROW_STRIDE>;
var<workgroup> image_tile: array<vec4<f32>, DEPTH * COLUMN_STRIDE>;

fn weight_at(row: u32, product: u32) -> f32 {
    if (row >= OUTPUTS || product >= PRODUCTS) {
        return 0.0;
    }
    if (IS_TURNED) {
        return weights[(product / TAPS * OUTPUTS + row) * TAPS + TAPS - 1u - product % TAPS];
    }
    return weights[row * PRODUCTS + product];
}

@compute @workgroup_size({{ threads }}, 1, 1)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    // Tiles of the same pixels are neighbours in time: the images are still in the cache.
    let tile = run.first_tile + group_number(group, groups);
    let first_row = tile % ROW_TILES * ROWS;
    let first_column = tile / ROW_TILES * COLUMNS;

    // The four pixels that this thread fetches.
    let pixel = first_column + thread % COLUMN_STRIDE * 4u + vec4<u32>(0u, 1u, 2u, 3u);
    let place = pixel % PIXELS;
    let y = place / WIDTH;
    let x = place % WIDTH;
    let start = pixel / PIXELS * (INPUTS * PIXELS) + place;
    let is_real = pixel < vec4<u32>(run.pixels);

    let own_row = thread / ACROSS * 2u;
    let own_column = thread % ACROSS;
    var upper_left = mat4x4<f32>();
    var upper_right = mat4x4<f32>();
    var lower_left = mat4x4<f32>();
    var lower_right = mat4x4<f32>();
    for (var first = 0u; first < PRODUCTS; first += DEPTH) {
        for (var i = thread; i < DEPTH * ROWS / 4u; i += {{ threads }}u) {
            let row = first_row + i / DEPTH * 4u;
            let product = first + i % DEPTH;
            weight_tile[i % DEPTH * ROW_STRIDE + i / DEPTH] = vec4<f32>(
                weight_at(row, product),
                weight_at(row + 1u, product),
                weight_at(row + 2u, product),
                weight_at(row + 3u, product),
            );
        }
        for (var i = thread; i < DEPTH * COLUMN_STRIDE; i += {{ threads }}u) {
            let product = first + i / COLUMN_STRIDE;
            let tap = product % TAPS;
            // Below zero these are large, and so outside too.
            let down = tap / KERNEL_COLUMNS - KERNEL_ROWS / 2u;
            let right = tap % KERNEL_COLUMNS - KERNEL_COLUMNS / 2u;
            let is_inside = is_real & (y + down < vec4<u32>(HEIGHT)) & (x + right < vec4<u32>(WIDTH))
                & vec4<bool>(product < PRODUCTS);
            let at = select(vec4<u32>(), start + (product / TAPS * PIXELS + down * WIDTH + right), is_inside);
            let seen = vec4<f32>(vec4<{{ type_0 }}>(images[at.x], images[at.y], images[at.z], images[at.w]));
            image_tile[i] = select(vec4<f32>(), seen, is_inside);
        }
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k++) {
            let upper = weight_tile[k * ROW_STRIDE + own_row];
            let lower = weight_tile[k * ROW_STRIDE + own_row + 1u];
            let left = image_tile[k * COLUMN_STRIDE + own_column];
            let right = image_tile[k * COLUMN_STRIDE + own_column + ACROSS];
            upper_left += outer(upper, left);
            upper_right += outer(upper, right);
            lower_left += outer(lower, left);
            lower_right += outer(lower, right);
        }
        workgroupBarrier();
    }

    let row = first_row + own_row * 4u;
    let column = first_column + own_column * 4u;
    write(row, column, upper_left);
    write(row, column + ACROSS * 4u, upper_right);
    write(row + 4u, column, lower_left);
    write(row + 4u, column + ACROSS * 4u, lower_right);
}

fn write(first_row: u32, first_column: u32, sums: mat4x4<f32>) {
    write_row(first_row, first_column, sums[0]);
    write_row(first_row + 1u, first_column, sums[1]);
    write_row(first_row + 2u, first_column, sums[2]);
    write_row(first_row + 3u, first_column, sums[3]);
}

fn write_row(row: u32, first_column: u32, sum: vec4<f32>) {
    if (row >= OUTPUTS) {
        return;
    }
    let result = finished(row, sum);
    let column = first_column + vec4<u32>(0u, 1u, 2u, 3u);
    let to = column / PIXELS * (OUTPUTS * PIXELS) + column % PIXELS + row * PIXELS;
    let is_real = column < vec4<u32>(run.pixels);
    for (var j = 0u; j < 4u; j++) {
        if (is_real[j]) {
            put(to[j], result[j]);
        }
    }
}
