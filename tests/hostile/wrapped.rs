//! Networks inside what training programs put around them: wrappers' names, counters, losses, averages beside what
//! they are of.

use safetensors::tensor::{Dtype, TensorView};
use signet::import::{self, Imported, Options};
use zip::CompressionMethod;

use crate::files::{self, Tensors, identity, rebuilt, row_major};
use crate::python::Py;

/// A file of torch's while it is put together.
#[derive(Default)]
struct Torch {
    storages: Vec<Vec<u8>>,
}

impl Torch {
    fn tensor(&mut self, shape: &[usize], numbers: &[f32]) -> Py {
        let key = self.storages.len().to_string();
        self.storages.push(numbers.iter().flat_map(|v| v.to_le_bytes()).collect());
        rebuilt(identity(&key, numbers.len(), false), 0, Py::sizes(shape), Py::sizes(&row_major(shape)))
    }

    /// One whole number, as programs count.
    fn counter(&mut self, value: i64) -> Py {
        let key = self.storages.len().to_string();
        self.storages.push(value.to_le_bytes().to_vec());
        let class = Py::Global("torch", "LongStorage");
        let name = vec![Py::str("storage"), class, Py::str(&key), Py::str("cpu"), Py::Int(1)];
        rebuilt(Py::Persistent(Box::new(Py::Tuple(name))), 0, Py::sizes(&[]), Py::sizes(&[]))
    }

    /// The tensors under `name` made of their own.
    fn named(&mut self, tensors: &Tensors, name: impl Fn(&str) -> String) -> Vec<(String, Py)> {
        tensors.iter().map(|(own, (shape, numbers))| (name(own), self.tensor(shape, numbers))).collect()
    }

    fn behind(&mut self, prefix: &str, tensors: &Tensors) -> Vec<(String, Py)> {
        self.named(tensors, |own| format!("{prefix}{own}"))
    }

    fn file(self, root: &Py) -> Vec<u8> {
        let mut files = vec![("a/data.pkl".to_string(), root.pickle())];
        files.extend(self.storages.into_iter().enumerate().map(|(i, bytes)| (format!("a/data/{i}"), bytes)));
        files::zip(&files, CompressionMethod::Stored)
    }
}

fn read(what: &str, bytes: &[u8]) -> Imported {
    import::read(bytes, &Options::default()).unwrap_or_else(|e| panic!("{what}: {e}"))
}

fn same(what: &str, imported: &Imported, tensors: &Tensors) {
    assert_eq!(imported.tensors.len(), tensors.len(), "{what}");
    for (name, (_, numbers)) in tensors {
        assert_eq!(&imported.tensors[name], numbers, "{what}: {name}");
    }
}

/// The tensors' own names begin with `model.`; what stands behind that is put in its place by `{}`.
const SHAPES: [&str; 14] = [
    "module.model.{}",
    "model.module.{}",
    "model._orig_mod.{}",
    "_orig_mod.model.{}",
    "module.model._orig_mod.{}",
    "_forward_module.module._orig_mod.model.{}",
    "net.model.{}",
    "model.net.model.{}",
    "ema_model.module.model.{}",
    "denoiser._fsdp_wrapped_module.model.{}",
    "pl_module.unet.{}",
    "model.model.{}",
    "generator.{}",
    "{}",
];

#[test]
fn a_network_is_found_by_its_own_names() {
    let tensors = files::tensors(0);
    let inner = |own: &str| own.strip_prefix("model.").expect("a prefix").to_string();
    for shape in SHAPES {
        let named = |own: &str| shape.replace("{}", &inner(own));
        let mut torch = Torch::default();
        let mut entries = torch.named(&tensors, named);
        entries.push(("n_averaged".into(), torch.counter(7)));
        entries.push(("loss_fn.weight".into(), torch.tensor(&[2], &[1.0, 2.0])));
        let whole = torch.file(&Py::Dict(entries.clone()));
        let imported = read(shape, &whole);
        same(shape, &imported, &tensors);
        assert_eq!(imported.report.left_out, ["loss_fn.weight", "n_averaged"], "{shape}");
        let said = imported.to_string();
        assert!(said.contains("left out") && said.contains("n_averaged"), "{said}");

        // The same in a .safetensors, with the counter as the whole number that it is.
        let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
            .iter()
            .map(|(own, (shape, v))| {
                (named(own), shape.clone(), v.iter().flat_map(|v| v.to_le_bytes()).collect())
            })
            .collect();
        let count = 7i64.to_le_bytes();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a view"))
        });
        let counter = ("n_averaged", TensorView::new(Dtype::I64, vec![], &count).expect("a view"));
        let safetensors = safetensors::serialize(views.chain([counter]), None).expect("serialises");
        let imported = read(shape, &safetensors);
        same(shape, &imported, &tensors);
        assert_eq!(imported.report.left_out, ["n_averaged"], "{shape}");
    }
}

/// Wrappers around single blocks, as compiling or sharding them one by one leaves.
#[test]
fn wrappers_in_the_middle_of_names_come_off() {
    let tensors = files::tensors(0);
    for wrapper in ["_orig_mod", "_checkpoint_wrapped_module", "module", "_fsdp_wrapped_module"] {
        let mut torch = Torch::default();
        let entries = torch.named(&tensors, |own| match own.rsplit_once('.') {
            Some((layer, number)) if own.contains("block") => format!("{layer}.{wrapper}.{number}"),
            _ => own.to_string(),
        });
        same(wrapper, &read(wrapper, &torch.file(&Py::Dict(entries))), &tensors);
    }
    // What is no wrapper of torch's is not taken for the weight itself.
    let mut torch = Torch::default();
    let entries = torch.named(&tensors, |own| own.replace("conv0.", "conv0.lora_A."));
    import::read(&torch.file(&Py::Dict(entries)), &Options::default()).expect_err("read");
}

#[test]
fn averages_come_before_what_they_are_of() {
    let (raw, average) = (files::tensors(1), files::tensors(2));
    let cases: [(&str, &str, &str, &str, &str); 9] = [
        ("state_dict", "model.", "state_dict_ema", "model.", "state_dict_ema"),
        ("model", "", "ema", "module.", "ema"),
        ("model", "online.", "ema", "module.", "ema"),
        ("net", "", "params_ema", "", "params_ema"),
        ("net", "", "averaged_model", "module.", "averaged_model"),
        ("model_state_dict", "", "ema_state_dict", "module.", "ema_state_dict"),
        ("ema", "online_model.", "ema", "ema_model.", "ema.ema_model"),
        ("state_dict", "net.", "state_dict", "net_ema.", "state_dict.net_ema"),
        ("", "model.", "", "model_ema.module.", "model_ema"),
    ];
    for (raw_key, raw_prefix, average_key, average_prefix, chosen) in cases {
        let mut torch = Torch::default();
        let (raw_part, mut average_part) =
            (torch.behind(raw_prefix, &raw), torch.behind(average_prefix, &average));
        average_part.push(("n_averaged".into(), torch.counter(3)));
        let root = match (raw_key, average_key) {
            ("", _) => Py::Dict([raw_part, average_part].concat()),
            (raw, average) if raw == average => {
                Py::dict([("step", Py::Int(3)), (raw, Py::Dict([raw_part, average_part].concat()))])
            }
            (raw, average) => Py::dict([(raw, Py::Dict(raw_part)), (average, Py::Dict(average_part))]),
        };
        let bytes = torch.file(&root);
        let imported = read(chosen, &bytes);
        let origin = &imported.report.origin;
        assert_eq!((origin.chosen.as_str(), origin.networks.len()), (chosen, 2), "{:?}", origin.networks);
        same(chosen, &imported, &average);
        let said = imported.to_string();
        assert!(said.contains("the average of the weights") && said.contains("--network"), "{said}");
        // The other one can be had by its name.
        let other = origin.networks.iter().find(|name| *name != chosen).expect("another");
        let options = Options { network: Some(other.clone()), ..Options::default() };
        same(other, &import::read(&bytes, &options).unwrap_or_else(|e| panic!("{e}")), &raw);
    }
}

/// Wherever training programs put dictionaries into dictionaries.
#[test]
fn networks_deep_in_a_file_are_found() {
    let (raw, average) = (files::tensors(1), files::tensors(2));
    let mut torch = Torch::default();
    let deep = Py::dict([("shadow", Py::Dict(torch.behind("module.", &average)))]);
    let callbacks = Py::dict([("EMACallback{'decay': 0.999}", deep)]);
    let moments = Py::Dict(torch.behind("exp_avg.", &raw));
    let root = Py::dict([
        ("optimizer_states", Py::List(vec![Py::dict([("state", moments)])])),
        ("state_dict", Py::Dict(torch.behind("net.", &raw))),
        ("callbacks", callbacks),
        ("step", torch.counter(7)),
        ("rate", torch.tensor(&[1], &[0.5])),
    ]);
    let imported = read("deep", &torch.file(&root));
    assert!(imported.report.origin.chosen.ends_with("shadow"), "{:?}", imported.report.origin);
    same("deep", &imported, &average);
}

/// Averages without the network's names: numbers in its order, and names without their dots.
#[test]
fn averages_without_names_are_put_in_their_places() {
    let (raw, average) = (files::tensors(1), files::tensors(2));
    let mut torch = Torch::default();
    let numbers = average.values().map(|(shape, numbers)| torch.tensor(shape, numbers)).collect();
    let ema = Py::dict([("decay", Py::Float(0.999)), ("shadow_params", Py::List(numbers))]);
    let root = Py::dict([("model", Py::Dict(torch.behind("module.", &raw))), ("ema", ema)]);
    let imported = read("a list", &torch.file(&root));
    assert_eq!(imported.report.origin.chosen, "ema.shadow_params");
    same("a list", &imported, &average);

    let mut torch = Torch::default();
    let mut entries = torch.behind("net.", &raw);
    entries.push(("model_ema.decay".into(), torch.tensor(&[], &[0.999])));
    entries.push(("model_ema.num_updates".into(), torch.counter(9)));
    entries.extend(torch.named(&average, |own| format!("model_ema.{}", own.replace('.', ""))));
    let root = Py::dict([("state_dict", Py::Dict(entries))]);
    let imported = read("no dots", &torch.file(&root));
    assert_eq!(imported.report.origin.chosen, "state_dict.model_ema");
    same("no dots", &imported, &average);

    // A list that does not fit is no average of this network, and the file says that there may be one.
    let mut torch = Torch::default();
    let numbers = (0..9).map(|_| torch.tensor(&[2], &[1.0, 2.0])).collect();
    let ema = Py::dict([("shadow_params", Py::List(numbers))]);
    let root = Py::dict([("model", Py::Dict(torch.behind("", &raw))), ("ema", ema)]);
    let imported = read("another list", &torch.file(&root));
    same("another list", &imported, &raw);
    assert!(imported.to_string().contains("ema.shadow_params may be an average"), "{imported}");
}

#[test]
fn doubt_is_told() {
    let (first, second) = (files::tensors(1), files::tensors(2));
    for [a, b] in [["student_a.", "student_b."], ["ema_0.", "ema_1."], ["model.", "module.model."]] {
        let mut torch = Torch::default();
        let entries = [torch.behind(a, &first), torch.behind(b, &second)].concat();
        let error = import::read(&torch.file(&Py::Dict(entries)), &Options::default()).expect_err("read");
        let said = error.to_string();
        assert!(said.contains("several") && said.contains("--network"), "{said}");
    }
}

#[test]
fn weights_that_are_not_finite_are_refused_in_every_kind_of_file() {
    for (number, word) in
        [(f32::NAN, "1 NaN of"), (f32::INFINITY, "1 infinite of"), (f32::NEG_INFINITY, "infinite")]
    {
        let mut tensors = files::tensors(0);
        let (name, (_, numbers)) = tensors.iter_mut().nth(3).expect("a tensor");
        let name = name.clone();
        numbers[0] = number;
        for bytes in [
            files::edm_pickle(&tensors),
            files::legacy_file(&tensors),
            files::zip(&files::state_dict_files(&tensors), CompressionMethod::Stored),
            files::safetensors(&tensors),
        ] {
            let error = import::read(&bytes, &Options::default()).expect_err("read").to_string();
            assert!(error.contains(&name) && error.contains(word), "{error}");
        }
    }
    // A number of 64 bits that 32 bits do not hold.
    let tensors = files::tensors(0);
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, (shape, v))| {
            let wide = v.iter().map(|v| if name.contains("map_layer0.bias") { 1e300 } else { f64::from(*v) });
            (name.clone(), shape.clone(), wide.flat_map(f64::to_le_bytes).collect())
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F64, shape.clone(), bytes).expect("a view"))
    });
    let bytes = safetensors::serialize(views, None).expect("serialises");
    let error = import::read(&bytes, &Options::default()).expect_err("read").to_string();
    assert!(error.contains("map_layer0.bias") && error.contains("infinite"), "{error}");
}
