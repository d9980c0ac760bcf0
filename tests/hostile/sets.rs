//! Sets of images made to harm: what they claim is not believed, and what they unpack to has an end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use image::{ImageFormat, RgbImage};
use signet::data::{self, Dataset, Report};
use signet::error::Result;
use signet::recipe;

use crate::memory::peak_of;

/// What reading a set may hold beside its own file and its images: a chunk of files and one file more, which may be
/// held twice while it grows, or a file of labels, each within its named limit.
const CAP: usize = 1536 << 20;

/// No file of these takes longer; unbounded, minutes to hours.
const SOON: Duration = Duration::from_secs(10);

/// Reads a set at 8×8 on one thread; its peak of memory is checked.
pub fn read(path: &Path, limit: Option<usize>) -> Result<(Dataset, Report)> {
    let source = recipe::Data { path: Some(path.to_path_buf()), size: 8, limit, ..recipe::Data::default() };
    // One thread, so that all memory is that of the thread that counts.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let len = std::fs::metadata(path).map_or(0, |meta| meta.len()) as usize;
    let (clock, (read, peak)) =
        (Instant::now(), pool.install(|| peak_of(|| data::open(&source, 0, &mut |_, _| Ok(())))));
    assert!(peak <= CAP + 160 * len, "{}: {peak} bytes held", path.display());
    assert!(clock.elapsed() < SOON, "{}: {:?}", path.display(), clock.elapsed());
    read
}

pub fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(8, 8, image::Rgb([7, 7, 7])).write_to(&mut bytes, ImageFormat::Png).expect("a PNG");
    bytes.into_inner()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}

pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A zip of `count` entries that all lie over one, which unpacks to `unpacked` bytes and is said to have one.
fn overlaid(count: u32, unpacked: usize) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    packer.write_all(b"\x89PNG\r\n\x1a\n").expect("packs");
    let zeros = vec![0; 1 << 20];
    (0..unpacked >> 20).for_each(|_| packer.write_all(&zeros).expect("packs"));
    let packed = packer.finish().expect("packs");
    let common = |method: u16| {
        let mut out = Vec::new();
        [20u16, 0, method, 0, 0x21].iter().for_each(|n| out.extend(n.to_le_bytes()));
        [0u32, packed.len() as u32, 1].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out
    };
    let name = |i: u32| format!("{i:05}.png");
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(common(8));
    [9u16, 0].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
    bytes.extend(name(0).into_bytes());
    bytes.extend(&packed);
    let start = bytes.len() as u32;
    for i in 0..count {
        bytes.extend(b"PK\x01\x02\x14\0");
        bytes.extend(common(8));
        [9u16, 0, 0, 0, 0].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
        [0u32, 0].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
        bytes.extend(name(i).into_bytes());
    }
    let len = bytes.len() as u32 - start;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    [count as u16; 2].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
    [len, start].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn zips_that_lie_about_what_they_unpack_to() {
    let folder = tempfile::tempdir().expect("a folder");
    for (count, unpacked) in [(24, 127 << 20), (512, 127 << 20), (4000, 300 << 20)] {
        let path = file(folder.path(), "lying.zip", &overlaid(count, unpacked));
        let error = read(&path, None).unwrap_err();
        assert!(error.what.contains(&format!("none of its {count} files")), "{error}");
    }
}

#[test]
fn labels_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (open, close) = (r#"{"labels": [["a.png", 0]"#, "]}");
    let many = |part: &str, bytes: usize| part.repeat(bytes / part.len());
    let names = format!(r#"{{"labels": [["a.png", 0]], "class_names": ["x"{}]}}"#, many(",\"\"", 200 << 20));
    for (what, json) in [
        ("numbers", format!("{open}{}{close}", many(",0", 200 << 20))),
        ("pairs", format!("{open}{}{close}", many(r#",["b",1]"#, 200 << 20))),
        (
            "words",
            format!(
                "{open}{}{close}",
                (0..2_000_000).map(|i| format!(r#",["a.png","w{i}"]"#)).collect::<String>()
            ),
        ),
        ("names", names),
        ("one long name", format!(r#"{open},["{}",1]{close}"#, many("b", 200 << 20))),
        ("nested", format!("{open},{}{close}", many("[", 1 << 20))),
    ] {
        let path =
            file(folder.path(), "labels.zip", &zip(&[("a.png", &png()), ("dataset.json", json.as_bytes())]));
        drop(json);
        let (set, _) = read(&path, None).expect("one picture");
        assert_eq!(set.len(), 1, "{what}");
    }
}

pub fn idx(count: u32, side: u32, pixels: usize) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&[0, 0, 8, 3]).expect("packs");
    [count, side, side].iter().for_each(|n| packer.write_all(&n.to_be_bytes()).expect("packs"));
    let zeros = vec![0; 1 << 20];
    (0..pixels >> 20).for_each(|_| packer.write_all(&zeros).expect("packs"));
    packer.finish().expect("packs")
}

#[test]
fn idx_files_that_declare_absurd_images() {
    let folder = tempfile::tempdir().expect("a folder");
    for (count, side) in [(1 << 28, 1), (u32::MAX, 1), (1 << 25, 4), (u32::MAX, u32::MAX), (3, 100_000)] {
        let path = file(folder.path(), "train-images-idx3-ubyte.gz", &idx(count, side, 64 << 20));
        let error = read(&path, None).unwrap_err();
        assert!(error.what.contains("cannot be"), "{error}");
    }
}

#[test]
fn a_limit_comes_before_everything_else() {
    let folder = tempfile::tempdir().expect("a folder");
    // 400 MiB of images, of which four are wanted.
    let path = file(folder.path(), "train-images-idx3-ubyte.gz", &idx(400 << 10, 32, 400 << 20));
    let source = recipe::Data { path: Some(path), size: 8, limit: Some(4), ..recipe::Data::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let (read, peak) = pool.install(|| peak_of(|| data::open(&source, 0, &mut |_, _| Ok(()))));
    assert_eq!(read.expect("images").0.len(), 4);
    assert!(peak < 16 << 20, "{peak} bytes held");
}

#[test]
fn tars_that_unpack_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut header = tar::Header::new_gnu();
    header.set_size(3 << 30);
    header.set_mode(0o644);
    header.set_path("a.png").expect("a path");
    header.set_cksum();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(header.as_bytes()).expect("packs");
    let zeros = vec![0; 1 << 20];
    (0..2049).for_each(|_| packer.write_all(&zeros).expect("packs"));
    let path = file(folder.path(), "a.tgz", &packer.finish().expect("packs"));
    let error = read(&path, None).unwrap_err();
    assert!(error.what.contains("more than 2 GiB"), "{error}");
}

/// Where memory ends, there is an error with a remedy, and no abort.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    // 200,000 images at 64×64 take 780 MiB; the process may have 1 GiB of addresses in all.
    let path = file(folder.path(), "train-images-idx3-ubyte.gz", &idx(200_000, 8, 13 << 20));
    let run = format!("ulimit -v {}; exec \"$0\" data \"$1\" --size 64", 1 << 20);
    let out = std::process::Command::new("sh")
        .args(["-c", &run, env!("CARGO_BIN_EXE_signet")])
        .arg(&path)
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(said.contains("no memory for") && said.contains("data.limit"), "{said}");
}
