//! Files made to harm: each gives an error, holds little memory, and no code in it runs.

use std::io::Write;

use signet::import::{self, Options};
use signet::random::{Random, Stream};
use zip::CompressionMethod;

use crate::allowed_memory;
use crate::files::{self, identity, module_state, nested, persistent, rebuilt};
use crate::memory::peak_of;
use crate::python::Py;

/// The error that `bytes` give, within the memory that their length allows.
pub fn refused(what: &str, bytes: &[u8]) -> String {
    let (result, peak) = peak_of(|| import::read(bytes, &Options::default()));
    let allowed = allowed_memory(bytes.len());
    assert!(peak <= allowed, "{what}: {peak} bytes held for a file of {}, allowed {allowed}", bytes.len());
    match result {
        Err(error) => {
            assert!(!error.what.chars().any(char::is_control), "{what}: {error:?}");
            error.to_string()
        }
        Ok(imported) => panic!("{what}: read as\n{imported}"),
    }
}

pub fn raw(bytes: &[u8]) -> Vec<u8> {
    [b"\x80\x04", bytes, b"."].concat()
}

#[test]
fn no_function_is_called() {
    let names = [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("builtins", "getattr"),
        ("builtins", "__import__"),
        ("__builtin__", "eval"),
        ("subprocess", "Popen"),
        ("torch", "load"),
        ("torch.hub", "load"),
        ("torch.storage", "os.system"),
        ("numpy", "load"),
        ("collections", "OrderedDict.__init__"),
        ("functools", "partial"),
        ("operator", "attrgetter"),
    ];
    for (module, name) in names {
        let text = format!("c{module}\n{name}\n(X\x04\x00\x00\x00truetR");
        let stacked = {
            let mut out = Vec::new();
            for text in [module, name] {
                out.extend([0x8c, text.len() as u8]);
                out.extend(text.as_bytes());
            }
            out.extend(b"\x93\x8c\x04true\x85R");
            out
        };
        let inst = format!("(X\x04\x00\x00\x00truei{module}\n{name}\n");
        let object = format!("(c{module}\n{name}\nX\x04\x00\x00\x00trueo");
        let hidden = format!("ccopyreg\n_reconstructor\n(c{module}\n{name}\ncbuiltins\nobject\nNtR");
        for code in [text.into_bytes(), stacked, inst.into_bytes(), object.into_bytes(), hidden.into_bytes()]
        {
            let error = refused(name, &raw(&code));
            assert!(
                error.contains(&format!("{module}.{name}")) && error.contains("nothing in it was run"),
                "{error}"
            );
        }
        // In the place of a tensor's storage, within a stream of its own.
        let call: &'static str = Box::leak(module.into());
        let name: &'static str = Box::leak(name.into());
        let stream = files::legacy_stream(&Py::Call(call, name, vec![Py::str("true")]), &[]);
        let storage = Py::Call("torch.storage", "_load_from_bytes", vec![Py::Bytes(stream)]);
        let mut tensors = files::tensors(0);
        let last = tensors.pop_last().expect("tensors").0;
        let mut first = true;
        let network = files::network(&files::tensors(0), &mut |numbers| {
            if std::mem::take(&mut first) { storage.clone() } else { nested(numbers) }
        });
        let error = refused(&last, &Py::dict([("ema", network)]).pickle());
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn calling_what_is_no_class() {
    for code in
        [&b"K\x01)R"[..], b"N)R", b"}]R", b"cbuiltins\ndict\nNR", b"cbuiltins\ndict\nK\x01\x85R", b")\x81"]
    {
        refused("a call", &raw(code));
    }
}

#[test]
fn structures_that_contain_themselves() {
    refused("a list in itself", &raw(b"]\x94h\x00a"));
    refused("a dictionary in itself", &raw(b"}\x94X\x03\x00\x00\x00emah\x00s"));
    refused("a tuple through a list", &raw(b"](h\x00t\x94a"));
    // A module that is its own child, at every level of names.
    let state = b"}\x94(X\x08\x00\x00\x00_modules}X\x01\x00\x00\x00mh\x01su";
    let module =
        [b"ctorch.nn.modules.container\nModuleDict\n)\x81\x94".as_slice(), b"q\x01", state, b"b"].concat();
    refused("a module in itself", &raw(&module));
    // Settings that contain themselves.
    let settings = Py::Raw(b"}\x94q\x63X\x01\x00\x00\x00ah\x63s".to_vec());
    let error = refused("settings in themselves", &with_settings(settings));
    assert!(error.contains("settings"), "{error}");
}

fn with_settings(settings: Py) -> Vec<u8> {
    let tensor = rebuilt(nested(&[1.0]), 0, Py::sizes(&[1]), Py::sizes(&[1]));
    let mut state = module_state(Py::dict([("weight", tensor)]), Py::dict([]));
    state.push(("_init_kwargs", settings));
    Py::dict([("ema", persistent("EDMPrecond", Py::dict(state)))]).pickle()
}

/// A list of two references to a list of two references, and so on `levels` times.
fn laughs(levels: u8) -> Vec<u8> {
    let mut code = b"](K\x01K\x01eq\x00".to_vec();
    for level in 0..levels {
        code.extend([b'0', b']', b'(', b'h', level, b'h', level, b'e', b'q', level + 1]);
    }
    code
}

#[test]
fn a_billion_laughs() {
    refused("lists", &raw(&laughs(200)));
    let error = refused("settings", &with_settings(Py::Raw(laughs(60))));
    assert!(error.contains("settings"), "{error}");
    // Modules: each has the one before as two children.
    let mut code =
        b"ctorch.nn.modules.container\nModuleDict\n)\x81}X\x08\x00\x00\x00_modules}sbq\x00".to_vec();
    for level in 0..40 {
        code.extend(
            b"ctorch.nn.modules.container\nModuleDict\n)\x81}X\x08\x00\x00\x00_modules}(X\x01\x00\x00\x00a",
        );
        code.extend([b'h', level]);
        code.extend(b"X\x01\x00\x00\x00b");
        code.extend([b'h', level]);
        code.extend(b"usbq");
        code.push(level + 1);
    }
    refused("modules", &raw(&code));
    // Copies of copies: sets, dictionaries and bytes made of one long value again and again.
    let mut sets = b"](".to_vec();
    sets.extend(b"K\x01".repeat(1000));
    sets.extend(b"eq\x00cbuiltins\nset\nq\x01");
    sets.extend(b"h\x01h\x00\x85R0".repeat(10_000));
    assert!(refused("copies", &raw(&sets)).contains("over and over"));
    let mut bytes = b"X\x00\x10\x00\x00".to_vec();
    bytes.extend([b'a'; 4096]);
    bytes.extend(b"q\x00c_codecs\nencode\nq\x01");
    bytes.extend(b"h\x01h\x00\x85R0".repeat(10_000));
    assert!(refused("encodings", &raw(&bytes)).contains("over and over"));
}

#[test]
fn memo_bombs() {
    refused("unset", &raw(b"h\x05"));
    refused("unset, far", &raw(b"j\xff\xff\xff\xff"));
    let mut sparse = b"N".to_vec();
    for key in (0..100_000u32).map(|i| i.wrapping_mul(0x9e37_79b9)) {
        sparse.push(b'r');
        sparse.extend(key.to_le_bytes());
    }
    refused("sparse", &raw(&sparse));
    refused("dense", &raw(&[b"N".as_slice(), &[0x94].repeat(200_000)].concat()));
}

#[test]
fn lengths_beyond_the_file() {
    let huge = [&b"\xff\xff\xff\x7f"[..], b"\xff\xff\xff\xff", b"\x00\x00\x00\x80"];
    for len in huge {
        for code in *b"XBT\x8b" {
            refused("32 bits", &raw(&[&[code][..], len, b"abc"].concat()));
        }
        for code in [0x8d, 0x8e, 0x96] {
            refused("64 bits", &raw(&[&[code][..], len, b"\xff\xff\xff\xff", b"abc"].concat()));
            refused("64 bits", &raw(&[&[code][..], len, b"\0\0\0\0", b"abc"].concat()));
        }
    }
    refused("a long integer", &raw(&[&b"\x8b\x00\x01\x00\x00"[..], &[1; 256]].concat()));
    for header in [u64::MAX, 1 << 40, 1 << 62, 0, 3] {
        refused("safetensors", &[&header.to_le_bytes()[..], b"{\"a\":{}}"].concat());
    }
    let stream = files::legacy_file(&files::tensors(0));
    for at in stream.len() - 9000..stream.len() - 8000 {
        let mut stream = stream.clone();
        stream[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        // Where it hits numbers, the file is sound.
        let _ = import::read(&stream, &Options::default());
    }
}

#[test]
fn nesting() {
    let deep = 1_000_000;
    refused("marks", &raw(&b"(".repeat(deep)));
    refused("lists", &raw(&[b"]".repeat(deep), b"a".repeat(deep - 1)].concat()));
    refused("tuples", &raw(&[&b"N"[..], &[0x85].repeat(deep)].concat()));
    refused("dictionaries", &raw(&[b"}N".repeat(deep / 2), b"N".to_vec(), b"s".repeat(deep / 2)].concat()));
    refused("too many instructions", &raw(&b"N0".repeat(3 << 20)));
}

#[test]
fn tensors_that_lie() {
    let max = i64::MAX;
    let cases: [(&str, i64, Vec<i64>, Vec<i64>); 9] = [
        ("overflowing shape", 0, vec![max, max], vec![1, 1]),
        ("large shape", 0, vec![1 << 40], vec![1]),
        ("negative size", 0, vec![-1], vec![1]),
        ("negative stride", 0, vec![2], vec![-1]),
        ("overflowing stride", 0, vec![2, 2], vec![max, max]),
        ("overflowing offset", max, vec![2], vec![1]),
        ("offset past the end", 8, vec![1], vec![1]),
        ("stride missing", 0, vec![2, 2], vec![1]),
        ("a repeated number", 0, vec![1 << 20], vec![0]),
    ];
    for (what, offset, shape, strides) in cases {
        for zipped in [false, true] {
            let mut first = true;
            let mut lie = |numbers: &[f32], storage: Py| {
                let sizes = |list: &[i64]| Py::Tuple(list.iter().map(|v| Py::Int(*v)).collect());
                if std::mem::take(&mut first) {
                    rebuilt(storage, offset, sizes(&shape), sizes(&strides))
                } else {
                    rebuilt(storage, 0, Py::sizes(&[numbers.len()]), Py::sizes(&[1]))
                }
            };
            let entries = |storage: &dyn Fn(usize) -> Py, lie: &mut dyn FnMut(&[f32], Py) -> Py| {
                let names = files::tensors(0).into_keys().enumerate();
                Py::Dict(names.map(|(i, name)| (name, lie(&[0.0; 8], storage(i)))).collect())
            };
            let bytes = if zipped {
                let pickle = entries(&|i| identity(&i.to_string(), 8, false), &mut lie).pickle();
                let mut files = vec![("a/data.pkl".to_string(), pickle)];
                files.extend((0..100).map(|i| (format!("a/data/{i}"), vec![0; 32])));
                files::zip(&files, CompressionMethod::Stored)
            } else {
                entries(&|_| nested(&[0.0; 8]), &mut lie).pickle()
            };
            refused(what, &bytes);
        }
    }
    let many = Py::Tuple(vec![Py::Int(1); 100]);
    let tensor = rebuilt(nested(&[1.0]), 0, many.clone(), many);
    refused("a hundred dimensions", &Py::dict([("a", tensor.clone()), ("b", tensor)]).pickle());
}

/// The right shapes, but every tensor sees one small storage through strides of zero, or one large
/// storage is asked for again and again.
#[test]
fn small_storages_for_large_networks() {
    let tensors = files::tensors(0);
    for (numbers, stride) in [(1, 0), (20_000, 1)] {
        let mut code = vec![0x80, 2];
        let storage = nested(&vec![0.0; numbers]).pickle();
        code.extend(&storage[2..storage.len() - 1]);
        code.extend(b"q\x000");
        let dict = Py::Dict(
            tensors
                .iter()
                .map(|(name, (shape, _))| {
                    let strides = Py::sizes(&vec![stride * 5000 / shape.len().max(1); shape.len()]);
                    (name.clone(), rebuilt(Py::Raw(b"h\x00".to_vec()), 0, Py::sizes(shape), strides))
                })
                .collect(),
        )
        .pickle();
        code.extend(&dict[2..]);
        refused("a small storage", &code);
    }
}

#[test]
fn zip_bombs() {
    let zeros = vec![0u8; 64 << 20];
    let bomb = files::zip(&[("a/data.pkl".into(), zeros.clone())], CompressionMethod::Deflated);
    assert!(bomb.len() < 1 << 20);
    refused("a pickle of zeros", &bomb);

    let count = zeros.len() / 4;
    let tensor = rebuilt(identity("0", count, false), 0, Py::sizes(&[count]), Py::sizes(&[1]));
    let names = files::tensors(0).into_keys();
    let pickle = Py::Dict(names.map(|name| (name, tensor.clone())).collect()).pickle();
    let files = [("a/data.pkl".to_string(), pickle), ("a/data/0".into(), zeros)];
    refused("a storage of zeros", &files::zip(&files, CompressionMethod::Deflated));

    // Few bytes that unpack to many, of which each makes a value: alone, and beside what does not pack.
    for (code, count, beside) in
        [(&b"]"[..], 1_048_000, 0), (b"]", 4_000_000, 1 << 19), (b"P\n", 2_000_000, 1 << 19)]
    {
        let pickle = [b"\x80\x02".to_vec(), code.repeat(count), b".".to_vec()].concat();
        let random = Random::new(0, Stream::SelfTest);
        let noise: Vec<u8> =
            (0..beside / 16).flat_map(|i| random.words(0, i)).flat_map(u32::to_le_bytes).collect();
        let files = [("a/data.pkl".to_string(), pickle), ("a/data/0".into(), noise)];
        let error = refused("a pickle of lists", &files::zip(&files, CompressionMethod::Deflated));
        assert!(error.contains("would unpack") || error.contains("has more than"), "{error}");
    }

    // A directory that declares more files than there are.
    let sound = files::zip(
        &files::sid_files(&files::tensors(0), &files::tensors(1), &files::tensors(2)),
        CompressionMethod::Stored,
    );
    let end = sound.len() - 22;
    for (at, len) in [(8, 2), (10, 2), (12, 4), (16, 4)] {
        let mut zip = sound.clone();
        zip[end + at..end + at + len].fill(0xff);
        // The count of this disk alone is not what is read.
        let _ = peak_of(|| import::read(&zip, &Options::default()));
        if at > 8 {
            refused("a directory", &zip);
        }
    }
    let mut wide = sound[..end].to_vec();
    let record = wide.len() as u64;
    wide.write_all(b"PK\x06\x06").expect("memory");
    wide.extend(44u64.to_le_bytes());
    wide.extend([0; 12]);
    for _ in 0..4 {
        wide.extend((1u64 << 60).to_le_bytes());
    }
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend(record.to_le_bytes());
    wide.extend([1, 0, 0, 0]);
    wide.extend(&sound[end..]);
    refused("a 64-bit directory", &wide);
}

/// Names that would clear the screen, or go on for pages.
#[test]
fn names_that_talk_to_the_terminal() {
    let names = ["\x1b[2J\x1b]0;a\x07", "\r\nsafe", "\u{202e}gpj"];
    let long = "a".repeat(100_000);
    let tensor = rebuilt(nested(&[1.0]), 0, Py::sizes(&[1]), Py::sizes(&[1]));
    let bent = rebuilt(nested(&[1.0]), -1, Py::sizes(&[1]), Py::sizes(&[1]));
    for name in names.into_iter().chain([long.as_str()]) {
        let other = format!("{name}2");
        let dict = |tensor: &Py| Py::dict([(name, tensor.clone()), (&other, tensor.clone())]);
        let settings = Py::dict([("img_resolution", Py::str(name))]);
        let mut state = module_state(Py::dict([("a", tensor.clone())]), Py::dict([]));
        state.push(("_init_kwargs", settings));
        let files = [
            ("networks", Py::dict([(name, dict(&tensor)), (&other, dict(&tensor))])),
            ("tensors", dict(&bent)),
            ("a setting", persistent("EDMPrecond", Py::dict(state.clone()))),
            ("a class", persistent(&format!("{name}Precond"), Py::dict(state))),
        ];
        for (what, file) in files {
            let error = refused(what, &file.pickle());
            assert!(!error.contains('\u{202e}') && error.len() < 2000, "{what}: {error:?}");
        }
    }
    // A sound network that is called so is described on lines that stay lines.
    let network = files::network(&files::tensors(0), &mut nested);
    let imported = import::read(&Py::dict([(names[0], network)]).pickle(), &Options::default());
    let described = imported.unwrap_or_else(|e| panic!("{e}")).to_string();
    assert!(described.contains("[2J") && !described.contains('\x1b'), "{described:?}");
}
