//! A run from its first message to its last checkpoint: one stage after another.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use burn::tensor::Device;

use super::folder::RunFolder;
use super::measure::Reference;
use super::message::{Command, Ending, Message, Progress, Stage};
use super::options::{Limits, Options};
use super::resume::{Found, find};
use super::running::Running;
use super::stats::Stats;
use crate::data::{self, Dataset, Loader};
use crate::diffusion::{Denoiser, GeneratorKind, GeneratorSpec};
use crate::error::{Error, Kind, Result};
use crate::gpu;
use crate::recipe::{self, Recipe};
use crate::train::{self, At, Checkpoint, Named};

/// A single image has neither an order nor a covariance.
const LEAST_IMAGES: usize = 2;

/// An open run.
pub struct Session {
    pub(super) recipe: Recipe,
    pub(super) recipe_hash: String,
    pub(super) limits: Limits,
    pub(super) device: Device,
    pub(super) data: Arc<Dataset>,
    pub(super) loader: Loader,
    pub(super) reference: Option<Reference>,
    pub(super) folder: RunFolder,
    /// Keeps other trainers out of the folder.
    _lock: std::fs::File,
    /// The pretrained teacher that the recipe names.
    teacher: Option<(GeneratorSpec, Named)>,
    pub(super) stats: Stats,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) says: Sender<Message>,
    pub(super) hears: Receiver<Command>,
    pub(super) started: Instant,
    /// Seconds of training in earlier processes.
    pub(super) earlier_secs: f64,
    /// Steps and images of the stages before the present one.
    pub(super) before: At,
}

impl Session {
    /// Opens device, data and run folder, and says `Started`.
    pub fn open(
        recipe: Recipe,
        options: Options,
        says: Sender<Message>,
        hears: Receiver<Command>,
    ) -> Result<Self> {
        let say = |message| {
            // A face that is gone does not stop a run.
            let _ = says.send(message);
        };
        let opened = gpu::open(&options.device)?;
        say(Message::Note(format!("device: {} ({})", opened.name, opened.reason)));
        let mut progress =
            |done, total| say(Message::Preparing { what: "reading images".into(), done, total });
        let (dataset, report) = data::open(&recipe.data, recipe.seed, &mut progress)?;
        say(Message::Note(report.to_string()));
        if dataset.len() < LEAST_IMAGES {
            return Err(Error::new(Kind::Data, "one image is not a data set").hint("give two images or more"));
        }
        // Whatever can be wrong is found before a run folder is made.
        let unet = train::unet_config(&recipe, dataset.channels, dataset.size);
        Denoiser::new(unet)?;
        let found = find(&recipe, &options, &dataset.hash)?;
        let resumed = found.as_ref().and_then(|f| f.checkpoint.as_ref()).map(|c| c.manifest.stage);
        // A student that goes on has its teacher among its own tensors.
        let teacher = match resumed {
            None | Some(Stage::Teacher) => given_teacher(&recipe, &dataset, &opened.device)?,
            Some(Stage::Sid | Stage::Sign) => None,
        };
        let (folder, checkpoint, broken) = match found {
            Some(Found { folder, checkpoint, broken }) => (folder, checkpoint, broken),
            None => (RunFolder::create(&options.out, &recipe)?, None, Vec::new()),
        };
        let lock = folder.lock()?;
        broken.into_iter().for_each(|e| say(Message::Warning(e.to_string())));
        say(Message::Started {
            run_dir: folder.path.clone(),
            recipe: recipe.name.clone(),
            device: opened.name.clone(),
            resolution: dataset.size,
            resumed_from: checkpoint.as_ref().map(|c| c.path.clone()),
        });
        let data = Arc::new(dataset);
        let resumed = checkpoint.as_ref().map(|c| (c.manifest.stage, c.manifest.total_steps));
        Ok(Self {
            recipe_hash: recipe::hash(&recipe)?,
            limits: options.limits,
            loader: Loader::new(data.clone(), recipe.seed, recipe.data.x_flip),
            stats: Stats::open(&folder.path, resumed)?,
            earlier_secs: checkpoint.as_ref().map_or(0.0, |c| c.manifest.elapsed_secs),
            device: opened.device,
            reference: None,
            started: Instant::now(),
            before: At { step: 0, images: 0 },
            recipe,
            data,
            _lock: lock,
            folder,
            teacher,
            checkpoint,
            says,
            hears,
        })
    }

    pub fn run_dir(&self) -> PathBuf {
        self.folder.path.clone()
    }

    /// Trains stage after stage until the recipe is finished, a limit is reached or a face says stop.
    pub fn train(&mut self) -> Result<Ending> {
        let count = self.recipe.report.grid.min(self.data.len());
        let reals: Vec<_> = (0..count).map(|i| self.data.picture(i * self.data.len() / count)).collect();
        let written = self.folder.write_grid("reals.png", &reals).map(|_| ());
        self.tolerate(written)?;
        self.say(Message::Reals(Arc::new(reals)));

        let mut ending = Ending::Finished;
        let mut teacher = self.teacher.take();
        let stages = self.stages();
        let resumed = self.checkpoint.as_ref().map(|c| c.manifest.stage);
        let first = stages.iter().position(|(s, _)| Some(*s) == resumed).unwrap_or(0);
        for (stage, stage_kimg) in stages.into_iter().skip(first) {
            let mut running = self.begin_stage(stage, stage_kimg, teacher.as_ref())?;
            if running.finished() {
                let text = format!("the {} stage of this run is finished already", stage.name());
                self.say(Message::Note(text));
                self.preview(&running)?;
            }
            ending = self.run_stage(&mut running)?;
            if ending != Ending::Finished {
                break;
            }
            if stage == Stage::Teacher {
                let generator = running.trainer.generator()?;
                teacher = Some((generator.spec.clone(), generator.weights().named()?));
            }
            self.before.step += running.at.step;
            self.before.images += running.at.images;
        }
        let summary = serde_json::json!({
            "recipe": self.recipe.name,
            "recipe_hash": self.recipe_hash,
            "seed": self.recipe.seed,
            "ending": ending,
            "elapsed_secs": self.elapsed_secs(),
            "data": { "name": self.data.name, "images": self.data.len(), "hash": self.data.hash },
            "last": self.stats.last(),
        });
        self.folder.write_summary(&summary)?;
        Ok(ending)
    }

    /// Stages with their length in thousands of images.
    fn stages(&self) -> Vec<(Stage, f64)> {
        let mut stages = Vec::new();
        if self.recipe.teacher.path.is_none() {
            stages.push((Stage::Teacher, self.recipe.teacher.kimg));
        }
        if self.recipe.student.kimg > 0.0 {
            stages.push((self.recipe.student.method.into(), self.recipe.student.kimg));
        }
        stages
    }

    fn begin_stage(
        &mut self,
        stage: Stage,
        stage_kimg: f64,
        teacher: Option<&(GeneratorSpec, Named)>,
    ) -> Result<Running> {
        let unet = train::unet_config(&self.recipe, self.data.channels, self.data.size);
        let resumed = self.checkpoint.take().filter(|c| c.manifest.stage == stage);
        // A student that goes on has its teacher among its own tensors.
        let kept = resumed.as_ref().and_then(|c| train::teacher_of(&c.state, &c.manifest.generator));
        let teacher = kept.as_ref().or(teacher).map(|(spec, named)| (spec, named));
        let mut trainer = train::trainer(&self.recipe, stage, teacher, unet, &self.device)?;
        self.say(Message::StageStarted { stage, parameters: trainer.parameters() });
        let mut at = At { step: 0, images: 0 };
        if let Some(checkpoint) = resumed {
            trainer.restore(&checkpoint.state).map_err(|e| e.at(&checkpoint.path))?;
            at = At { step: checkpoint.manifest.step, images: checkpoint.manifest.images };
            self.before = At {
                step: checkpoint.manifest.total_steps - at.step,
                images: checkpoint.manifest.images_before,
            };
        } else {
            let says = self.says.clone();
            let mut progress = |done, total| {
                let what = format!("preparing the {} stage", stage.name());
                let _ = says.send(Message::Preparing { what, done, total });
            };
            trainer.prepare(&self.loader, &mut progress)?;
        }
        Ok(Running { trainer, at, stage_kimg, images_per_sec: 0.0, sums: Vec::new() })
    }

    pub(super) fn limit_reached(&self, running: &Running) -> bool {
        let kimg = (self.before.images + running.at.images) as f64 / 1000.0;
        self.limits.max_kimg.is_some_and(|most| kimg >= most)
            || self.limits.max_minutes.is_some_and(|most| self.started.elapsed().as_secs_f64() >= most * 60.0)
    }

    pub(super) fn elapsed_secs(&self) -> f64 {
        self.earlier_secs + self.started.elapsed().as_secs_f64()
    }

    pub(super) fn progress(&self, running: &Running) -> Progress {
        Progress {
            stage: running.trainer.stage(),
            step: running.at.step,
            kimg: running.at.images as f64 / 1000.0,
            stage_kimg: running.stage_kimg,
            elapsed_secs: self.elapsed_secs(),
        }
    }

    /// A picture or a line that could not be written is a warning; training goes on. A device that is
    /// lost is not.
    pub(super) fn tolerate(&self, outcome: Result<()>) -> Result<()> {
        match outcome {
            Err(error) if matches!(error.kind, Kind::Io | Kind::Data | Kind::Usage) => {
                self.say(Message::Warning(error.to_string()));
                Ok(())
            }
            other => other,
        }
    }

    pub(super) fn say(&self, message: Message) {
        // A face that is gone does not stop a run.
        let _ = self.says.send(message);
    }
}

/// The pretrained teacher of the recipe, if it names one.
fn given_teacher(recipe: &Recipe, data: &Dataset, device: &Device) -> Result<Option<(GeneratorSpec, Named)>> {
    let Some(path) = &recipe.teacher.path else { return Ok(None) };
    let generator = train::load_generator(path, Some(Stage::Teacher), device)?;
    let unet = &generator.spec.unet;
    let wrong = |what: String, hint: &str| Err(Error::checkpoint(path, what).hint(hint));
    if !matches!(generator.spec.kind, GeneratorKind::Teacher { .. }) {
        return wrong("this model is a student, not a teacher".into(), "give the checkpoint of a teacher");
    }
    if (unet.img_resolution, unet.img_channels) != (data.size, data.channels) {
        return wrong(
            format!(
                "the teacher makes {0}×{0} images of {1} channels, the data are {2}×{2} of {3}",
                unet.img_resolution, unet.img_channels, data.size, data.channels
            ),
            "set data.size (--size) to the teacher's",
        );
    }
    Ok(Some((generator.spec.clone(), generator.weights().named()?)))
}
