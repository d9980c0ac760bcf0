//! Files dropped on the window: whatever they are, the window says what became of them and goes on.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use egui_kittest::kittest::Queryable;
use image::{DynamicImage, ImageBuffer, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use signet::run::message::{Command, EditRequest};

use super::stage::{Scene, drop_paths};

/// The editor's list holds as many.
const LISTED: usize = 32;

fn edits(scene: &Scene) -> Vec<EditRequest> {
    let heard = scene.heard().into_iter();
    heard
        .filter_map(|command| if let Command::Edit(request) = command { Some(request) } else { None })
        .collect()
}

fn wait_edits(scene: &mut Scene, count: usize) {
    scene.wait_heard("the pictures that can be opened", |heard| {
        heard.iter().filter(|command| matches!(command, Command::Edit(_))).count() == count
    });
}

/// A black picture of one bit a pixel: a small file, however large the picture.
fn black_png(path: &Path, width: u32, height: u32) {
    let file = BufWriter::new(File::create(path).expect("a file"));
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("a header");
    let mut rows = writer.stream_writer().expect("rows");
    let row = vec![0; width.div_ceil(8) as usize];
    for _ in 0..height {
        rows.write_all(&row).expect("a row");
    }
    rows.finish().expect("the end of the picture");
}

/// Whether a line in the window has all of `words`.
fn says(scene: &mut Scene, words: &[&str]) {
    scene.wait(&words.join(" … "), |window| {
        let mut lines = window.query_all_by_label_contains(words[0]);
        lines.any(|line| {
            let line = line.value().unwrap_or_default();
            words.iter().all(|words| line.contains(words))
        })
    });
}

#[test]
fn pictures_of_every_kind_are_opened_as_they_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let save = |picture: DynamicImage, name: &str, format| {
        picture.save_with_format(at(name), format).expect("saved")
    };
    let orange = Rgb([230, 120, 30]);
    save(RgbImage::from_pixel(16, 16, orange).into(), "photo.jpeg", ImageFormat::Jpeg);
    // The ending is not the format.
    save(RgbImage::from_pixel(16, 16, orange).into(), "misnamed.jpg", ImageFormat::Png);
    let glass = RgbaImage::from_fn(16, 16, |x, _| Rgba([0, 0, 0, if x < 8 { 0 } else { 255 }]));
    save(glass.into(), "glass.png", ImageFormat::Png);
    let deep = ImageBuffer::<Rgb<u16>, _>::from_pixel(16, 16, Rgb([0xE6E6, 0x7878, 0x1E1E]));
    save(deep.into(), "deep.png", ImageFormat::Png);
    black_png(&at("large.png"), 6000, 4500);
    let names = ["photo.jpeg", "misnamed.jpg", "glass.png", "deep.png", "large.png"];

    let mut scene = Scene::open();
    scene.train();
    drop_paths(scene.window.input_mut(), &names.map(at));
    wait_edits(&mut scene, names.len());
    let opened = edits(&scene);
    assert_eq!(opened.iter().map(|request| request.name.as_str()).collect::<Vec<_>>(), names);
    let pixel = |index: usize, x: u32| opened[index].image.get_pixel(x, 8).0;
    assert!(pixel(0, 8).iter().zip(orange.0).all(|(a, b)| a.abs_diff(b) < 4), "{:?}", pixel(0, 8));
    assert_eq!((pixel(1, 8), pixel(3, 8)), (orange.0, orange.0));
    assert_eq!((pixel(2, 2), pixel(2, 12)), ([255; 3], [0; 3]), "what is transparent is white");
    assert_eq!(opened[4].image.dimensions(), (1024, 768), "large pictures are kept small");
    scene.wait("no file in waiting", |window| window.query_by_label_contains("opening").is_none());
    assert!(scene.window.query_by_label("Clear").is_none(), "nothing is said against them");
}

#[test]
fn what_cannot_be_opened_is_named_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("notes.txt"), "not a picture").expect("a file");
    RgbImage::new(1, 1).save(at("dot.png")).expect("saved");
    RgbImage::from_fn(64, 64, |x, y| Rgb([x as u8 * 4, y as u8 * 4, 0])).save(at("good.png")).expect("saved");
    let whole = std::fs::read(at("good.png")).expect("read");
    std::fs::write(at("cut.png"), &whole[..whole.len() / 2]).expect("a file");
    std::fs::create_dir(at("holiday")).expect("a folder");
    // Neither side nor the number of pixels may be anything.
    black_png(&at("vast.png"), 20_000, 20_000);
    black_png(&at("heavy.png"), 16_000, 16_000);
    let names = ["vast.png", "heavy.png", "notes.txt", "dot.png", "cut.png", "holiday", "good.png"];
    for name in ["vast.png", "heavy.png"] {
        assert!(std::fs::metadata(at(name)).expect("a file").len() < 1 << 20, "{name} is small on disk");
    }

    let mut scene = Scene::open();
    scene.train();
    scene.wait("a running trainer", |window| window.query_by_label("Pause").is_some());
    drop_paths(scene.window.input_mut(), &names.map(at));
    scene.press("Sample now");
    for words in [
        ["vast.png", "too large"],
        ["heavy.png", "too large"],
        ["notes.txt", "not a PNG"],
        ["dot.png", "too small"],
        ["cut.png", "damaged"],
        ["holiday", "folder"],
    ] {
        says(&mut scene, &words);
    }
    wait_edits(&mut scene, 1);
    assert_eq!(edits(&scene)[0].name, "good.png");
    scene.screenshot("refused-drops");
    scene.window.get_by_label("Clear").click();
    scene.wait("no more lines", |window| window.query_by_label_contains("vast.png").is_none());
}

#[test]
fn of_two_hundred_files_as_many_are_opened_as_the_list_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> = (0..200).map(|i| folder.path().join(format!("{i:03}.png"))).collect();
    for (shade, path) in (0..).zip(&paths) {
        RgbImage::from_pixel(8, 8, Rgb([shade; 3])).save(path).expect("saved");
    }
    let mut scene = Scene::open();
    scene.train();
    scene.wait("a running trainer", |window| window.query_by_label("Pause").is_some());
    drop_paths(scene.window.input_mut(), &paths);
    scene.press("Sample now");
    wait_edits(&mut scene, LISTED);
    says(&mut scene, &["only the first 32 of 200"]);
    let names: Vec<String> = edits(&scene).into_iter().map(|request| request.name).collect();
    assert_eq!((names[0].as_str(), names[LISTED - 1].as_str()), ("000.png", "031.png"));
    // Another one takes the place of the oldest.
    drop_paths(scene.window.input_mut(), &paths[100..101]);
    wait_edits(&mut scene, LISTED + 1);
    says(&mut scene, &["000.png", "left the list"]);
    let listed = |n: usize| scene.window.query_by_label(&format!("picture {n}")).is_some();
    assert!(listed(LISTED) && !listed(LISTED + 1), "the list is bounded");
    scene.press("Save now");
}
