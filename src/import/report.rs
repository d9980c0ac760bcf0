//! What an imported file turned out to be, for people.

use std::fmt;

use super::assemble::Imported;
use super::format::Format;
use crate::diffusion::{GeneratorKind, Precond};
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

    /// EDM's training states hold the network as it trains; what it publishes is the average.
    fn without_average(&self) -> Option<&'static str> {
        let raw = self.has_modules && self.chosen == "net";
        raw.then_some("this is the network as it trains; its average is in EDM's network-snapshot-*.pkl")
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
        let precond = match self.spec.precond {
            Precond::Edm => "EDM",
            Precond::Vp => "VP",
            Precond::Ve => "VE",
            Precond::Iddpm => "iDDPM",
        };
        let class = report.class.as_ref().map_or(String::new(), |class| format!(" (class {class})"));
        line("preconditioning", format!("{precond}{class}"))?;
        line("makes images", sampling(self.spec.kind))?;
        for what in &report.assumed {
            line("assumed", what.clone())?;
        }
        if let Some(last) = report.origin.without_average() {
            line("note", last.into())?;
        }
        if !report.ignored.is_empty() {
            line("not used", ignored(&report.ignored))?;
        }
        write!(f, "{:<16} {}", "licence", report.origin.licence())
    }
}

/// How many tensors the network does not need, and the names of the first.
fn ignored(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let tensors = if names.len() == 1 { "tensor" } else { "tensors" };
    format!("{} {tensors}: {}{more}", names.len(), names[..names.len().min(SHOWN)].join(", "))
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
        return of("ADM", unet);
    };
    let (embedding, encoder, decoder) = match (style.embedding, style.encoder, style.decoder) {
        (Embedding::Positional, Encoder::Standard, Decoder::Standard) => return of("DDPM++", unet),
        (Embedding::Fourier, Encoder::Residual, Decoder::Standard) => return of("NCSN++", unet),
        (embedding, encoder, decoder) => {
            (format!("{embedding:?}"), format!("{encoder:?}"), format!("{decoder:?}"))
        }
    };
    let parts = format!("{embedding} embedding, {encoder} encoder, {decoder} decoder").to_lowercase();
    of(&format!("between DDPM++ and NCSN++, {parts}"), unet)
}

fn of(name: &str, unet: &UnetConfig) -> String {
    let class = if unet.architecture == Architecture::Dhariwal { "DhariwalUNet" } else { "SongUNet" };
    let blocks = if unet.num_blocks == 1 { "block" } else { "blocks" };
    let attention = match unet.attn_resolutions.as_slice() {
        [] => "no attention but at the lowest resolution".to_string(),
        sides => format!("attention at {sides:?} pixels"),
    };
    format!(
        "{name} ({class}): {} channels × {:?}, {} {blocks} a level, {attention}",
        unet.model_channels, unet.channel_mult, unet.num_blocks
    )
}

/// `55733891` as `55,733,891`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}
