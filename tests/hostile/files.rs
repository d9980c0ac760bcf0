//! Small files like those of EDM, SiD and torch, of one tiny network.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value as Json, json};
use signet::diffusion::{GeneratorKind, GeneratorSpec};
use signet::import;
use signet::random::{Random, Stream};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::python::Py;

/// Numbers and shape of each tensor, by EDM's names.
pub type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// The smallest network: damage to every byte of its files is tried.
pub fn kwargs() -> Json {
    json!({
        "model_type": "SongUNet", "img_resolution": 2, "img_channels": 1, "label_dim": 2, "augment_dim": 0,
        "model_channels": 4, "channel_mult": [1], "channel_mult_emb": 1, "num_blocks": 1,
        "attn_resolutions": [2], "dropout": 0.25,
    })
}

/// The network's tensors: numbers that a half-precision float holds.
pub fn tensors(seed: u32) -> Tensors {
    let (precond, unet) = import::from_kwargs(&kwargs(), "EDMPrecond").expect("a network");
    let spec = GeneratorSpec { kind: GeneratorKind::Teacher { sample_steps: 18 }, precond, unet };
    let layout = spec.layout().expect("a network");
    let random = Random::new(seed, Stream::SelfTest);
    let params = layout.params().iter().zip(0..).map(|(param, i)| {
        let numbers =
            random.uniforms(i, 0, param.len()).iter().map(|u| (u * 64.0).floor() / 32.0 - 1.0).collect();
        (param.name.clone(), (param.shape.clone(), numbers))
    });
    params.collect()
}

fn le_bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Strides of numbers that lie one row after another.
pub fn row_major(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|i| shape[i + 1..].iter().product()).collect()
}

/// A tensor on the storage that `storage` describes.
pub fn rebuilt(storage: Py, offset: i64, shape: Py, strides: Py) -> Py {
    let hooks = Py::Call("collections", "OrderedDict", vec![]);
    let args = vec![storage, Py::Int(offset), shape, strides, Py::Bool(false), hooks];
    Py::Call("torch._utils", "_rebuild_tensor_v2", args)
}

fn parameter(tensor: Py) -> Py {
    let hooks = Py::Call("collections", "OrderedDict", vec![]);
    Py::Call("torch._utils", "_rebuild_parameter", vec![tensor, Py::Bool(true), hooks])
}

/// `("storage", torch.FloatStorage, key, "cpu", count)` by its persistent id.
pub fn identity(key: &str, count: usize, legacy: bool) -> Py {
    let class = Py::Global("torch", "FloatStorage");
    let mut name = vec![Py::str("storage"), class, Py::str(key), Py::str("cpu"), Py::Int(count as i64)];
    if legacy {
        name.push(Py::None);
    }
    Py::Persistent(Box::new(Py::Tuple(name)))
}

/// torch's stream of pickles around `object` and its storages.
pub fn legacy_stream(object: &Py, storages: &[(String, Vec<f32>)]) -> Vec<u8> {
    let magic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    let machine = Py::dict([("protocol_version", Py::Int(1001)), ("little_endian", Py::Bool(true))]);
    let keys = Py::List(storages.iter().map(|(key, _)| Py::str(key)).collect());
    let mut out = Vec::new();
    for part in [&Py::Raw(magic.to_vec()), &Py::Int(1001), &machine, object, &keys] {
        out.extend(part.pickle());
    }
    for (_, numbers) in storages {
        out.extend((numbers.len() as u64).to_le_bytes());
        out.extend(le_bytes(numbers));
    }
    out
}

/// A storage as a stream of its own.
pub fn nested_stream(numbers: &[f32]) -> Vec<u8> {
    let object = identity("7", numbers.len(), true);
    legacy_stream(&object, &[("7".into(), numbers.to_vec())])
}

pub fn nested(numbers: &[f32]) -> Py {
    Py::Call("torch.storage", "_load_from_bytes", vec![Py::Bytes(nested_stream(numbers))])
}

/// An object whose class comes with its source.
pub fn persistent(class: &str, state: Py) -> Py {
    let meta = Py::dict([
        ("type", Py::str("class")),
        ("version", Py::Int(6)),
        ("module_src", Py::str("import os\nos.system('true')\n")),
        ("class_name", Py::str(class)),
        ("state", state),
    ]);
    Py::Call("torch_utils.persistence", "_reconstruct_persistent_obj", vec![meta])
}

pub fn module_state(parameters: Py, modules: Py) -> Vec<(&'static str, Py)> {
    vec![
        ("training", Py::Bool(false)),
        ("_parameters", parameters),
        ("_buffers", Py::dict([])),
        ("_modules", modules),
    ]
}

/// The value of a JSON setting.
pub fn setting(json: &Json) -> Py {
    match json {
        Json::String(text) => Py::str(text),
        Json::Array(items) => Py::List(items.iter().map(setting).collect()),
        Json::Object(map) => Py::Dict(map.iter().map(|(k, v)| (k.clone(), setting(v))).collect()),
        number => number.as_i64().map_or(Py::Float(number.as_f64().expect("a number")), Py::Int),
    }
}

/// The preconditioned network as EDM pickles it; `storage` makes the storage of each tensor.
pub fn network(tensors: &Tensors, storage: &mut dyn FnMut(&[f32]) -> Py) -> Py {
    let inner = module("SongUNet", "model.", tensors, storage);
    let mut state = module_state(Py::dict([]), Py::dict([("model", inner)]));
    state.push(("_init_args", Py::Tuple(vec![])));
    state.push(("_init_kwargs", setting(&kwargs())));
    state.push(("sigma_max", Py::Float(f64::INFINITY)));
    persistent("EDMPrecond", Py::dict(state))
}

/// The module whose tensors start with `prefix`.
fn module(class: &str, prefix: &str, tensors: &Tensors, storage: &mut dyn FnMut(&[f32]) -> Py) -> Py {
    let (mut parameters, mut children) = (Vec::new(), Vec::new());
    for (name, (shape, numbers)) in tensors {
        let Some(rest) = name.strip_prefix(prefix) else { continue };
        match rest.split_once('.') {
            None => {
                let tensor = rebuilt(storage(numbers), 0, Py::sizes(shape), Py::sizes(&row_major(shape)));
                parameters.push((rest.to_string(), parameter(tensor)));
            }
            Some((child, _)) if !children.iter().any(|(known, _)| known == child) => {
                let built = module("Conv2d", &format!("{prefix}{child}."), tensors, storage);
                children.push((child.to_string(), built));
            }
            Some(_) => {}
        }
    }
    let is_container = matches!(prefix, "model.enc." | "model.dec.");
    let state = Py::dict(module_state(Py::Dict(parameters), Py::Dict(children)));
    if !is_container {
        return persistent(class, state);
    }
    let class = Py::Global("torch.nn.modules.container", "ModuleDict");
    let mut instance = class.pickle();
    // The class without frame, and an instance made of it.
    instance = [&instance[2..instance.len() - 1], b")\x81"].concat();
    Py::Built(Box::new(Py::Raw(instance)), Box::new(state))
}

/// EDM's network snapshot.
pub fn edm_pickle(tensors: &Tensors) -> Vec<u8> {
    Py::dict([("ema", network(tensors, &mut nested)), ("loss_fn", Py::None)]).pickle()
}

/// A state dict of all tensors, and their storages by key.
fn state_dict(tensors: &Tensors, prefix: &str, legacy: bool) -> (Py, Vec<(String, Vec<f32>)>) {
    let (mut entries, mut storages) = (Vec::new(), Vec::new());
    for (key, (name, (shape, numbers))) in tensors.iter().enumerate() {
        let storage = identity(&key.to_string(), numbers.len(), legacy);
        let tensor = rebuilt(storage, 0, Py::sizes(shape), Py::sizes(&row_major(shape)));
        entries.push((format!("{prefix}{name}"), tensor));
        storages.push((key.to_string(), numbers.clone()));
    }
    (Py::Dict(entries), storages)
}

/// torch's older file of a state dict, from a data-parallel run.
pub fn legacy_file(tensors: &Tensors) -> Vec<u8> {
    let (dict, storages) = state_dict(tensors, "module.", true);
    legacy_stream(&Py::dict([("state_dict", dict), ("epoch", Py::Int(3))]), &storages)
}

/// The files in torch's zip of a state dict.
pub fn state_dict_files(tensors: &Tensors) -> Vec<(String, Vec<u8>)> {
    let (dict, storages) = state_dict(tensors, "", false);
    let mut files = vec![("a/data.pkl".to_string(), dict.pickle())];
    files.extend(storages.into_iter().map(|(key, numbers)| (format!("a/data/{key}"), le_bytes(&numbers))));
    files
}

/// A zip of named files.
pub fn zip(files: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options).expect("starts");
        zip.write_all(bytes).expect("writes");
    }
    zip.finish().expect("finishes").into_inner()
}

/// The files in torch's zip of a SiD training state: three networks.
pub fn sid_files(fake: &Tensors, generator: &Tensors, average: &Tensors) -> Vec<(String, Vec<u8>)> {
    let mut storages: Vec<Vec<u8>> = Vec::new();
    let mut in_zip = |tensors: &Tensors| {
        network(tensors, &mut |numbers| {
            storages.push(le_bytes(numbers));
            identity(&(storages.len() - 1).to_string(), numbers.len(), false)
        })
    };
    let entries = [("fake_score", in_zip(fake)), ("G", in_zip(generator)), ("G_ema", in_zip(average))];
    let mut files = vec![("sid/data.pkl".to_string(), Py::dict(entries).pickle())];
    files.push(("sid/byteorder".into(), b"little".to_vec()));
    files.extend(storages.into_iter().enumerate().map(|(i, bytes)| (format!("sid/data/{i}"), bytes)));
    files
}

/// The same tensors without a word about the network, and without the preconditioner's prefix.
pub fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, (shape, numbers))| {
            let bare = name.strip_prefix("model.").expect("a prefix");
            (bare.to_string(), shape.clone(), le_bytes(numbers))
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a view"))
    });
    safetensors::serialize(views.collect::<Vec<_>>(), None).expect("serialises")
}
