//! Damaged sets of images, a fixed sequence: every one is read, or refused in words, within the cap.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use flate2::Compression;
use flate2::write::GzEncoder;
use signet::data;
use signet::recipe;

use crate::fuzz::iterations;
use crate::memory::peak_of;
use crate::mutate::{Dice, mutate};
use crate::sets::{idx, png, zip};

/// Files of every test run.
const ITERATIONS: u64 = 3000;

/// What one damaged set may hold: the reader of a set may trust none of its numbers.
const CAP: usize = 96 << 20;

/// A set, and how it is packed after it was damaged.
struct Seed {
    name: &'static str,
    bytes: Vec<u8>,
    pack: fn(Vec<u8>) -> Vec<u8>,
}

fn gzip(bytes: Vec<u8>) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&bytes).expect("packs");
    packer.finish().expect("packs")
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, *bytes).expect("an entry");
    }
    tar.into_inner().expect("a tar")
}

/// A zip whose labels were damaged, with right checksums.
fn labelled(json: Vec<u8>) -> Vec<u8> {
    zip(&[("s/a.png", &png()), ("s/b.png", &png()), ("s/dataset.json", &json)])
}

fn seeds() -> Vec<Seed> {
    let png = png();
    let json = br#"{"labels": [["a.png", 1], ["b.png", "cat"], ["./x", 2.0]], "class_names": ["a", "b"]}"#;
    let record = [vec![3], vec![100; 3072]].concat();
    let raw = {
        let mut raw = vec![0, 0, 8, 3];
        [3u32, 8, 8].iter().for_each(|n| raw.extend(n.to_be_bytes()));
        raw.extend([9; 192]);
        raw
    };
    let cifar = tar(&[("c/data_batch_1.bin", &record), ("c/test_batch.bin", &record)]);
    let pictures = tar(&[("x/cat/a.png", &png), ("x/dog/b", &png), ("x/dataset.json", json)]);
    let bare: fn(Vec<u8>) -> Vec<u8> = |bytes| bytes;
    vec![
        Seed {
            name: "set.zip",
            bytes: zip(&[("cat/a.png", &png), ("dog/b", &png), ("./c.txt", b"c")]),
            pack: bare,
        },
        Seed { name: "labelled.zip", bytes: json.to_vec(), pack: labelled },
        Seed { name: "train-images-idx3-ubyte", bytes: raw.clone(), pack: bare },
        Seed { name: "train-images-idx3-ubyte.gz", bytes: raw, pack: gzip },
        Seed { name: "packed.gz", bytes: idx(3, 8, 0), pack: bare },
        Seed { name: "cifar.tar", bytes: cifar.clone(), pack: bare },
        Seed { name: "cifar.tgz", bytes: cifar, pack: gzip },
        Seed { name: "pictures.tar", bytes: pictures.clone(), pack: bare },
        Seed { name: "pictures.tgz", bytes: pictures, pack: gzip },
        Seed { name: "data_batch_1.bin", bytes: record, pack: bare },
    ]
}

#[derive(Default)]
struct Seen {
    read: u64,
    refusals: BTreeSet<String>,
}

fn iterate(folder: &std::path::Path, seeds: &[Seed], iteration: u64, seen: &mut Seen) {
    let mut dice = Dice::new(iteration);
    let (seed, other) = (dice.pick(seeds), dice.pick(seeds));
    let mut bytes = seed.bytes.clone();
    mutate(&mut bytes, &other.bytes, &mut dice);
    let path = folder.join(seed.name);
    std::fs::write(&path, (seed.pack)(bytes)).expect("a file");
    let limit = (dice.below(3) == 0).then_some(1);
    let source = recipe::Data { path: Some(path), size: 8, limit, ..recipe::Data::default() };
    let read = || peak_of(|| data::open(&source, 0, &mut |_, _| Ok(())));
    let (read, peak) = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| panic!("iteration {iteration} ({}) panicked", seed.name));
    assert!(peak <= CAP, "iteration {iteration} ({}) held {peak} bytes", seed.name);
    match read {
        Ok((set, _)) => {
            assert!(!set.is_empty());
            seen.read += 1;
        }
        Err(error) => {
            let words = error.what.split_whitespace().filter(|w| w.chars().all(|c| c.is_ascii_lowercase()));
            seen.refusals.insert(words.collect::<Vec<_>>().join(" "));
        }
    }
}

#[test]
fn fuzz_sets() {
    let (seeds, count) = (seeds(), iterations(ITERATIONS));
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let clock = std::time::Instant::now();
    let share = |thread: u64| {
        let folder = tempfile::tempdir().expect("a folder");
        // Within a pool of one thread all memory is that of the thread that counts.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        let seeds = &seeds;
        move || {
            let mut seen = Seen::default();
            pool.install(|| {
                (thread..count)
                    .step_by(threads as usize)
                    .for_each(|i| iterate(folder.path(), seeds, i, &mut seen));
            });
            seen
        }
    };
    let parts: Vec<Seen> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|thread| scope.spawn(share(thread))).collect();
        handles.into_iter().map(|h| h.join().expect("an iteration failed: see above")).collect()
    });
    let read: u64 = parts.iter().map(|seen| seen.read).sum();
    let refusals: BTreeSet<&String> = parts.iter().flat_map(|seen| &seen.refusals).collect();
    let secs = clock.elapsed().as_secs_f64();
    println!("{count} sets in {secs:.0} s: {read} read, {} kinds of refusal", refusals.len());
    // Shallow damage would be no test.
    if count >= ITERATIONS {
        assert!(read > count / 20, "only {read} sets came through");
        assert!(refusals.len() >= 8, "only {} kinds of refusal: {refusals:#?}", refusals.len());
    }
}
