//! From tensors, and what the file says about them, to a network that can be built.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::infer::{Inferred, Shapes, infer};
use super::kwargs::from_kwargs;
use super::options::{Options, Role};
use super::report::{Origin, Report};
use crate::diffusion::{GeneratorKind, GeneratorSpec};
use crate::error::{Error, Kind, Result};
use crate::finite;

/// Noise level that SiD's generators start from (Zhou et al., 2024).
const SID_SIGMA_INIT: f64 = 2.5;
/// Heun steps that EDM samples with (Karras et al., 2022, table 2): up to this side, and above.
const SMALL_SIDE: usize = 32;
const STEPS_SMALL: usize = 18;
const STEPS_LARGE: usize = 40;

/// A pretrained network with all of its numbers.
#[derive(Clone, Debug)]
pub struct Imported {
    pub spec: GeneratorSpec,
    /// Parameters and buffers by EDM's names, row-major.
    pub tensors: BTreeMap<String, Vec<f32>>,
    pub report: Report,
}

/// What a file says about a network, before any number is read.
pub(super) struct Found {
    pub origin: Origin,
    /// Class and keyword arguments of the object, if it is one.
    pub made_as: Option<(String, Json)>,
    pub shapes: Shapes,
    /// Tensors around the network that are of none.
    pub left_out: Vec<String>,
}

/// Checks what was found against the network that it should be, and reads the numbers of every
/// tensor that belongs to it through `read` (`None` for a tensor of integers).
///
/// # Errors
/// `Kind::Checkpoint` naming what is missing, of another shape, or not a finite number.
pub(super) fn assemble(
    found: Found,
    options: &Options,
    read: &mut dyn FnMut(&str) -> Result<Option<Vec<f32>>>,
) -> Result<Imported> {
    let Found { origin, made_as, shapes, left_out } = found;
    let Inferred { precond, unet, mut assumed } = match &made_as {
        Some((class, kwargs)) => {
            let (precond, unet) = from_kwargs(kwargs, class)?;
            Inferred { precond, unet, assumed: Vec::new() }
        }
        None => infer(&shapes)?,
    };
    let role = options.role.unwrap_or(if origin.is_sid_generator() { Role::Sid } else { Role::Teacher });
    let kind = match role {
        Role::Sid => GeneratorKind::Sid { sigma_init: SID_SIGMA_INIT },
        Role::Teacher if unet.img_resolution <= SMALL_SIDE => {
            GeneratorKind::Teacher { sample_steps: STEPS_SMALL }
        }
        Role::Teacher => GeneratorKind::Teacher { sample_steps: STEPS_LARGE },
    };
    if options.role.is_none() && origin.is_ambiguous() {
        assumed.push("a teacher: an average alone may also be a SiD generator (--as sid)".into());
    }
    if options.precond.is_some() {
        assumed.retain(|what| !what.contains("--precond"));
    }
    let spec = GeneratorSpec { kind, precond: options.precond.unwrap_or(precond), unet };
    let layout = spec.layout().map_err(|e| Error { kind: Kind::Checkpoint, ..e })?;

    let mut tensors = BTreeMap::new();
    let params = layout.params().iter().map(|p| (p.name.as_str(), p.shape.clone()));
    let buffers = layout.buffers().iter().map(|b| (b.name.as_str(), vec![b.len]));
    // All shapes before the first number: a wrong file is refused before it takes memory.
    let wanted: Vec<(&str, Vec<usize>)> = params.chain(buffers).collect();
    for (name, want) in &wanted {
        match shapes.get(*name) {
            Some(got) if got == want => {}
            Some(got) => return Err(wrong(format!("{name} has the shape {got:?}, expected {want:?}"))),
            None => return Err(wrong(format!("it has no tensor named {name}"))),
        }
    }
    for (name, shape) in &wanted {
        let numbers = read(name).map_err(|e| Error { what: format!("{name}: {}", e.what), ..e })?;
        let numbers = numbers.ok_or_else(|| wrong(format!("{name} holds integers")))?;
        if numbers.len() != shape.iter().product::<usize>() {
            return Err(wrong(format!("{name} has {} numbers for the shape {shape:?}", numbers.len())));
        }
        tensors.insert((*name).to_string(), numbers);
    }
    finite::check_tensors(&tensors)?;
    let ignored = shapes.keys().filter(|name| !tensors.contains_key(*name)).cloned().collect();
    let class = made_as.map(|(class, _)| class);
    let parameters = layout.parameter_count();
    Ok(Imported { spec, tensors, report: Report { origin, class, parameters, assumed, left_out, ignored } })
}

fn wrong(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("the tensors do not fit the network: {what}"))
        .hint("the file may be damaged, or of a network that Signet does not know")
}
