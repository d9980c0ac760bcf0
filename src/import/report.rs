//! What an imported file turned out to be, for people.

use std::fmt;

use super::assemble::Imported;
use super::format::Format;
use crate::diffusion::GeneratorKind;
use crate::model::{Architecture, Decoder, Embedding, Encoder, UnetConfig};

/// Where a network was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub format: Format,
    /// Networks in the file, by name.
    pub networks: Vec<String>,
    /// The one that was taken.
    pub chosen: String,
    /// Whether the file has what EDM and SiD write: modules with their classes.
    pub has_modules: bool,
    /// Whether it also says how its network was trained.
    pub has_loss: bool,
}

impl Origin {
    /// SiD keeps the generator it trains, and its average, under these names.
    pub fn is_sid_generator(&self) -> bool {
        ["G", "G_ema"].contains(&self.chosen.as_str())
    }

    fn is_sid(&self) -> bool {
        self.networks.iter().any(|name| ["G", "G_ema", "fake_score"].contains(&name.as_str()))
    }

    /// EDM's teachers and SiD's generators are both published as an average alone.
    pub fn is_ambiguous(&self) -> bool {
        self.has_modules && self.chosen == "ema" && !self.has_loss
    }

    /// What is known of the licence: a notice, for no file says where it comes from.
    pub fn licence(&self) -> &'static str {
        match (self.is_sid(), self.has_modules) {
            (true, _) => {
                "written by SiD's program, whose repository is under Apache-2.0; distilled from EDM's \
                 published weights, those weights' CC BY-NC-SA 4.0 may apply"
            }
            (_, true) => {
                "written by EDM's program; the weights that NVIDIA published with EDM are under \
                 CC BY-NC-SA 4.0 (not for commercial use)"
            }
            _ => "the file does not say; EDM's published weights are under CC BY-NC-SA 4.0",
        }
    }
}

/// What was found and what was assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub origin: Origin,
    /// Class of the object that held the network.
    pub class: Option<String>,
    /// Trained numbers.
    pub parameters: usize,
    /// What the file does not show.
    pub assumed: Vec<String>,
    /// Tensors that the network does not need.
    pub ignored: Vec<String>,
}

/// The description that `signet import --describe` prints.
impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unet, report) = (&self.spec.unet, &self.report);
        let mut line = |name: &str, text: String| writeln!(f, "{name:<16} {text}");
        line("file", report.origin.format.describe().into())?;
        line("networks", format!("{} (taken: {})", report.origin.networks.join(", "), report.origin.chosen))?;
        line("architecture", architecture(unet))?;
        line("parameters", grouped(report.parameters))?;
        let colours = if unet.img_channels == 1 { "gray" } else { "RGB" };
        line("images", format!("{0}×{0} pixels, {colours}", unet.img_resolution))?;
        line(
            "labels",
            if unet.label_dim == 0 { "none".into() } else { format!("{} classes", unet.label_dim) },
        )?;
        if unet.augment_dim > 0 {
            line("augmentation", format!("{} labels", unet.augment_dim))?;
        }
        line("dropout", unet.dropout.to_string())?;
        let class = report.class.as_ref().map_or(String::new(), |class| format!(" (class {class})"));
        line("preconditioning", format!("{:?}{class}", self.spec.precond))?;
        line("makes images", sampling(self.spec.kind))?;
        for what in &report.assumed {
            line("assumed", what.clone())?;
        }
        if !report.ignored.is_empty() {
            line("not used", format!("{} tensors that follow from the others", report.ignored.len()))?;
        }
        write!(f, "{:<16} {}", "licence", report.origin.licence())
    }
}

fn sampling(kind: GeneratorKind) -> String {
    match kind {
        GeneratorKind::Teacher { sample_steps } => format!("in {sample_steps} Heun steps (a teacher)"),
        GeneratorKind::Sid { sigma_init } => format!("in one step from sigma {sigma_init} (a SiD generator)"),
        GeneratorKind::Sign => "in one step, or again on its own images (SIGN)".into(),
    }
}

fn architecture(unet: &UnetConfig) -> String {
    let Architecture::Song(style) = &unet.architecture else {
        return format!("ADM (DhariwalUNet), {}", size(unet));
    };
    let name = match (style.embedding, style.encoder, style.decoder) {
        (Embedding::Positional, Encoder::Standard, Decoder::Standard) => "DDPM++",
        (Embedding::Fourier, Encoder::Residual, Decoder::Standard) => "NCSN++",
        _ => "between DDPM++ and NCSN++",
    };
    format!(
        "{name} (SongUNet: {:?} embedding, {:?} encoder, {:?} decoder, filter {:?}), {}",
        style.embedding,
        style.encoder,
        style.decoder,
        style.resample_filter,
        size(unet)
    )
}

fn size(unet: &UnetConfig) -> String {
    format!(
        "{} channels × {:?}, {} blocks a level, attention at {:?}",
        unet.model_channels, unet.channel_mult, unet.num_blocks, unet.attn_resolutions
    )
}

/// `55733891` as `55,733,891`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}
