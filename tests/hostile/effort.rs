//! Files that would take hours: what many share is looked at again for each of them.

use std::time::{Duration, Instant};

use safetensors::tensor::{Dtype, TensorView};

use crate::attacks::{raw, refused};
use crate::files::{nested, rebuilt};
use crate::python::Py;

/// Each file takes well under a second; unbounded, minutes to days.
const SOON: Duration = Duration::from_secs(30);

fn refused_soon(what: &str, bytes: &[u8]) -> String {
    let clock = Instant::now();
    let error = refused(what, bytes);
    assert!(clock.elapsed() < SOON, "{what}: {:?}", clock.elapsed());
    error
}

fn text(text: &str) -> Vec<u8> {
    Py::str(text).pickle()[2..].strip_suffix(b".").expect("a pickle").to_vec()
}

/// Instructions for a dictionary of `len` entries, all the same, which memo 0 then holds.
fn large_dict(len: usize) -> Vec<u8> {
    [b"}(".as_slice(), &b"NN".repeat(len), b"uq\x00"].concat()
}

/// A dictionary of `count` names, each for what `value` makes.
fn names_for(count: usize, value: &[u8]) -> Vec<u8> {
    let entry = |i: usize| [text(&format!("n{i}")), value.to_vec()].concat();
    [b"}(".to_vec(), (0..count).flat_map(entry).collect(), b"u".to_vec()].concat()
}

const CONTAINER: &[u8] = b"ctorch.nn.modules.container\nModuleDict\n)\x81";

#[test]
fn dictionaries_that_all_entries_share() {
    let (large, many) = (500_000, 100_000);
    let file = |value: &[u8]| raw(&[large_dict(large), b"0".to_vec(), names_for(many, value)].concat());
    refused_soon("one dictionary for all entries", &file(b"h\x00"));
    refused_soon("one state for all modules", &file(&[CONTAINER, b"h\x00b"].concat()));
    let persistent = [b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n", b"h\x00\x85R".as_slice()];
    refused_soon("one description for all modules", &file(&persistent.concat()));
}

/// One network of many modules, which share what they are made of.
#[test]
fn registries_that_all_modules_share() {
    let children = 10_000;
    let leaf =
        |registry: &str| [CONTAINER, b"}(", &text("_modules"), b"}", &text(registry), b"h\x00ub"].concat();
    let network = |shared: &[u8], leaf: &[u8]| {
        let modules = names_for(children, leaf);
        let state = [b"}", text("_modules").as_slice(), &modules, b"sb"].concat();
        raw(&[shared, b"0", CONTAINER, &state].concat())
    };
    let names = [names_for(60_000, b"N"), b"q\x00".to_vec()].concat();
    for registry in ["_parameters", "_buffers"] {
        let error = refused_soon(registry, &network(&names, &leaf(registry)));
        assert!(error.contains("parts"), "{error}");
    }
    let set = [b"\x8f(".as_slice(), &b"N".repeat(1 << 20), b"\x90q\x00"].concat();
    let error =
        refused_soon("buffers that are not stored", &network(&set, &leaf("_non_persistent_buffers_set")));
    assert!(error.contains("not store"), "{error}");
}

#[test]
fn names_wrapped_over_and_over() {
    let wrapped = |name: &str| "module.".repeat(100_000) + name;
    let tensor = rebuilt(nested(&[1.0]), 0, Py::sizes(&[1]), Py::sizes(&[1]));
    let names = ["a", "b"].map(wrapped);
    let dict = Py::Dict(names.iter().map(|name| (name.clone(), tensor.clone())).collect()).pickle();
    let view = TensorView::new(Dtype::U8, vec![1], &[0]).expect("a view");
    let views = names.iter().map(|name| (name.as_str(), view.clone()));
    let safetensors = safetensors::serialize(views, None).expect("serialises");
    for (what, bytes) in [("a state dict", dict), ("safetensors", safetensors)] {
        let error = refused_soon(what, &bytes);
        assert!(error.contains("name has 700001 bytes"), "{error}");
    }
}
