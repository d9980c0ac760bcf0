//! A data set written as a zip that EDM's own tools read.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use rayon::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Dataset;
use super::limits::CHUNK;
use crate::error::{Error, Kind, Result};

/// Writes `dataset` to `path`: stored PNGs `00000/img00000000.png`, …, and `dataset.json`. An
/// existing file is replaced only by a finished one.
///
/// # Errors
/// What the operating system refuses; nothing half-written stays behind.
pub fn export_zip(dataset: &Dataset, path: &Path) -> Result<()> {
    let unfinished = sibling(path)?;
    let written = write(dataset, &unfinished).and_then(|()| {
        fs::rename(&unfinished, path).map_err(|error| Error::io(path, "put in place", &error))
    });
    if written.is_err() {
        // The first error is the one to tell.
        fs::remove_file(&unfinished).ok();
    }
    written
}

/// The name under which the file grows: beside its place, so that a rename puts it there.
fn sibling(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| Error::data(path, "this names no file"))?;
    let mut unfinished = OsString::from(name);
    unfinished.push(format!(".{}.tmp", std::process::id()));
    Ok(path.with_file_name(unfinished))
}

fn write(dataset: &Dataset, path: &Path) -> Result<()> {
    let io = |error: std::io::Error| Error::io(path, "write", &error);
    let packing = |error: zip::result::ZipError| match error {
        zip::result::ZipError::Io(error) => io(error),
        other => io(std::io::Error::other(other)),
    };
    // The files carry no time of their own: the same images make the same zip.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path).map_err(io)?));
    let all: Vec<usize> = (0..dataset.len()).collect();
    for chunk in all.chunks(CHUNK) {
        let encoded: Vec<Result<Vec<u8>>> = chunk.par_iter().map(|&i| png(dataset, i)).collect();
        for (&i, bytes) in chunk.iter().zip(encoded) {
            zip.start_file(entry_name(i), options).map_err(packing)?;
            zip.write_all(&bytes?).map_err(io)?;
        }
    }
    zip.start_file("dataset.json", options).map_err(packing)?;
    zip.write_all(json(dataset).to_string().as_bytes()).map_err(io)?;
    let mut file = zip.finish().map_err(packing)?;
    file.flush().map_err(io)?;
    file.get_ref().sync_all().map_err(io)
}

fn entry_name(i: usize) -> String {
    let number = format!("{i:08}");
    format!("{}/img{number}.png", &number[..5])
}

fn png(dataset: &Dataset, i: usize) -> Result<Vec<u8>> {
    let plane = dataset.size * dataset.size;
    let planes = dataset.image_u8(i);
    let interleaved: Vec<u8> =
        (0..plane).flat_map(|at| (0..dataset.channels).map(move |c| planes[c * plane + at])).collect();
    let colour = if dataset.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let side = dataset.size as u32;
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&interleaved, side, side, colour)
        .map_err(|error| Error::new(Kind::Data, format!("image {i} could not be written as PNG: {error}")))?;
    Ok(bytes)
}

fn json(dataset: &Dataset) -> serde_json::Value {
    let labels: Option<Vec<(String, u32)>> = dataset
        .labels
        .as_ref()
        .map(|labels| labels.iter().enumerate().map(|(i, label)| (entry_name(i), *label)).collect());
    // EDM's reader looks at `labels` alone; the names are for ours.
    match labels {
        Some(labels) => serde_json::json!({ "labels": labels, "class_names": dataset.class_names }),
        None => serde_json::json!({ "labels": null }),
    }
}
