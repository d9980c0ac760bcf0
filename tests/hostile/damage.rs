//! Files cut at every byte and with every byte changed.

#[path = "../golden/folder.rs"]
mod folder;

use std::path::{Path, PathBuf};

use signet::import::{self, Options};
use zip::CompressionMethod;

use crate::memory::peak_of;
use crate::{allowed_memory, files};

fn small_files() -> Vec<(&'static str, Vec<u8>)> {
    let tensors = files::tensors(0);
    let zipped = files::state_dict_files(&tensors);
    vec![
        ("EDM pickle", files::edm_pickle(&tensors)),
        ("legacy", files::legacy_file(&tensors)),
        ("zip", files::zip(&zipped, CompressionMethod::Stored)),
        ("packed zip", files::zip(&zipped, CompressionMethod::Deflated)),
        ("safetensors", files::safetensors(&tensors)),
    ]
}

/// Reads within the memory that the length allows; whether it is a network.
fn reads(what: &str, bytes: &[u8]) -> bool {
    let (result, peak) = peak_of(|| import::read(bytes, &Options::default()).is_ok());
    assert!(peak <= allowed_memory(bytes.len()), "{what}: {peak} bytes held for a file of {}", bytes.len());
    result
}

/// Does `test` with every small file, each on a thread of its own.
fn with_each(test: impl Fn(&str, Vec<u8>) + Sync) {
    std::thread::scope(|scope| {
        for (what, bytes) in small_files() {
            assert!(reads(what, &bytes), "{what} is sound");
            let test = &test;
            scope.spawn(move || test(what, bytes));
        }
    });
}

#[test]
fn cut_at_every_byte() {
    with_each(|what, bytes| {
        for cut in 0..bytes.len() {
            assert!(!reads(what, &bytes[..cut]), "{what}, cut at {cut}, was read");
        }
    });
}

#[test]
fn every_byte_changed() {
    with_each(|what, mut bytes| {
        let mut read = 0;
        for at in 0..bytes.len() {
            // All bits of one byte, one bit of the next: lengths go far wrong, and a little.
            let change = if at % 2 == 0 { 0xff } else { 0x01 };
            bytes[at] ^= change;
            read += usize::from(reads(what, &bytes));
            bytes[at] ^= change;
        }
        println!("{what}: {read} of {} changes leave a network", bytes.len());
    });
}

/// The reference files, or the small ones in their place, are cut at many places.
#[test]
fn large_files_cut() {
    let mut files = Vec::new();
    let folder = folder::shared();
    for entry in folder.iter().flat_map(|folder| std::fs::read_dir(folder).expect("the folder is readable")) {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "json") {
            files.extend(pickles(&path).into_iter().map(|name| path.with_file_name(name)));
        }
    }
    let read =
        |file: PathBuf| (file.display().to_string(), std::fs::read(&file).expect("the reference file"));
    let large: Vec<(String, Vec<u8>)> = match folder {
        Some(folder) => {
            assert!(!files.is_empty(), "{} has no case about pickles", folder.display());
            println!("{} reference files in {}", files.len(), folder.display());
            files.into_iter().map(read).collect()
        }
        None => small_files().into_iter().map(|(what, bytes)| (what.to_string(), bytes)).collect(),
    };
    for (what, bytes) in large {
        assert!(reads(&what, &bytes), "{what} is sound");
        let places = 300;
        for i in 0..places {
            assert!(
                !reads(&what, &bytes[..bytes.len() * i / places]),
                "{what}, cut at {i}/{places}, was read"
            );
        }
    }
}

/// The extra files of a reference case that is about pickles.
fn pickles(json: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(json).expect("JSON");
    let case: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    if case["kind"] != "pickle" {
        return Vec::new();
    }
    let files = case["extra_files"].as_array().into_iter().flatten();
    files.map(|f| f.as_str().expect("a name").to_string()).collect()
}
