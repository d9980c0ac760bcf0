//! The names that a pickle may use. Everything else is refused by name: a pickle that wants
//! `os.system` is an attack, one that wants an unknown class is a file of another program.

use crate::error::{Error, Kind, Result};
use crate::import::shown::shown;
use crate::import::torch::Dtype;

/// What an allowed name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    /// A dictionary in Python, and so here: `dict`, `OrderedDict`, EDM's `EasyDict`.
    Dict,
    List,
    Tuple,
    Set,
    /// `object`, the base of an old-style reconstruction.
    Object,
    /// `copyreg._reconstructor(class, base, state)`.
    Reconstructor,
    /// `_codecs.encode(text, "latin1")`: bytes in protocols below 3.
    Encode,
    NumpyScalar,
    NumpyDtype,
    /// An array of numpy's, or its class: kept as an object that nobody reads.
    NumpyArray,
    /// `torch.nn`'s containers, whose state lists sub-modules.
    ModuleContainer,
    /// An object of a class whose source text comes with the file (EDM's networks).
    PersistentClass,
    /// Typed storages; `None` has the type of the tensors on it.
    Storage(Option<Dtype>),
    Dtype(Dtype),
    TorchDevice,
    TorchSize,
    RebuildTensor,
    RebuildTensorTyped,
    RebuildParameter,
    /// A storage as the bytes of a stream of its own.
    LoadFromBytes,
    /// Settings of a training program: harmless, and never read.
    Settings,
}

/// Looks a name up.
///
/// # Errors
/// `Kind::Checkpoint` with the name, if it is not in the list.
pub fn allowed(module: &str, name: &str) -> Result<Global> {
    use Global as G;
    let global = match (module, name) {
        ("builtins" | "__builtin__", builtin) => match builtin {
            "dict" => Some(G::Dict),
            "list" => Some(G::List),
            "tuple" => Some(G::Tuple),
            "set" | "frozenset" => Some(G::Set),
            "object" => Some(G::Object),
            _ => None,
        },
        ("collections", "OrderedDict") | ("dnnlib.util" | "dnnlib", "EasyDict") => Some(G::Dict),
        ("copyreg" | "copy_reg", "_reconstructor") => Some(G::Reconstructor),
        ("_codecs", "encode") => Some(G::Encode),
        ("argparse", "Namespace") => Some(G::Settings),
        ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => Some(G::NumpyScalar),
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => Some(G::NumpyArray),
        ("numpy", "dtype") => Some(G::NumpyDtype),
        ("numpy", "ndarray") => Some(G::NumpyArray),
        ("torch_utils.persistence", "_reconstruct_persistent_obj") => Some(G::PersistentClass),
        ("torch.nn.modules.container", "ModuleDict" | "ModuleList" | "Sequential") => {
            Some(G::ModuleContainer)
        }
        ("torch._utils", rebuild) => match rebuild {
            "_rebuild_tensor" | "_rebuild_tensor_v2" => Some(G::RebuildTensor),
            "_rebuild_tensor_v3" => Some(G::RebuildTensorTyped),
            "_rebuild_parameter" | "_rebuild_parameter_with_state" => Some(G::RebuildParameter),
            _ => None,
        },
        ("torch.storage", "_load_from_bytes") => Some(G::LoadFromBytes),
        ("torch.storage", "UntypedStorage" | "_UntypedStorage") => Some(G::Storage(None)),
        ("torch", "Size") => Some(G::TorchSize),
        ("torch", "device") => Some(G::TorchDevice),
        ("torch" | "torch.cuda", storage) => torch_type(storage),
        _ => None,
    };
    global.ok_or_else(|| {
        let what =
            format!("the file asks for {}.{}, which is not a part of a network", shown(module), shown(name));
        Error::new(Kind::Checkpoint, what).hint(
            "nothing in it was run. If you trust where it comes from, load it in Python and save \
             net.state_dict() with torch.save; otherwise delete it",
        )
    })
}

/// `torch.FloatStorage`, `torch.float32` and their like.
fn torch_type(name: &str) -> Option<Global> {
    if let Some(kind) = name.strip_suffix("Storage") {
        let dtype = match kind {
            "Double" => Dtype::F64,
            "Float" => Dtype::F32,
            "Half" => Dtype::F16,
            "BFloat16" => Dtype::Bf16,
            "Long" => Dtype::I64,
            "Int" => Dtype::I32,
            "Short" => Dtype::I16,
            "Char" => Dtype::I8,
            "Byte" => Dtype::U8,
            "Bool" => Dtype::Bool,
            "Untyped" => return Some(Global::Storage(None)),
            _ => return None,
        };
        return Some(Global::Storage(Some(dtype)));
    }
    let dtype = match name {
        "float64" | "double" => Dtype::F64,
        "float32" | "float" => Dtype::F32,
        "float16" | "half" => Dtype::F16,
        "bfloat16" => Dtype::Bf16,
        "int64" | "long" => Dtype::I64,
        "int32" | "int" => Dtype::I32,
        "int16" | "short" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint8" => Dtype::U8,
        "bool" => Dtype::Bool,
        _ => return None,
    };
    Some(Global::Dtype(dtype))
}
