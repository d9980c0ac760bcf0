//! The fuzz target: a fixed sequence of damaged files, so that every failure comes back by its number.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use signet::import::{self, Options};
use zip::CompressionMethod;

use crate::allowed_memory;
use crate::files::{self, Tensors};
use crate::memory::peak_of;
use crate::mutate::{Dice, mutate};
use crate::python::Py;

/// Files of each kind in every test run; `SIGNET_FUZZ_ITERATIONS` asks for more.
const ITERATIONS: u64 = 4000;

/// What is damaged, and what goes around it afterwards, so that lengths and checksums outside hold.
struct Seed {
    inner: Vec<u8>,
    wrap: Box<dyn Fn(Vec<u8>) -> Vec<u8> + Sync>,
}

fn seeds() -> Vec<Seed> {
    let tensors = files::tensors(0);
    let state = files::sid_files(&tensors, &tensors, &tensors);
    let as_it_is = |inner: Vec<u8>| Seed { inner, wrap: Box::new(|bytes| bytes) };
    vec![
        as_it_is(plain_values()),
        as_it_is(files::edm_pickle(&tensors)),
        as_it_is(files::legacy_file(&tensors)),
        as_it_is(files::safetensors(&tensors)),
        as_it_is(files::zip(&state, CompressionMethod::Stored)),
        as_it_is(files::zip(&state, CompressionMethod::Deflated)),
        zipped_pickle(state),
        nested_stream(&tensors),
    ]
}

/// Values of every kind in few bytes, for the machine alone.
fn plain_values() -> Vec<u8> {
    Py::dict([
        ("a", Py::List(vec![Py::Int(1), Py::Int(-70_000), Py::Int(1 << 40), Py::Float(0.5), Py::None])),
        ("b", Py::Tuple(vec![Py::Bool(true), Py::str("text"), Py::Bytes(vec![1, 2, 3])])),
        ("c", Py::Call("collections", "OrderedDict", vec![Py::List(vec![])])),
        ("d", Py::Raw(b"\x8f(K\x01K\x02\x90\x94h\x00q\x01h\x01r\x09\0\0\0j\x09\0\0\x0000".to_vec())),
        ("e", Py::Raw(b"I12\nF1.5\n\x86(L3L\nVtext\nS'text'\nlP7\n\x86\x86".to_vec())),
    ])
    .pickle()
}

/// The pickle within torch's zip, whose checksum is then right.
fn zipped_pickle(mut files: Vec<(String, Vec<u8>)>) -> Seed {
    let (name, inner) = files.remove(0);
    let wrap = move |pickle| {
        let all = [&[(name.clone(), pickle)], files.as_slice()].concat();
        files::zip(&all, CompressionMethod::Stored)
    };
    Seed { inner, wrap: Box::new(wrap) }
}

/// The stream of one storage within EDM's pickle, whose length is then right.
fn nested_stream(tensors: &Tensors) -> Seed {
    let numbers = &tensors.first_key_value().expect("tensors").1.1;
    let inner = files::nested_stream(numbers);
    let pickle = files::edm_pickle(tensors);
    let start = pickle.windows(inner.len()).position(|w| *w == inner).expect("the stream is in the pickle");
    let (head, tail) = (pickle[..start - 4].to_vec(), pickle[start + inner.len()..].to_vec());
    let wrap = move |stream: Vec<u8>| {
        let len = u32::try_from(stream.len()).expect("short").to_le_bytes();
        [head.as_slice(), &len, &stream, &tail].concat()
    };
    Seed { inner, wrap: Box::new(wrap) }
}

/// What happened: networks that were read, and the kinds of refusal.
#[derive(Default)]
struct Seen {
    networks: u64,
    refusals: BTreeSet<String>,
}

fn iterate(seeds: &[Seed], iteration: u64, seen: &mut Seen) {
    let mut dice = Dice::new(iteration);
    let (seed, other) = (dice.pick(seeds), dice.pick(seeds));
    let mut inner = seed.inner.clone();
    mutate(&mut inner, &other.inner, &mut dice);
    let bytes = (seed.wrap)(inner);
    let read = || peak_of(|| import::read(&bytes, &Options::default()).map(drop));
    let caught = catch_unwind(AssertUnwindSafe(read));
    let (result, peak) = caught.unwrap_or_else(|_| panic!("iteration {iteration} panicked"));
    assert!(
        peak <= allowed_memory(bytes.len()),
        "iteration {iteration} held {peak} bytes for a file of {}",
        bytes.len()
    );
    match result {
        Ok(()) => seen.networks += 1,
        Err(error) => {
            // Without numbers, and without the names that mutation makes up.
            let words = error.what.split_whitespace().filter(|w| w.chars().all(|c| c.is_ascii_lowercase()));
            seen.refusals.insert(words.collect::<Vec<_>>().join(" "));
        }
    }
}

/// As many as are asked for, or else `few`.
pub fn iterations(few: u64) -> u64 {
    let asked = std::env::var("SIGNET_FUZZ_ITERATIONS").ok();
    asked.map_or(few, |n| n.parse().expect("SIGNET_FUZZ_ITERATIONS is a number"))
}

/// Does `iterate` for every iteration; what each thread has seen.
pub fn on_all_threads<S: Default + Send>(iterations: u64, iterate: impl Fn(u64, &mut S) + Sync) -> Vec<S> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    std::thread::scope(|scope| {
        let share = |thread: u64| {
            let iterate = &iterate;
            move || {
                let mut seen = S::default();
                (thread..iterations).step_by(threads as usize).for_each(|i| iterate(i, &mut seen));
                seen
            }
        };
        let handles: Vec<_> = (0..threads).map(|thread| scope.spawn(share(thread))).collect();
        handles.into_iter().map(|h| h.join().expect("an iteration failed: see above")).collect()
    })
}

#[test]
fn fuzz() {
    let iterations = iterations(ITERATIONS);
    let seeds = seeds();
    let clock = std::time::Instant::now();
    let parts: Vec<Seen> = on_all_threads(iterations, |i, seen| iterate(&seeds, i, seen));
    let networks: u64 = parts.iter().map(|s| s.networks).sum();
    let refusals: BTreeSet<&String> = parts.iter().flat_map(|s| &s.refusals).collect();
    println!(
        "{iterations} files in {:.0} s: {networks} still networks, {} kinds of refusal",
        clock.elapsed().as_secs_f64(),
        refusals.len()
    );
    // Shallow damage would be no test: some files must come through, and many checks must speak up.
    if iterations >= ITERATIONS {
        assert!(networks > iterations / 100, "only {networks} files came through");
        assert!(refusals.len() >= 40, "only {} kinds of refusal: {refusals:#?}", refusals.len());
    }
}
