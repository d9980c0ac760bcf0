//! `signet sample`: pictures of chosen seeds from a trained model.

mod set;

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use self::set::Set;
use super::output::say;
use super::{Sigmas, parse_seeds};
use crate::data::{self, pixels};
use crate::diffusion::{Classes, Generator, MOST_STEPS, Sampler, SignSampler, Solver, Starts};
use crate::error::{Error, Result};
use crate::finite::check_rows;
use crate::gpu::{self, DeviceSpec};
use crate::train;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A run folder (its newest checkpoint), a checkpoint folder, or a model file
    model: PathBuf,
    /// Which pictures: one seed is always the same picture
    #[arg(long, default_value = "0-63", value_name = "LIST")]
    seeds: String,
    /// Pictures of this class, where the model knows classes [default: all in turn]
    #[arg(long, value_name = "N")]
    class: Option<u32>,
    /// Steps: sampler steps of a teacher, applications of a SIGN model [default: the model's own]
    #[arg(long)]
    steps: Option<usize>,
    #[command(flatten)]
    sampler: SamplerArgs,
    #[command(flatten)]
    sign: SignArgs,
    /// Folder for the pictures, which are one set: it has no others; a sheet of them goes beside it, as
    /// DIR-sheet.png [default: samples, or samples-2, … where another set is in it]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
}

/// What a teacher's sampler is told (Karras et al., 2022, algorithm 2).
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Teachers only")]
struct SamplerArgs {
    /// heun (second order) or euler (first order)
    #[arg(long, value_parser = parse_solver, value_name = "NAME")]
    solver: Option<Solver>,
    /// Fresh noise added over all steps together; 0 is deterministic
    #[arg(long, allow_negative_numbers = true, value_name = "AMOUNT")]
    churn: Option<f64>,
    /// No fresh noise below this noise level
    #[arg(long, allow_negative_numbers = true, value_name = "SIGMA", requires = "churn")]
    churn_min: Option<f64>,
    /// No fresh noise above this noise level
    #[arg(long, allow_negative_numbers = true, value_name = "SIGMA", requires = "churn")]
    churn_max: Option<f64>,
    /// Standard deviation of the fresh noise
    #[arg(long, allow_negative_numbers = true, value_name = "STD", requires = "churn")]
    churn_noise: Option<f64>,
}

/// How a SIGN model is applied to its own images.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "SIGN models only")]
struct SignArgs {
    #[arg(long, allow_negative_numbers = true, value_name = "TOL", help = until_help())]
    until: Option<f32>,
    /// After the first application, add noise of each of these falling levels and apply the model again:
    /// 2.5,0.6,0.15
    #[arg(long, value_name = "LIST", conflicts_with_all = ["until", "steps"])]
    sigmas: Option<Sigmas>,
}

/// Most applications to an image that is to come to rest, unless --steps says otherwise.
const UNTIL_STEPS: usize = 32;

fn until_help() -> String {
    format!(
        "Apply the model to each image until its pixels change by less than this (root mean square, [-1, 1] units), at most --steps times [default: {UNTIL_STEPS}]"
    )
}

fn parse_solver(text: &str) -> Result<Solver, String> {
    match text {
        "heun" => Ok(Solver::Heun),
        "euler" => Ok(Solver::Euler),
        _ => Err("the solvers are heun and euler".into()),
    }
}

/// Pictures of the sheet are drawn this much larger.
const SHEET_SCALE: u32 = 4;
/// Most pictures on the sheet; single files are written for all.
const MOST_ON_SHEET: usize = 256;
/// Pictures that are in memory at once.
const PIECE: usize = 1024;

/// Where the sheet goes: beside the folder of samples, which is a set of images that can be measured.
fn beside(out: &Path) -> PathBuf {
    // `.` has a name and a place all the same.
    let whole = out.file_name().is_none().then(|| out.canonicalize().ok()).flatten();
    let out = whole.as_deref().unwrap_or(out);
    match out.file_name() {
        Some(name) => out.with_file_name(format!("{}-sheet.png", name.to_string_lossy())),
        None => out.join("sheet.png"),
    }
}

impl Args {
    pub fn run(self) -> Result<()> {
        let seeds = parse_seeds(&self.seeds)
            .map_err(|e| Error::usage(format!("--seeds {}: {e}", self.seeds)).hint("write 0-63 or 1,5,9"))?;
        if let Some(steps) = self.steps.filter(|s| !(1..=MOST_STEPS).contains(s)) {
            return Err(Error::usage(format!("--steps {steps}")).hint(format!("give 1 to {MOST_STEPS}")));
        }
        let opened = gpu::open(&self.device)?;
        say!("device: {} ({})", opened.name, opened.reason);
        let generator = super::open_model(&self.model, &opened.device)?;
        let set = Set {
            model: self.model.display().to_string(),
            weights: train::fingerprint_of(&generator.weights().named()?),
            settings: self.settings(),
        };
        let out = set::folder(self.out.as_deref(), &set, &seeds)?;
        if self.out.is_none() && out != Path::new(set::USUAL) {
            say!("{} has pictures of another set: these go to {}", set::USUAL, out.display());
        }
        let unet = &generator.spec.unet;
        let (mut pictures, mut secs, mut applications) = (Vec::new(), 0.0, Vec::new());
        for (piece, seeds) in seeds.chunks(PIECE).enumerate() {
            let classes = self.class.map_or(Classes::SpreadFrom(piece * PIECE), Classes::One);
            let starts = Starts::new(unet, seeds, classes)?;
            let clock = std::time::Instant::now();
            let images = self.images(&generator, &starts, &mut applications)?;
            secs += clock.elapsed().as_secs_f64();
            check_rows("samples", &images, generator.image_len())?;
            for (i, (seed, chw)) in seeds.iter().zip(images.chunks(generator.image_len())).enumerate() {
                let picture = pixels::picture_from_chw(chw, unet.img_channels, unet.img_resolution);
                let class = starts.classes.as_ref().and_then(|classes| classes.get(i).copied());
                data::save_png(&picture, &out.join(set::file_name(*seed)), &set.texts(*seed, class))?;
                if pictures.len() < MOST_ON_SHEET {
                    pictures.push(picture);
                }
            }
        }
        let columns = (pictures.len() as f64).sqrt().ceil() as usize;
        let sheet = beside(&out);
        data::save_png(&pixels::grid(&pictures, columns, SHEET_SCALE, 2), &sheet, &[])?;
        say!(
            "{} pictures in {secs:.2} s, {:.0} images/s: {}; sheet: {}",
            seeds.len(),
            seeds.len() as f64 / secs,
            out.display(),
            sheet.display()
        );
        if let (Some(fewest), Some(most)) = (applications.iter().min(), applications.iter().max()) {
            let mean = applications.iter().sum::<usize>() as f64 / applications.len() as f64;
            say!("applications of the model to an image: {fewest} to {most}, {mean:.1} on average");
        }
        Ok(())
    }

    /// The flags that change the pictures of a seed, as JSON.
    fn settings(&self) -> String {
        let SamplerArgs { solver, churn, churn_min, churn_max, churn_noise } = &self.sampler;
        let SignArgs { until, sigmas } = &self.sign;
        let solver = solver.map(|solver| match solver {
            Solver::Heun => "heun",
            Solver::Euler => "euler",
        });
        let settings = json!({
            "class": self.class, "steps": self.steps, "solver": solver, "churn": churn, "churn_min": churn_min,
            "churn_max": churn_max, "churn_noise": churn_noise, "until": until,
            "sigmas": sigmas.as_ref().map(|Sigmas(sigmas)| sigmas),
        });
        let given = settings.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        Value::Object(given.map(|(name, value)| (name.clone(), value.clone())).collect()).to_string()
    }

    /// The images of `starts`; how often a SIGN model was applied to each is added to `applications`.
    fn images(
        &self,
        generator: &Generator,
        starts: &Starts,
        applications: &mut Vec<usize>,
    ) -> Result<Vec<f32>> {
        match (generator.sampler(), self.steps) {
            (None, _) if self.sampler.any() => Err(Error::usage(
                "--solver and --churn belong to a teacher's sampler: this model is a student",
            )
            .hint("leave them out")),
            _ if self.sign.any() => {
                let samples = generator.sample_sign(starts, &self.sign.sampler(self.steps))?;
                applications.extend(samples.applications);
                Ok(samples.images)
            }
            (Some(sampler), _) => generator.integrate(starts, &self.sampler.on_top_of(sampler, self.steps)?),
            (None, Some(times)) => generator.apply(starts, times),
            (None, None) => generator.sample(starts),
        }
    }
}

impl SignArgs {
    fn any(&self) -> bool {
        self.until.is_some() || self.sigmas.is_some()
    }

    fn sampler(&self, steps: Option<usize>) -> SignSampler {
        match &self.sigmas {
            Some(Sigmas(sigmas)) => SignSampler::Renoised { sigmas: sigmas.clone() },
            None => SignSampler::Recursive { most: steps.unwrap_or(UNTIL_STEPS), tolerance: self.until },
        }
    }
}

impl SamplerArgs {
    fn any(&self) -> bool {
        self.solver.is_some() || self.churn.is_some()
    }

    fn on_top_of(&self, mut sampler: Sampler, steps: Option<usize>) -> Result<Sampler> {
        sampler.steps = steps.unwrap_or(sampler.steps);
        sampler.solver = self.solver.unwrap_or(sampler.solver);
        let churn = &mut sampler.churn;
        set("--churn", self.churn, &mut churn.amount)?;
        set("--churn-min", self.churn_min, &mut churn.within[0])?;
        set("--churn-max", self.churn_max, &mut churn.within[1])?;
        set("--churn-noise", self.churn_noise, &mut churn.noise_std)?;
        Ok(sampler)
    }
}

/// Puts a flag's number where it belongs.
fn set(flag: &str, given: Option<f64>, place: &mut f64) -> Result<()> {
    match given {
        None => Ok(()),
        Some(value) if value.is_finite() && value >= 0.0 => {
            *place = value;
            Ok(())
        }
        Some(value) => Err(Error::usage(format!("{flag} {value}")).hint("give a number from 0 up")),
    }
}
