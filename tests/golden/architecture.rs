//! The architecture of every network that a case describes, from names and shapes alone.

use signet::diffusion::{GeneratorKind, GeneratorSpec, Precond};
use signet::import::{self, Shapes};
use signet::model::UnetConfig;

use crate::case::Case;

/// Names and shapes of the network's tensors: those of the case, or those that it lists.
fn shapes(case: &Case) -> Shapes {
    let stored = case.json["tensors"].as_object().into_iter().flatten();
    let stored = stored.filter_map(|(name, tensor)| Some((name.strip_prefix("param.")?, tensor)));
    let listed = ["parameters", "buffers"].into_iter();
    let listed = listed.flat_map(|key| case.json[key].as_array().into_iter().flatten());
    let listed = listed.filter_map(|tensor| Some((tensor["name"].as_str()?, tensor)));
    stored
        .chain(listed)
        .map(|(name, tensor)| {
            let shape = tensor["shape"].as_array().expect("a shape");
            (name.to_string(), shape.iter().map(|s| s.as_u64().expect("a size") as usize).collect())
        })
        .collect()
}

/// Names and shapes of what a configuration builds.
fn built(unet: &UnetConfig, precond: Precond) -> Vec<(String, Vec<usize>)> {
    let kind = GeneratorKind::Teacher { sample_steps: 18 };
    let layout = GeneratorSpec { kind, precond, unet: unet.clone() }.layout().expect("a network");
    layout.params().iter().map(|p| (p.name.clone(), p.shape.clone())).collect()
}

/// None for a case without a network, otherwise whether its architecture was found, or why not.
pub fn check(case: &Case) -> Option<Result<(), String>> {
    let shapes = shapes(case);
    let class = case.config()["precond"].as_str()?;
    if shapes.is_empty() {
        return None;
    }
    let (precond, unet) = import::from_kwargs(case.config(), class).expect("a network");
    Some(import::infer(&shapes).map_err(|e| e.to_string()).and_then(|found| {
        // Dropout does not show, nor does attention where it is asked for and no block is wide enough.
        let attn_resolutions = found.unet.attn_resolutions.clone();
        let unseen = UnetConfig { dropout: 0.0, attn_resolutions, ..unet.clone() };
        let same = unseen == found.unet && built(&unet, precond) == built(&found.unet, found.precond);
        // Of the preconditioners only one shows.
        let precond_fits = (precond == Precond::Iddpm) == (found.precond == Precond::Iddpm);
        (same && precond_fits).then_some(()).ok_or_else(|| format!("{found:?}, expected {unet:?}"))
    }))
}
