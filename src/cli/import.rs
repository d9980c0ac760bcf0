//! `signet import`: takes a pretrained network over, or says what is in a file.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::{Args as ClapArgs, ValueEnum};

use super::belongs_to;
use super::output::say;
use crate::diffusion::Precond;
use crate::error::{Error, Result};
use crate::import::{self, Options, Role};
use crate::train;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// EDM's network snapshot or training state, SiD's, a torch state dict (.pt, .pth), .safetensors
    file: PathBuf,
    /// Write the network as a model file that every command takes
    #[arg(short, long, value_name = "FILE.safetensors", required_unless_present = "describe")]
    output: Option<PathBuf>,
    /// Say what is in the file: architecture, parameters, labels, licence
    #[arg(long)]
    describe: bool,
    /// Which of the file's networks [default: the average]
    #[arg(long, value_name = "NAME")]
    network: Option<String>,
    /// Preconditioning, where the file does not say it
    #[arg(long, value_enum)]
    precond: Option<PrecondName>,
    /// What the network is, where the file does not say it
    #[arg(long = "as", value_enum)]
    role: Option<RoleName>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PrecondName {
    Edm,
    Vp,
    Ve,
    Iddpm,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// A denoiser that makes images in many steps
    Teacher,
    /// A SiD generator, which makes them in one
    Sid,
}

impl Args {
    pub fn run(self) -> Result<()> {
        if self.file.is_file() && train::is_model(&self.file)? {
            // What cannot be used at all is told first.
            train::load_generator(&self.file, None, &Device::flex())?;
            return Err(Error::usage(format!("{} is a model of Signet's already", self.file.display()))
                .hint("use it as it is: every command that takes a model takes it"));
        }
        let imported = import::open(&self.file, &self.options())?;
        say!("{imported}");
        let Some(output) = &self.output else { return Ok(()) };
        if belongs_to(output, &self.file) {
            return Err(Error::usage(format!("--output {} is the file that is read", output.display()))
                .hint("give another name"));
        }
        train::write_model(output, &imported.spec, &imported.tensors)?;
        say!("written: {}", output.display());
        Ok(())
    }

    fn options(&self) -> Options {
        Options {
            network: self.network.clone(),
            precond: self.precond.map(|name| match name {
                PrecondName::Edm => Precond::Edm,
                PrecondName::Vp => Precond::Vp,
                PrecondName::Ve => Precond::Ve,
                PrecondName::Iddpm => Precond::Iddpm,
            }),
            role: self.role.map(|name| match name {
                RoleName::Teacher => Role::Teacher,
                RoleName::Sid => Role::Sid,
            }),
        }
    }
}
