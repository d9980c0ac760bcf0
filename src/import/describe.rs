//! An imported network in words, for people.

use std::fmt;

use super::assemble::Imported;
use super::shown::shown;
use crate::diffusion::{GeneratorKind, Precond};
use crate::model::{Architecture, Decoder, Embedding, Encoder, UnetConfig};

/// The description that `signet import --describe` prints.
impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unet, report) = (&self.spec.unet, &self.report);
        let mut line = |name: &str, text: String| writeln!(f, "{name:<16} {text}");
        line("file", report.origin.format.describe().into())?;
        let networks = listed(&report.origin.networks);
        line("networks", format!("{networks} (taken: {})", shown(&report.origin.chosen)))?;
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
        let class = report.class.as_ref().map_or(String::new(), |class| format!(" (class {})", shown(class)));
        line("preconditioning", format!("{precond}{class}"))?;
        line("makes images", sampling(self.spec.kind))?;
        for what in &report.assumed {
            line("assumed", what.clone())?;
        }
        if let Some(last) = report.origin.without_average() {
            line("note", last.into())?;
        }
        if let Some(choice) = report.origin.choice() {
            line("note", choice)?;
        }
        if !report.left_out.is_empty() {
            line("left out", first(&report.left_out, 8))?;
        }
        if !report.ignored.is_empty() {
            line("not used", first(&report.ignored, 3))?;
        }
        write!(f, "{:<16} {}", "licence", report.origin.licence())
    }
}

/// How many tensors there are, and the names of the first.
fn first(names: &[String], shown: usize) -> String {
    let more = if names.len() > shown { ", …" } else { "" };
    let tensors = if names.len() == 1 { "tensor" } else { "tensors" };
    format!("{} {tensors}: {}{more}", names.len(), listed(&names[..names.len().min(shown)]))
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
}

fn sampling(kind: GeneratorKind) -> String {
    match kind {
        GeneratorKind::Teacher { sample_steps } => format!("in {sample_steps} Heun steps (a teacher)"),
        GeneratorKind::Sid { sigma_init } => format!("in one step from sigma {sigma_init} (a SiD generator)"),
        GeneratorKind::Sign { .. } => "in one step, or again on its own images (SIGN)".into(),
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
