//! Every kind of source, built in a temporary folder, whole and damaged.

mod raw_files;
mod spellings;
mod whole_sets;

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::*;
use crate::error::Result;
use crate::recipe;

/// Opens `path` at 8×8.
fn open_at(path: &Path) -> Result<(Dataset, Report)> {
    open_limited(path, 8, None)
}

fn open_limited(path: &Path, size: usize, limit: Option<usize>) -> Result<(Dataset, Report)> {
    let source = recipe::Data { path: Some(path.to_path_buf()), size, limit, ..recipe::Data::default() };
    open(&source, 1, &mut |done, total| {
        assert!(done <= total);
        Ok(())
    })
}

/// A PNG of one colour.
fn flat_png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    encode(DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb(colour))))
}

fn encode(picture: DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn write_zip(path: &Path, files: &[(&str, &[u8])]) {
    let mut zip = ::zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn write_folder(root: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// First byte of each image.
fn firsts(set: &Dataset) -> Vec<u8> {
    (0..set.len()).map(|i| set.image_u8(i)[0]).collect()
}

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
