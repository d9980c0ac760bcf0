//! A run from its first message to its last checkpoint: one stage after another.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Instant;

use burn::tensor::Device;

use super::answer::answer;
use super::folder::RunFolder;
use super::measure::Reference;
use super::message::{Command, Ending, Message, Progress, Stage};
use super::process::{Limits, Options};
use super::resume::{Beginning, begin};
use super::stats::Stats;
use crate::data::{self, Dataset, Loader, pixels};
use crate::diffusion::{Generator, GeneratorKind, GeneratorSpec};
use crate::error::Result;
use crate::gpu;
use crate::random::{Random, Stream};
use crate::recipe::{self, Recipe};
use crate::train::{self, At, Checkpoint, Losses, Manifest, Named, StageTrainer};

/// Images between two lines of `stats.jsonl`.
const STATS_EVERY: u64 = 256;
/// The time of that many latest steps gives the speed.
const SPEED_SMOOTHING: f64 = 0.95;

/// An open run.
pub struct Session {
    recipe: Recipe,
    recipe_hash: String,
    limits: Limits,
    device: Device,
    data: Arc<Dataset>,
    loader: Loader,
    reference: Option<Reference>,
    folder: RunFolder,
    stats: Stats,
    checkpoint: Option<Checkpoint>,
    says: Sender<Message>,
    hears: Receiver<Command>,
    started: Instant,
    /// Seconds of training in earlier processes.
    earlier_secs: f64,
    /// Steps and images of the stages before the present one.
    before: At,
}

/// What the commands between two steps come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    GoOn,
    Stop,
}

/// A stage in progress.
struct Running {
    trainer: Box<dyn StageTrainer>,
    at: At,
    stage_kimg: f64,
    images_per_sec: f64,
    /// Losses since the last line of `stats.jsonl`, and how many steps they add up.
    sums: Vec<(&'static str, f64)>,
    steps_summed: u32,
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
        report.warnings.iter().for_each(|w| say(Message::Warning(w.clone())));
        let Beginning { folder, checkpoint, broken } = begin(&recipe, &options)?;
        broken.into_iter().for_each(|e| say(Message::Warning(e.to_string())));
        say(Message::Started {
            run_dir: folder.path.clone(),
            recipe: recipe.name.clone(),
            device: opened.name.clone(),
            resolution: dataset.size,
            resumed_from: checkpoint.as_ref().map(|c| c.path.clone()),
        });
        let data = Arc::new(dataset);
        let total_steps = checkpoint.as_ref().map_or(0, |c| c.manifest.total_steps);
        Ok(Self {
            recipe_hash: recipe::hash(&recipe)?,
            limits: options.limits,
            loader: Loader::new(data.clone(), recipe.seed, recipe.data.x_flip),
            stats: Stats::open(&folder.path, total_steps)?,
            earlier_secs: checkpoint.as_ref().map_or(0.0, |c| c.manifest.elapsed_secs),
            device: opened.device,
            reference: None,
            started: Instant::now(),
            before: At { step: 0, images: 0 },
            recipe,
            data,
            folder,
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
        self.folder.write_grid("reals.png", &reals)?;
        self.say(Message::Reals(Arc::new(reals)));

        let mut ending = Ending::Finished;
        let mut teacher = self.given_teacher()?;
        let stages = self.stages();
        let resumed = self.checkpoint.as_ref().map(|c| c.manifest.stage);
        let first = stages.iter().position(|(s, _)| Some(*s) == resumed).unwrap_or(0);
        for (stage, stage_kimg) in stages.into_iter().skip(first) {
            let mut running = self.begin_stage(stage, stage_kimg, teacher.as_ref())?;
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

    /// The pretrained teacher of the recipe, if it names one.
    fn given_teacher(&self) -> Result<Option<(GeneratorSpec, Named)>> {
        let Some(path) = &self.recipe.teacher.path else { return Ok(None) };
        let generator = train::load_generator(path, Some(Stage::Teacher), &self.device)?;
        let unet = &generator.spec.unet;
        let wrong = |what: String, hint: &str| Err(crate::error::Error::checkpoint(path, what).hint(hint));
        if !matches!(generator.spec.kind, GeneratorKind::Teacher { .. }) {
            return wrong(
                "this model is a student, not a teacher".into(),
                "give the checkpoint of a teacher",
            );
        }
        if (unet.img_resolution, unet.img_channels) != (self.data.size, self.data.channels) {
            return wrong(
                format!(
                    "the teacher makes {0}×{0} images of {1} channels, the data are {2}×{2} of {3}",
                    unet.img_resolution, unet.img_channels, self.data.size, self.data.channels
                ),
                "set data.size (--size) to the teacher's",
            );
        }
        Ok(Some((generator.spec.clone(), generator.weights().named()?)))
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
        let teacher = teacher.or(kept.as_ref()).map(|(spec, named)| (spec, named));
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
        Ok(Running { trainer, at, stage_kimg, images_per_sec: 0.0, sums: Vec::new(), steps_summed: 0 })
    }

    fn run_stage(&mut self, running: &mut Running) -> Result<Ending> {
        if running.at.step == 0 && !running.finished() {
            self.sample(running)?;
            self.measure(running)?;
        }
        loop {
            if running.finished() {
                return Ok(Ending::Finished);
            }
            let ending = if self.obey(running)? == Wish::Stop {
                Some(Ending::Stopped)
            } else {
                self.limit_reached(running).then_some(Ending::Limit)
            };
            if let Some(ending) = ending {
                self.save(running)?;
                return Ok(ending);
            }
            self.step(running)?;
        }
    }

    fn step(&mut self, running: &mut Running) -> Result<()> {
        let (before, clock) = (running.at, Instant::now());
        let skipped = running.trainer.skipped();
        let losses = running.trainer.step(running.at, &self.loader)?;
        if running.trainer.skipped() > skipped {
            let text = format!("step {} was left out: its gradients were not finite", before.step);
            self.say(Message::Warning(text));
        }
        let batch = running.trainer.batch() as u64;
        running.at = At { step: before.step + 1, images: before.images + batch };
        running.observe(&losses, batch as f64 / clock.elapsed().as_secs_f64().max(1e-9));
        let progress = self.progress(running);
        let left = (running.stage_kimg - progress.kimg).max(0.0) * 1000.0;
        self.say(Message::Step {
            at: progress,
            losses,
            images_per_sec: running.images_per_sec,
            eta_secs: left / running.images_per_sec.max(1e-9),
        });

        let images = |kimg: f64| ((kimg * 1000.0) as u64).max(1);
        let crossed = |every: u64| running.at.images / every > before.images / every;
        let report = &self.recipe.report;
        let (sample, metric, save) = (
            crossed(images(report.sample_every_kimg)),
            crossed(images(report.metric_every_kimg)),
            crossed(images(report.checkpoint_every_kimg)),
        );
        let finished = running.finished();
        if crossed(STATS_EVERY) || finished {
            let numbers = running.take_means();
            let at = self.progress(running);
            let total = self.before.step + running.at.step;
            let mut row: Vec<(&str, f64)> = numbers.iter().map(|(n, v)| (*n, *v)).collect();
            row.push(("images_per_sec", running.images_per_sec));
            self.stats.write(&at, total, &row, None)?;
        }
        if sample || finished {
            self.sample(running)?;
        }
        if metric || finished {
            self.measure(running)?;
        }
        if save || finished {
            self.save(running)?;
        }
        Ok(())
    }

    /// The grid of fixed seeds, from the averaged weights.
    fn sample(&mut self, running: &Running) -> Result<()> {
        let generator = running.trainer.generator()?;
        let len = generator.image_len();
        let seeds = 0..self.recipe.report.grid as u32;
        let latents: Vec<f32> =
            seeds.flat_map(|seed| Random::new(seed, Stream::SampleLatent).normals(0, 0, len)).collect();
        let images = generator.sample(&latents, 0)?;
        let unet = &generator.spec.unet;
        let picture = |chw| pixels::picture_from_chw(chw, unet.img_channels, unet.img_resolution);
        let pictures: Vec<_> = images.chunks(len).map(picture).collect();
        let at = self.progress(running);
        let name = format!("samples-{}-{:06}.png", at.stage.name(), running.at.images / 1000);
        let path = self.folder.write_grid(&name, &pictures)?;
        self.say(Message::Samples { at, pictures: Arc::new(pictures), path: Some(path) });
        Ok(())
    }

    /// Metrics of the averaged weights. A teacher takes many evaluations an image: it is measured
    /// once, when it is finished.
    fn measure(&mut self, running: &Running) -> Result<()> {
        if running.trainer.stage() == Stage::Teacher && !running.finished() {
            return Ok(());
        }
        let reference = match self.reference.take() {
            Some(reference) => reference,
            None => Reference::of(&self.data)?,
        };
        let measured = reference.measure(&running.trainer.generator()?, self.recipe.report.metric_samples);
        self.reference = Some(reference);
        let at = self.progress(running);
        for m in measured? {
            let total = self.before.step + running.at.step;
            self.stats.write(&at, total, &[(m.name, m.value)], Some(&m.conditions))?;
            self.say(Message::Metric { at, name: m.name, value: m.value, conditions: m.conditions });
        }
        Ok(())
    }

    /// Writes a checkpoint. One that fails (a full disk) is a warning: training goes on.
    fn save(&mut self, running: &Running) -> Result<()> {
        let (state, generator) = (running.trainer.save()?, running.trainer.generator()?);
        let stage = running.trainer.stage();
        let mut manifest =
            Manifest::new(&self.recipe.name, &self.recipe_hash, stage, running.at, generator.spec.clone());
        manifest.total_steps = self.before.step + running.at.step;
        manifest.images_before = self.before.images;
        manifest.elapsed_secs = self.elapsed_secs();
        let folder = self.folder.checkpoints();
        let written = train::write(&folder, manifest, &state, &generator);
        let kept = written.and_then(|path| {
            train::prune(&folder, self.recipe.report.keep_checkpoints)?;
            Ok(path)
        });
        let at = self.progress(running);
        self.say(match kept {
            Ok(path) => Message::Checkpoint { at, path },
            Err(error) => Message::Warning(format!("no checkpoint was written: {error}")),
        });
        Ok(())
    }

    /// Carries out what faces have asked for since the last step; while paused, waits for more.
    fn obey(&mut self, running: &Running) -> Result<Wish> {
        let mut paused = false;
        loop {
            let command = if paused {
                match self.hears.recv() {
                    Ok(command) => command,
                    Err(_) => return Ok(Wish::Stop),
                }
            } else {
                match self.hears.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(Wish::GoOn),
                }
            };
            match command {
                Command::Pause if !paused => {
                    paused = true;
                    self.say(Message::Paused);
                }
                Command::Resume if paused => {
                    paused = false;
                    self.say(Message::Resumed);
                }
                Command::Pause | Command::Resume => {}
                Command::SampleNow => self.sample(running)?,
                Command::SaveNow => self.save(running)?,
                Command::Stop => return Ok(Wish::Stop),
                Command::Edit(request) => {
                    let generator = match running.trainer.stage() {
                        Stage::Teacher => None,
                        _ => Some(running.trainer.generator()?),
                    };
                    self.say(Message::Edited(self.project(running, request, generator.as_ref())));
                }
            }
        }
    }

    fn project(
        &self,
        running: &Running,
        request: super::message::EditRequest,
        generator: Option<&Generator>,
    ) -> super::message::Edited {
        let label =
            format!("{} at {:.1} kimg", running.trainer.stage().name(), running.at.images as f64 / 1000.0);
        answer(request, generator, &label)
    }

    fn limit_reached(&self, running: &Running) -> bool {
        let kimg = (self.before.images + running.at.images) as f64 / 1000.0;
        self.limits.max_kimg.is_some_and(|most| kimg >= most)
            || self.limits.max_minutes.is_some_and(|most| self.started.elapsed().as_secs_f64() >= most * 60.0)
    }

    fn elapsed_secs(&self) -> f64 {
        self.earlier_secs + self.started.elapsed().as_secs_f64()
    }

    fn progress(&self, running: &Running) -> Progress {
        Progress {
            stage: running.trainer.stage(),
            step: running.at.step,
            kimg: running.at.images as f64 / 1000.0,
            stage_kimg: running.stage_kimg,
            elapsed_secs: self.elapsed_secs(),
        }
    }

    fn say(&self, message: Message) {
        // A face that is gone does not stop a run.
        let _ = self.says.send(message);
    }
}

impl Running {
    fn finished(&self) -> bool {
        self.at.images as f64 >= self.stage_kimg * 1000.0
    }

    fn observe(&mut self, losses: &Losses, images_per_sec: f64) {
        for (name, value) in losses {
            match self.sums.iter_mut().find(|(n, _)| n == name) {
                Some((_, sum)) => *sum += f64::from(*value),
                None => self.sums.push((name, f64::from(*value))),
            }
        }
        self.steps_summed += 1;
        let keep = if self.images_per_sec == 0.0 { 0.0 } else { SPEED_SMOOTHING };
        self.images_per_sec = self.images_per_sec * keep + images_per_sec * (1.0 - keep);
    }

    fn take_means(&mut self) -> Vec<(&'static str, f64)> {
        let count = f64::from(std::mem::take(&mut self.steps_summed).max(1));
        std::mem::take(&mut self.sums).into_iter().map(|(name, sum)| (name, sum / count)).collect()
    }
}
