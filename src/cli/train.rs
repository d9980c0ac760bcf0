//! `signet train`: resolves the recipe, starts the trainer, and shows it in a window or a terminal.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::output::{complain, print, say};
use super::stopping::Asked;
use super::{json_face, terminal};
use crate::app;
use crate::error::{Error, Kind, Result};
use crate::gpu::DeviceSpec;
use crate::plain_file;
use crate::recipe::{self, Method, PRESETS, Recipe};
use crate::report;
use crate::run::link::Link;
use crate::run::message::{Command, Ending};
use crate::run::{self, Limits, Meant, Options, RECIPE_FILE};
use crate::watch;

#[derive(Debug, ClapArgs)]
#[command(after_help = recipes_help(), after_long_help = settings_help())]
pub struct Args {
    /// A recipe's name or TOML file, or a run folder to go on with [default: demo, or small-sign with --data]
    recipe: Option<String>,
    /// Your images: a folder, an EDM zip, IDX (MNIST) or CIFAR-10 binary file
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    #[arg(long, value_name = "PIXELS", help = recipe::help("data.size"))]
    size: Option<usize>,
    #[arg(long, value_parser = parse_method, value_name = "sid|sign", help = recipe::help("student.method"))]
    method: Option<Method>,
    /// Use this trained teacher (a run folder, a checkpoint, or a file as `signet import` takes)
    #[arg(long, value_name = "PATH")]
    teacher: Option<PathBuf>,
    #[arg(long, help = recipe::help("data.use_labels"))]
    labels: bool,
    #[arg(long, value_parser = parse_yes, value_name = "yes|no", help = recipe::help("data.x_flip"))]
    x_flip: Option<bool>,
    #[arg(long, value_name = "N", help = recipe::help("teacher.micro_batch"))]
    batch_gpu: Option<usize>,
    #[arg(long, help = recipe::help("seed"))]
    seed: Option<u32>,
    /// Thousand images for the teacher's stage; more than a run has had train it longer
    #[arg(long, allow_negative_numbers = true, value_name = "KIMG")]
    teacher_kimg: Option<f64>,
    /// Thousand images for the student's stage; more than a run has had train it longer
    #[arg(long, allow_negative_numbers = true, value_name = "KIMG")]
    student_kimg: Option<f64>,
    /// Stop after so many thousand training images of the run, all stages together
    #[arg(long, value_name = "KIMG", value_parser = parse_positive)]
    max_kimg: Option<f64>,
    /// Stop after so many minutes; the same command goes on later
    #[arg(long, value_name = "MINUTES", value_parser = parse_positive)]
    max_minutes: Option<f64>,
    /// Folder for runs
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
    /// Start a new run even if one with this recipe can go on
    #[arg(long, conflicts_with = "resume")]
    fresh: bool,
    /// Go on with this run folder
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// auto, cpu, wgpu, wgpu:N or list
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
    /// Train on a GPU without the checks before its first training, also one that has failed them
    #[arg(long)]
    untested_device: bool,
    /// No window: progress in the terminal
    #[arg(long)]
    headless: bool,
    /// No window: one JSON object a line on standard output
    #[arg(long)]
    json: bool,
    /// In the terminal: say of every number all that it was measured under (files and --json always do)
    #[arg(long)]
    conditions: bool,
    /// Print the resolved recipe and end
    #[arg(long)]
    print_recipe: bool,
}

fn recipes_help() -> String {
    let rows = PRESETS.iter().map(|(name, what)| format!("  {name:<12} {what}"));
    format!("Recipes:\n{}", rows.collect::<Vec<_>>().join("\n"))
}

fn settings_help() -> String {
    format!("{}\n\nSettings of a recipe, with their defaults:\n{}", recipes_help(), recipe::settings_help())
}

fn parse_method(text: &str) -> Result<Method, String> {
    match text {
        "sid" => Ok(Method::Sid),
        "sign" => Ok(Method::Sign),
        _ => Err("the methods are sid and sign".into()),
    }
}

fn parse_yes(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("say yes or no".into()),
    }
}

fn parse_positive(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(format!("{value} is not above 0")) }
}

impl Args {
    pub fn run(self) -> Result<()> {
        if self.device == DeviceSpec::List {
            return super::doctor::list_devices();
        }
        let run = self.run_named();
        if let (Some(named), Some(resume)) = (&run, &self.resume)
            && named.canonicalize().ok() != resume.canonicalize().ok()
        {
            return Err(
                Error::usage("two runs are named").hint("name the run to go on with, or its recipe file")
            );
        }
        let resume = self.resume.clone().or_else(|| run.clone().filter(|_| !self.fresh));
        let recipe = self.resolve(run.as_deref().or(resume.as_deref()))?;
        let is_own = run.is_some() || (self.recipe.is_none() && resume.is_some());
        if self.print_recipe {
            print(format_args!("{}", recipe::to_toml(&recipe)?));
            return Ok(());
        }
        let windowed = !self.headless && !self.json;
        let window = windowed && app::display_available();
        let title = format!("Signet: {}", recipe.name);
        let options = Options {
            out: self.out,
            fresh: self.fresh,
            resume,
            device: self.device,
            untested_device: self.untested_device,
            limits: Limits { max_kimg: self.max_kimg, max_minutes: self.max_minutes },
            // A run's own recipe says how long it shall be.
            meant: Meant {
                teacher_kimg: self.teacher_kimg.is_some() || is_own,
                student_kimg: self.student_kimg.is_some() || is_own,
            },
            stays: window,
        };
        let device = options.device.clone();
        let conditions = self.conditions;
        let (link, thread) = if window {
            // A window may stay: it follows a run that another process trains.
            run::start_or_follow(recipe, options, report::write_beside, watch::follow)?
        } else {
            run::start(recipe, options, report::write_beside)?
        };
        let commands = link.commands.clone();
        let asked = Asked::listen(commands.clone(), window)?;
        let shown = if self.json {
            json_face::follow(&link).map(Some)
        } else if window {
            app::run(link, &title, &device).and_then(|shown| match shown {
                app::Shown::Closed => Ok(None),
                app::Shown::Never(why, link) => {
                    complain(&why.to_string());
                    in_terminal(&link, &title, true, conditions).map(Some)
                }
            })
        } else {
            in_terminal(&link, &title, windowed, conditions).map(Some)
        };
        // The trainer has said its last word, or its face is gone: either way it ends by itself, once it
        // knows that nobody is left to edit for.
        let _ = commands.send(Command::Leave);
        let joined = thread.join();
        let status = asked.status();
        if status != 0 && shown.as_ref().is_ok_and(|ending| *ending != Some(Ending::Finished)) {
            // A script must not go on as if the run had ended by itself.
            std::process::exit(status);
        }
        shown?;
        joined.map_err(|_| Error::new(Kind::Device, "the trainer's thread did not end well"))
    }

    /// The run folder that stands in a recipe's place.
    fn run_named(&self) -> Option<PathBuf> {
        let path = PathBuf::from(self.recipe.as_ref()?);
        plain_file::exists(&path.join(RECIPE_FILE)).then_some(path)
    }

    /// The recipe with the flags on top; that of `run` where no other is named.
    fn resolve(&self, run: Option<&Path>) -> Result<Recipe> {
        // What is no run folder is told when it is opened.
        let own = run.filter(|run| plain_file::exists(&run.join(RECIPE_FILE)));
        let default = if self.data.is_some() { "small-sign" } else { "demo" };
        let mut recipe = match (self.recipe.as_deref().filter(|_| self.run_named().is_none()), own) {
            (None, Some(run)) => run::recipe_of(run)?.0,
            (named, _) => self.named(named.unwrap_or(default))?,
        };
        if let Some(data) = &self.data {
            recipe.data.path = Some(std::path::absolute(data).map_err(|e| Error::io(data, "find", &e))?);
        }
        if let Some(teacher) = &self.teacher {
            recipe.teacher.path =
                Some(std::path::absolute(teacher).map_err(|e| Error::io(teacher, "find", &e))?);
        }
        if let Some(method) = self.method {
            recipe.student.method = method;
        }
        recipe.data.size = self.size.unwrap_or(recipe.data.size);
        recipe.data.use_labels |= self.labels;
        recipe.data.x_flip = self.x_flip.unwrap_or(recipe.data.x_flip);
        if let Some(size) = self.batch_gpu {
            (recipe.teacher.micro_batch, recipe.student.micro_batch) = (size, size);
        }
        recipe.seed = self.seed.unwrap_or(recipe.seed);
        recipe.teacher.kimg = self.teacher_kimg.unwrap_or(recipe.teacher.kimg);
        recipe.student.kimg = self.student_kimg.unwrap_or(recipe.student.kimg);
        recipe::check(&recipe)?;
        Ok(recipe)
    }

    /// The recipe of that name, or in that file.
    fn named(&self, name: &str) -> Result<Recipe> {
        match recipe::preset(name) {
            Some(mut recipe) => {
                let size = self.size.unwrap_or(recipe.data.size);
                recipe::fit(&mut recipe, size);
                Ok(recipe)
            }
            None if name.ends_with(".toml") || Path::new(name).exists() => recipe::read(Path::new(name)),
            None => Err(Error::usage(format!("there is no recipe called `{name}`")).hint(format!(
                "choose one of {}, or give a TOML file or a run folder",
                recipe::names().join(", ")
            ))),
        }
    }
}

/// Shows the run to its end, `instead` of in a window or as it was wished.
fn in_terminal(link: &Link, title: &str, instead: bool, conditions: bool) -> Result<Ending> {
    if instead {
        say!("no display here: showing progress in the terminal (as with --headless)");
    }
    terminal::follow(link, conditions).inspect(|ending| terminal::farewell(*ending, title))
}
