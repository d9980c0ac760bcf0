//! `signet edit` and what SIGN models do besides, as a user meets them.

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use program::{RUN, signet, text, tiny, train, write_recipe};

/// The run folder of a model that all tests share.
fn run() -> &'static str {
    static SHARED: OnceLock<(tempfile::TempDir, String)> = OnceLock::new();
    let (_, run) = SHARED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        write_recipe(folder.path(), &tiny(0.256, 0.032));
        train(folder.path(), &[]);
        let run = folder.path().join(RUN).display().to_string();
        (folder, run)
    });
    run
}

/// A teacher's checkpoint of the same run.
fn teacher() -> String {
    let checkpoints = std::fs::read_dir(Path::new(run()).join("checkpoints")).expect("checkpoints");
    let mut paths = checkpoints.flatten().map(|e| e.path().display().to_string());
    paths.find(|path| path.ends_with("teacher")).expect("a teacher")
}

fn edit(folder: &Path, arguments: &[&str]) -> Output {
    signet(folder, &[&["edit", run(), "--device", "cpu"], arguments].concat())
}

/// Edits and expects it to go well.
fn edited(folder: &Path, arguments: &[&str]) -> String {
    let output = edit(folder, arguments);
    let said = text(&output);
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// `edits.csv`: for each file's name, its cells by column. The tests' names have no commas.
fn table(folder: &Path) -> HashMap<String, HashMap<String, String>> {
    let written = std::fs::read_to_string(folder.join("edits/edits.csv")).expect("a table");
    let mut lines = written.lines();
    let columns: Vec<String> = lines.next().expect("columns").split(',').map(String::from).collect();
    let row = |line: &str| {
        let cells: HashMap<_, _> = columns.iter().cloned().zip(line.split(',').map(String::from)).collect();
        let name = Path::new(&cells["file"]).file_name().expect("a name").to_string_lossy().into_owned();
        (name, cells)
    };
    lines.map(row).collect()
}

fn result(folder: &Path, stem: &str) -> RgbImage {
    let path = folder.join(format!("edits/{stem}-projected.png"));
    image::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).into_rgb8()
}

fn waves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 29 % 256) as u8, (y * 17 % 256) as u8, 90]))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn at(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    path
}

/// The beginning of a PNG of a size, almost without pixels.
fn promise(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, width, height).write_header().expect("a header");
    writer.write_chunk(png::chunk::IDAT, &[0x78, 0x9C]).expect("a chunk");
    drop(writer);
    bytes
}

#[test]
fn a_folder_of_all_kinds_of_files() {
    let folder = folder();
    waves(30, 20).save(at(&folder, "in/good.png")).expect("a picture");
    waves(64, 64).save(at(&folder, "in/photo.jpg")).expect("a picture");
    std::fs::write(at(&folder, "in/corrupt.png"), b"not a picture").expect("a file");
    let whole = std::fs::read(at(&folder, "in/good.png")).expect("a file");
    std::fs::write(at(&folder, "in/cut.png"), &whole[..whole.len() / 2]).expect("a file");
    std::fs::write(at(&folder, "in/.hidden"), b"").expect("a file");
    std::fs::write(at(&folder, "in/huge.png"), promise(20_000, 20_000)).expect("a file");
    waves(3, 3).save(at(&folder, "in/tiny.png")).expect("a picture");
    waves(5, 4).save(at(&folder, "in/small.png")).expect("a picture");
    GrayImage::from_fn(20, 30, |x, _| Luma([x as u8 * 9])).save(at(&folder, "in/gray.png")).expect("gray");
    let deep = ImageBuffer::<Rgb<u16>, _>::from_fn(8, 8, |x, y| Rgb([x as u16 * 8000, y as u16 * 8000, 9]));
    deep.save(at(&folder, "in/deep.png")).expect("16 bits");
    let clear = RgbaImage::from_fn(8, 8, |x, y| Rgba([200, 30 * y as u8, 10, if x < 4 { 0 } else { 255 }]));
    clear.save(at(&folder, "in/clear.png")).expect("a picture");
    let opaque = RgbaImage::from_pixel(8, 8, Rgba([9, 90, 200, 255]));
    opaque.save(at(&folder, "in/opaque.png")).expect("a picture");

    let said = edited(folder.path(), &["in", "--steps", "2"]);
    let rows = table(folder.path());
    assert_eq!(rows.len(), 11, "{rows:?}");
    for (name, mode) in [
        ("good.png", "direct"),
        ("photo.jpg", "direct"),
        ("small.png", "direct"),
        ("gray.png", "direct"),
        ("deep.png", "direct"),
        ("clear.png", "inpaint"),
        ("opaque.png", "direct"),
    ] {
        let row = &rows[name];
        assert_eq!((row["mode"].as_str(), row["problem"].as_str()), (mode, ""), "{name}");
        assert_eq!((row["width"].as_str(), row["reference"].as_str()), ("8", "input"));
        for number in ["psnr_db", "ssim", "moved_rms", "idempotence_rms"] {
            assert!(row[number].parse::<f64>().is_ok_and(f64::is_finite), "{name}: {number}");
        }
        let stem = Path::new(name).file_stem().expect("a stem").to_string_lossy().into_owned();
        assert_eq!(result(folder.path(), &stem).dimensions(), (8, 8));
        assert!(folder.path().join(format!("edits/{stem}-before-after.png")).is_file());
    }
    for name in ["corrupt.png", "cut.png", "huge.png", "tiny.png"] {
        let row = &rows[name];
        assert!(!row["problem"].is_empty() && !row["what_to_do"].is_empty(), "{name}: {row:?}");
        assert!(said.contains("skipped") && said.contains(name), "{said}");
        assert!(row["result"].is_empty());
    }
    // What was opaque stays, what was transparent is filled in.
    let filled = result(folder.path(), "clear");
    for (x, y, pixel) in filled.enumerate_pixels().filter(|(x, ..)| *x >= 4) {
        assert_eq!(pixel.0, [200, 30 * y as u8, 10], "{x} {y}");
    }
    let said = edited(folder.path(), &["in/clear.png", "--mode", "direct"]);
    assert!(said.contains("(direct"), "{said}");
}

#[test]
fn parameters_stand_in_the_picture() {
    let folder = folder();
    waves(8, 8).save(at(&folder, "Käse.png")).expect("a picture");
    let noises = ["--strength", "0.3", "--noise", "0.1"];
    edited(folder.path(), &[&["Käse.png", "--seed", "7", "--corrupt", "blur"][..], &noises].concat());
    let file = std::fs::File::open(at(&folder, "edits/Käse-projected.png")).expect("a result");
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
    let texts = &reader.info().uncompressed_latin1_text;
    let of = |keyword: &str| &texts.iter().find(|t| t.keyword == keyword).expect("a text").text;
    assert!(of("Software").starts_with("Signet "));
    let parameters: serde_json::Value = serde_json::from_str(of("signet")).expect("JSON");
    for (name, value) in [
        ("model", serde_json::json!(run())),
        ("file", "Käse.png".into()),
        ("mode", "direct".into()),
        ("steps", 1.into()),
        ("strength_sigma", 0.3.into()),
        ("noise_sigma", 0.1.into()),
        ("seed", 7.into()),
        ("corrupt", "blur".into()),
        ("fit", "resize".into()),
    ] {
        assert_eq!(parameters[name], value, "{parameters}");
    }
}

#[test]
fn masks_for_all_or_one_each() {
    let folder = folder();
    let picture = waves(8, 8);
    for name in ["in/a.png", "in/b.png", "in/c.png"] {
        picture.save(at(&folder, name)).expect("a picture");
    }
    let top = GrayImage::from_fn(8, 8, |_, y| Luma([if y < 4 { 255 } else { 0 }]));
    let left = GrayImage::from_fn(8, 8, |x, _| Luma([if x < 4 { 255 } else { 0 }]));
    top.save(at(&folder, "top.png")).expect("a mask");
    top.save(at(&folder, "masks/a.png")).expect("a mask");
    left.save(at(&folder, "masks/b.bmp")).expect("a mask");
    let kept = |stem: &str, mask: &GrayImage| {
        let made = result(folder.path(), stem);
        let same = |known: bool| {
            let pixels = made.pixels().zip(picture.pixels()).zip(mask.pixels());
            pixels.filter(|(_, m)| (m.0[0] == 0) == known).all(|((a, b), _)| a == b)
        };
        assert!(same(true), "{stem}: a known pixel changed");
        assert!(!same(false), "{stem}: nothing was filled in");
    };
    edited(folder.path(), &["in", "--mask", "top.png"]);
    ["a", "b", "c"].iter().for_each(|stem| kept(stem, &top));

    let said = edited(folder.path(), &["in", "--mask", "masks", "--sigmas", "5,1,.3"]);
    kept("a", &top);
    kept("b", &left);
    assert!(said.contains("skipped: in/c.png") && said.contains("no mask of the name c"), "{said}");

    // Seeds fill in otherwise; the same seed the same.
    let with_seed = |seed: &str| {
        edited(folder.path(), &["in/a.png", "--mask", "top.png", "--seed", seed]);
        result(folder.path(), "a")
    };
    let first = with_seed("1");
    assert_eq!(first, with_seed("1"));
    assert_ne!(first, with_seed("2"));

    GrayImage::new(9, 8).save(at(&folder, "wide.png")).expect("a mask");
    GrayImage::new(8, 8).save(at(&folder, "black.png")).expect("a mask");
    for (mask, words) in [("wide.png", "9×8"), ("black.png", "marks nothing")] {
        let output = edit(folder.path(), &["in", "--mask", mask]);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(words) && said.contains("what to do"), "{said}");
    }
}

#[test]
fn a_mask_may_be_strokes_on_a_transparent_layer_and_thin() {
    let folder = folder();
    let clear =
        RgbaImage::from_fn(64, 64, |x, _| Rgba([255, 255, 255, if (9..11).contains(&x) { 255 } else { 0 }]));
    clear.save(at(&folder, "layer.png")).expect("a mask");
    let scratched = |content: u8| {
        let picture = RgbImage::from_fn(64, 64, |x, y| {
            if (9..11).contains(&x) { Rgb([content; 3]) } else { Rgb([(3 * x) as u8, (3 * y) as u8, 90]) }
        });
        picture.save(at(&folder, "a.png")).expect("a picture");
        edited(folder.path(), &["a.png", "--mask", "layer.png", "--steps", "2"]);
        result(folder.path(), "a")
    };
    // What the scratch shows has no part in the result, and only its own column is filled in.
    let made = scratched(255);
    assert_eq!(made, scratched(0));
    let otherwise = |seed: &str| {
        edited(folder.path(), &["a.png", "--mask", "layer.png", "--steps", "2", "--seed", seed]);
        result(folder.path(), "a")
    };
    let changed = otherwise("1")
        .enumerate_pixels()
        .filter(|(x, y, p)| *p != made.get_pixel(*x, *y))
        .map(|(x, ..)| x)
        .collect::<std::collections::HashSet<_>>();
    assert_eq!(changed, [1].into());

    RgbaImage::from_pixel(8, 8, Rgba([9, 9, 9, 240])).save(at(&folder, "faint.png")).expect("a picture");
    let said = text(&edit(folder.path(), &["faint.png"]));
    assert!(
        said.contains("error: faint.png: ") && said.contains("nothing of the picture is known"),
        "{said}"
    );
    edited(folder.path(), &["faint.png", "--mode", "direct"]);
}

#[test]
fn whole_pictures_are_edited_in_tiles() {
    let folder = folder();
    let picture = waves(37, 21);
    picture.save(at(&folder, "wide.png")).expect("a picture");
    let mask =
        GrayImage::from_fn(37, 21, |x, y| Luma([if (10..20).contains(&x) && y > 9 { 255 } else { 0 }]));
    mask.save(at(&folder, "mask.png")).expect("a mask");
    edited(folder.path(), &["wide.png", "--fit", "tiles", "--mask", "mask.png", "--steps", "3"]);
    let made = result(folder.path(), "wide");
    assert_eq!(made.dimensions(), (37, 21));
    for ((pixel, was), mask) in made.pixels().zip(picture.pixels()).zip(mask.pixels()) {
        assert!(mask.0[0] == 255 || pixel == was);
    }
    let row = &table(folder.path())["wide.png"];
    assert_eq!((row["width"].as_str(), row["height"].as_str()), ("37", "21"));
    let before_after = image::open(at(&folder, "edits/wide-before-after.png")).expect("a sheet");
    assert!(before_after.width() > 2 * 37);

    for arguments in [["--strength", "0.3"], ["--mode", "colourise"], ["--mode", "super-resolve"]] {
        edited(folder.path(), &[&["wide.png", "--fit", "tiles"][..], &arguments].concat());
        assert_eq!(result(folder.path(), "wide").dimensions(), (37, 21));
    }
    std::fs::write(at(&folder, "large.png"), promise(20_000, 20_000)).expect("a file");
    let refused = edit(folder.path(), &["large.png", "--fit", "tiles"]);
    let said = text(&refused);
    assert!(!refused.status.success() && said.contains("large.png") && said.contains("megapixels"), "{said}");
}

#[test]
fn spoiled_pictures_are_measured_against_the_truth() {
    let folder = folder();
    waves(8, 8).save(at(&folder, "a.png")).expect("a picture");
    for (corruption, mode) in [
        ("noise-0.5", "direct"),
        ("noise-0.25", "direct"),
        ("grayscale", "direct"),
        ("box-mask", "inpaint"),
        ("random-mask", "inpaint"),
        ("jpeg", "direct"),
    ] {
        edited(folder.path(), &["a.png", "--corrupt", corruption]);
        let row = &table(folder.path())["a.png"];
        assert_eq!((row["mode"].as_str(), row["reference"].as_str()), (mode, "clean"), "{corruption}");
        let number = |name: &str| row[name].parse::<f64>().expect("a number");
        assert!((3.0..40.0).contains(&number("psnr_before_db")), "{corruption}: {row:?}");
        assert!(number("ssim_before") < 1.0 && number("psnr_db") > 3.0, "{corruption}: {row:?}");
    }
    // Another result where f is told of the noise.
    let noisy = |arguments: &[&str]| {
        edited(folder.path(), &[&["a.png", "--corrupt", "noise-0.5"], arguments].concat());
        result(folder.path(), "a")
    };
    let blind = noisy(&[]);
    assert_eq!(blind, noisy(&["--noise", "0"]));
    assert_ne!(blind, noisy(&["--noise", "0.5"]));
    for (way, corruption) in [("colourise", "grayscale"), ("super-resolve", "down-up-4")] {
        edited(folder.path(), &["a.png", "--corrupt", corruption, "--mode", way]);
        assert_eq!(table(folder.path())["a.png"]["mode"], way);
    }
}

#[test]
fn mistakes_are_answered_in_words() {
    let folder = folder();
    waves(8, 8).save(at(&folder, "a.png")).expect("a picture");
    std::fs::create_dir(at(&folder, "empty")).expect("a folder");
    let teacher = teacher();
    let of_a_picture: [(&[&str], &str); 3] = [
        (&["--mode", "inpaint"], "there is no mask"),
        (&["--sigmas", "1,0.5"], "falling levels"),
        (&["--fit", "tiles", "--mode", "super-resolve", "--patch", "9"], "9×9"),
    ];
    let of_the_wish: [(&[&str], &str); 20] = [
        (&["--mode", "paint"], "super-resolve"),
        (&["--mode", "direct", "--mask", "a.png"], "only --mode inpaint"),
        (&["--mask", "nowhere.png"], "nowhere.png"),
        (&["--corrupt", "rain"], "random-mask"),
        (&["--sigmas", "1,x", "--mode", "colourise"], "`x` is not"),
        (&["--sigmas", "0.5,1", "--mode", "colourise"], "1 follows 0.5"),
        (&["--sigmas", "1", "--steps", "2"], "cannot be used with '--steps"),
        (&["--patch", "4"], "knows no patches"),
        (&["--patch", "9", "--mode", "super-resolve"], "9×9"),
        (&["--patch", "1", "--mode", "super-resolve", "--fit", "tiles"], "1×1"),
        (&["--steps", "0"], "0 steps"),
        (&["--steps", "65", "--mode", "colourise"], "65 steps"),
        (&["--strength=-1"], "-1 is not a noise level"),
        (&["--strength=nan", "--mode", "colourise"], "NaN is not a noise level"),
        (&["--noise=-0.5"], "-0.5 is not a noise level"),
        (&["--noise", "60", "--strength", "60"], "more than the model knows"),
        (&["--noise", "0.3", "--mode", "colourise"], "direct projection only"),
        (&["--noise", "0.3", "--corrupt", "box-mask"], "direct projection only"),
        (&["--class", "3"], "knows no classes"),
        (&["--out", "."], "in the folder that results are to be written to"),
    ];
    let told_once = of_the_wish.into_iter().map(|(arguments, named)| (arguments, named, true));
    let told_each = of_a_picture.into_iter().map(|(arguments, named)| (arguments, named, false));
    for (arguments, named, once) in told_once.chain(told_each) {
        let output = edit(folder.path(), &[&["a.png"], arguments].concat());
        let said = text(&output);
        assert!(!output.status.success() && said.contains(named), "{arguments:?}: {said}");
        let helps = said.contains("what to do") || said.contains("--help");
        assert!(helps && !said.contains("panicked"), "{arguments:?}: {said}");
        // A single picture's trouble is the command's own.
        assert_eq!(said.contains("error: a.png: "), !once, "{arguments:?}: {said}");
        assert!(!said.contains("skipped"), "{arguments:?}: {said}");
    }
    assert!(!folder.path().join("edits.csv").exists());
    for (arguments, named) in [(["edit", &teacher, "a.png"], "project"), (["edit", run(), "empty"], "empty")]
    {
        let output = signet(folder.path(), &arguments);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(named) && said.contains("what to do"), "{said}");
    }
    assert!(!folder.path().join("edits/a-projected.png").exists());
}

#[test]
fn sign_models_sample_until_they_rest_or_with_fresh_noise() {
    let folder = folder();
    let teacher = teacher();
    let sample = |model: &str, arguments: &[&str]| {
        let all = [&["sample", model, "--seeds", "0-2", "--device", "cpu"], arguments].concat();
        signet(folder.path(), &all)
    };
    let sheet = |arguments: &[&str]| {
        let output = sample(run(), arguments);
        assert!(output.status.success(), "{}", text(&output));
        (text(&output), std::fs::read(at(&folder, "samples-sheet.png")).expect("a sheet"))
    };
    let (_, once) = sheet(&[]);
    let (said, rested) = sheet(&["--until", "1e-6", "--steps", "4"]);
    assert!(said.contains("to 4") && rested != once, "{said}");
    let (said, early) = sheet(&["--until", "100"]);
    assert!(said.contains("2 to 2"), "{said}");
    assert!(early == sheet(&["--steps", "2"]).1);
    let (said, renoised) = sheet(&["--sigmas", "2.5,0.6,0.15"]);
    assert!(said.contains("4 to 4") && renoised != once, "{said}");
    assert!(renoised == sheet(&["--sigmas", "2.5,0.6,0.15"]).1);

    for (model, arguments, named) in [
        (run(), &["--until", "0"][..], "within 0"),
        (run(), &["--sigmas", "0.1,0.2"], "0.2 follows 0.1"),
        (run(), &["--sigmas", "1", "--until", "1"], "cannot be used with"),
        (run(), &["--until", "0.1", "--steps", "1001"], "--steps 1001"),
        (teacher.as_str(), &["--until", "0.1"], "SIGN"),
        (teacher.as_str(), &["--sigmas", "1,0.5"], "SIGN"),
    ] {
        let output = sample(model, arguments);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(named), "{arguments:?}: {said}");
        assert!(said.contains("what to do") || said.contains("--help"), "{arguments:?}: {said}");
    }
}

/// An ICC profile for `space`, with nothing in it.
fn icc(space: &[u8; 4]) -> Vec<u8> {
    let mut icc = vec![0; 132];
    icc[16..20].copy_from_slice(space);
    icc[36..40].copy_from_slice(b"acsp");
    icc
}

fn icc_of(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).expect("a result");
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
    reader.info().icc_profile.as_ref().map(|icc| icc.to_vec())
}

#[test]
fn results_keep_the_colour_profile_of_their_picture() {
    use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
    use image::{ExtendedColorType, ImageEncoder};
    let folder = folder();
    let picture = waves(12, 9);
    let clear = RgbaImage::from_fn(12, 9, |x, y| Rgba([200, 30 * y as u8, 10, if x < 4 { 0 } else { 255 }]));
    let gray = GrayImage::from_fn(12, 9, |x, _| Luma([x as u8 * 9]));
    let write = |name: &str, encode: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        encode(&mut bytes);
        std::fs::write(at(&folder, name), bytes).expect("a file");
    };
    fn encode(mut encoder: impl ImageEncoder, space: &[u8; 4], pixels: &[u8], colour: ExtendedColorType) {
        encoder.set_icc_profile(icc(space)).expect("a profile");
        encoder.write_image(pixels, 12, 9, colour).expect("a picture");
    }
    let (rgb, rgba) = (ExtendedColorType::Rgb8, ExtendedColorType::Rgba8);
    write("in/a.jpg", &|out| encode(JpegEncoder::new(out), b"RGB ", &picture, rgb));
    write("in/b.png", &|out| encode(PngEncoder::new(out), b"RGB ", &picture, rgb));
    write("in/c.webp", &|out| encode(WebPEncoder::new_lossless(out), b"RGB ", &picture, rgb));
    write("in/d.png", &|out| encode(PngEncoder::new(out), b"RGB ", &clear, rgba));
    write("in/e.png", &|out| encode(PngEncoder::new(out), b"GRAY", &gray, ExtendedColorType::L8));
    picture.save(at(&folder, "in/f.png")).expect("a picture");
    for fit in ["tiles", "resize"] {
        let said = edited(folder.path(), &["in", "--fit", fit, "--steps", "1"]);
        for stem in ["a", "b", "c", "d"] {
            for what in ["projected", "before-after"] {
                let path = at(&folder, &format!("edits/{stem}-{what}.png"));
                assert_eq!(icc_of(&path), Some(icc(b"RGB ")), "{stem} {what} {fit}");
            }
        }
        for stem in ["e", "f"] {
            assert_eq!(icc_of(&at(&folder, &format!("edits/{stem}-projected.png"))), None, "{stem} {fit}");
        }
        // A profile for gray numbers has no place in a picture in colour.
        assert!(said.contains("note: in/e.png: ") && said.contains("gray"), "{said}");
        assert_eq!(said.matches("note: ").count(), 1, "{said}");
    }
}

/// Pictures with palettes of so many bytes, which end within a colour: the decoder panics.
fn broken_palettes() -> Vec<(String, Vec<u8>)> {
    let with_palette = |len: usize| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 8, 8);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(vec![90; len]);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&[0; 64]).expect("pixels");
        writer.finish().expect("an end");
        (format!("palette-{len}.png"), bytes)
    };
    [4, 5, 26, 32].map(with_palette).into()
}

#[test]
fn a_decoder_that_panics_is_told_in_a_sentence() {
    let folder = folder();
    for (name, bytes) in broken_palettes() {
        std::fs::write(at(&folder, &format!("in/{name}")), bytes).expect("a file");
    }
    waves(8, 8).save(at(&folder, "in/good.png")).expect("a picture");
    let said = edited(folder.path(), &["in", "--steps", "1"]);
    assert!(said.contains("skipped: in/") && said.contains("damaged"), "{said}");
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{said}");
    let output = signet(folder.path(), &["data", "in", "--size", "8"]);
    let said = text(&output);
    assert!(output.status.success() && !said.contains("panicked"), "{said}");
}

#[test]
fn masks_are_found_however_their_names_are_spelled() {
    let folder = folder();
    let picture = waves(8, 8);
    let mask = GrayImage::from_fn(8, 8, |_, y| Luma([if y < 4 { 255 } else { 0 }]));
    picture.save(at(&folder, "in/cat.png")).expect("a picture");
    picture.save(at(&folder, "in/\u{e9}t\u{e9}.png")).expect("a picture");
    picture.save(at(&folder, "in/Dog.PNG")).expect("a picture");
    mask.save(at(&folder, "masks/cat.png")).expect("a mask");
    std::fs::write(at(&folder, "masks/cat.json"), "{}").expect("a file");
    std::fs::write(at(&folder, "in/cat.json"), "{}").expect("a file");
    mask.save(at(&folder, "masks/e\u{301}te\u{301}.png")).expect("a mask");
    mask.save(at(&folder, "masks/dog.bmp")).expect("a mask");
    let said = edited(folder.path(), &["in", "--mask", "masks", "--steps", "2"]);
    let rows = table(folder.path());
    for (name, stem) in [("cat.png", "cat"), ("\u{e9}t\u{e9}.png", "\u{e9}t\u{e9}"), ("Dog.PNG", "Dog")] {
        assert_eq!((rows[name]["mode"].as_str(), rows[name]["problem"].as_str()), ("inpaint", ""), "{said}");
        let made = result(folder.path(), stem);
        let pairs = made.enumerate_pixels().zip(picture.pixels());
        assert!(pairs.filter(|((_, y, _), _)| *y >= 4).all(|((_, _, a), b)| a == b), "{stem}");
    }
    mask.save(at(&folder, "masks/DOG.png")).expect("a mask");
    picture.save(at(&folder, "more/Dog.jpg")).expect("a picture");
    let said = text(&edit(folder.path(), &["more/Dog.jpg", "--mask", "masks"]));
    assert!(said.contains("DOG.png, dog.bmp") && said.contains("what to do"), "{said}");
}

/// A seed sets all noise, but no two pictures draw the same.
#[test]
fn each_picture_of_a_list_draws_its_own_noise() {
    let folder = folder();
    waves(8, 8).save(at(&folder, "in/a.png")).expect("a picture");
    std::fs::copy(at(&folder, "in/a.png"), at(&folder, "in/b.png")).expect("the same picture");
    GrayImage::from_fn(8, 8, |x, _| Luma([if x < 4 { 255 } else { 0 }]))
        .save(at(&folder, "mask.png"))
        .expect("a mask");
    let run = |arguments: &[&str]| {
        edited(folder.path(), &[arguments, &["--seed", "5"]].concat());
        result(folder.path(), "a")
    };
    for arguments in [&["in", "--mask", "mask.png"][..], &["in", "--strength", "1"]] {
        let first = run(arguments);
        assert_ne!(first, result(folder.path(), "b"), "the same picture twice, not the same noise");
        assert_eq!(first, run(arguments), "the same command");
    }
    let file = std::fs::File::open(at(&folder, "edits/b-projected.png")).expect("a result");
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
    let texts = &reader.info().uncompressed_latin1_text;
    let text = &texts.iter().find(|text| text.keyword == "signet").expect("parameters").text;
    let words: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!((&words["seed"], &words["picture"]), (&5.into(), &1.into()));
}
