//! A run from its first message to its last checkpoint: one stage after another.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::best::Best;
use super::changes::Changes;
use super::edits::{Edits, Model, newest};
use super::ending::Saved;
use super::folder::RunFolder;
use super::grid::Grid;
use super::link::Orders;
use super::log::Log;
use super::makes::{Maker, Makes};
use super::message::{Class, Ending, Message, Progress, Stage};
use super::options::Limits;
use super::plan::{Costs, Here, Left, Work};
use super::preparing::{Preparing, unless_stopped};
use super::rehearsal::Rehearsal;
use super::running::Running;
use super::stats::Stats;
use super::stay::{Longer, Stay};
use super::tensorboard::Events;
use crate::data::{Dataset, Loader};
use crate::diffusion::GeneratorSpec;
use crate::error::{Kind, Result};
use crate::gpu::DevicePictures;
use crate::measure::{Alarm, Opened, Reference};
use crate::recipe::{Identity, Origin, Precision, Recipe};
use crate::train::{self, At, Checkpoint, Due, Named};

/// Training images to compare with.
pub const REALS_FILE: &str = "reals.png";

/// An open run.
pub struct Session {
    pub(super) recipe: Recipe,
    pub(super) identity: Identity,
    /// What the folder says that the run began with.
    pub(super) origin: Origin,
    pub(super) limits: Limits,
    pub(super) device: Device,
    pub(super) data: Arc<Dataset>,
    pub(super) loader: Loader,
    pub(super) reference: Option<Reference>,
    /// The network whose features the recipe asks for.
    pub(super) network: Option<Arc<Opened>>,
    /// Whether somebody looks at the raw weights' samples.
    pub(super) raw_wanted: bool,
    /// Whether somebody waits for the teacher's samples.
    pub(super) teacher_wanted: bool,
    /// Warnings about what could not be done, which are told once.
    pub(super) told: RefCell<BTreeSet<String>>,
    /// Alarms that were raised by the last numbers.
    pub(super) alarmed: Vec<Alarm>,
    /// The student's best numbers.
    pub(super) best: Option<Best>,
    pub(super) folder: RunFolder,
    /// Keeps other trainers out of the folder.
    pub(super) _lock: std::fs::File,
    /// The pretrained teacher that the recipe names.
    pub(super) teacher: Option<(GeneratorSpec, Named)>,
    /// What was changed while the run went on.
    pub(super) changes: Changes,
    /// The newest checkpoint.
    pub(super) saved: Option<Saved>,
    /// Steps of this process whose gradients were not finite, but for those that a loss scale was too large for.
    pub(super) bad_steps: u64,
    /// What this process has told of loss scales.
    pub(super) rescalings: u64,
    pub(super) stats: Stats,
    /// What its work has cost in this session.
    pub(super) costs: Costs,
    /// The same for TensorBoard, where it could be begun.
    pub(super) events: Option<Events>,
    pub(super) log: Log,
    pub(super) checkpoint: Option<Checkpoint>,
    /// The newest grid of each [`Averaging`](crate::train::Averaging) as it is on the device.
    pub(super) on_device: [Option<Arc<DevicePictures>>; 2],
    pub(super) says: Sender<Message>,
    pub(super) hears: Orders,
    pub(super) started: Instant,
    /// Since when there is no training, and how long there was none before.
    pub(super) paused_since: Option<Instant>,
    pub(super) paused: Duration,
    /// Seconds of training in earlier processes.
    pub(super) earlier_secs: f64,
    /// Steps and images of the stages before the present one.
    pub(super) before: At,
    /// The stage that was begun last; none before the first.
    pub(super) stage: Option<Stage>,
    /// Steps of all stages, up to the last that was made.
    pub(super) reached: u64,
    /// Trouble on purpose; as a rule none.
    pub(super) rehearsal: Rehearsal,
    pub(super) edits: Edits,
    /// Pictures of seeds that faces have asked for.
    pub(super) makes: Makes,
    /// Whether a face wants edits once the run has ended.
    pub(super) stays: bool,
    /// The weights of the last stage that ended: for edits, and for pictures of seeds.
    pub(super) newest: Option<(Result<Model>, Result<Maker>)>,
}

impl Session {
    pub fn run_dir(&self) -> PathBuf {
        self.folder.path.clone()
    }

    /// Trains stage after stage until the recipe is finished, a limit is reached or a face says stop.
    pub fn train(&mut self) -> Result<Ending> {
        let shown = self.data.spread(self.recipe.report.grid);
        let reals: Vec<_> = shown.map(|i| self.data.picture(i)).collect();
        let written = Grid::of(&reals).and_then(|grid| self.folder.write(REALS_FILE, &grid.png));
        self.tolerate(written.map(|_| ()))?;
        self.say(Message::Reals(reals.into()));
        self.tell_changes();

        let mut ending = Ending::Finished;
        let mut teacher = self.teacher.take();
        let stages = self.recipe.stages();
        let resumed = self.checkpoint.as_ref().map(|c| c.manifest.stage);
        let first = stages.iter().position(|(s, _)| Some(*s) == resumed).unwrap_or(0);
        for (stage, stage_kimg) in stages.into_iter().skip(first) {
            let begun = self.begin_stage(stage, stage_kimg, teacher.as_ref());
            // What prepares a stage is done again from its beginning: there is nothing to save.
            let Some(mut running) = unless_stopped(begun)? else {
                ending = if self.hears.interrupt.is_late() { Ending::Limit } else { Ending::Stopped };
                self.hear_stop();
                break;
            };
            if running.finished() && running.due == Due::NOTHING {
                let text = format!("the {} stage of this run is finished already", stage.name());
                self.say(Message::Note(text));
                unless_stopped(self.preview(&running))?;
            }
            ending = self.run_stage(&mut running)?;
            let at = self.progress(&running);
            let maker = running.trainer.generator().map(|generator| Maker { generator, at });
            self.newest = Some((newest(&running), maker));
            if ending != Ending::Finished {
                break;
            }
            if stage == Stage::Teacher {
                let generator = running.trainer.generator()?;
                let weights = generator.weights().named()?;
                // One that an earlier release has trained may be beyond help.
                train::check_teacher(&weights)?;
                teacher = Some((generator.spec.clone(), weights));
            }
            self.before.step += running.at.step;
            self.before.images += running.at.images;
        }
        let summary = serde_json::json!({
            "recipe": self.recipe.name,
            "recipe_hash": self.identity.hash(),
            "seed": self.recipe.seed,
            "ending": ending,
            "elapsed_secs": self.elapsed_secs(),
            "data": { "name": self.data.name, "images": self.data.len(), "hash": self.data.hash },
            "last": self.stats.last(),
        });
        self.folder.write_summary(&summary)?;
        Ok(ending)
    }

    /// What goes on editing once the run has ended; none where no face asks for it. Everything else of the
    /// run is let go.
    pub fn into_stay(self) -> Option<Stay> {
        let Self { edits, makes, stays, newest, says, hears, folder, recipe, .. } = self;
        let run = Longer { folder: folder.path, recipe };
        newest.filter(|_| stays).map(|(newest, maker)| Stay { edits, newest, makes, maker, says, hears, run })
    }

    pub(super) fn begin_stage(
        &mut self,
        stage: Stage,
        stage_kimg: f64,
        teacher: Option<&(GeneratorSpec, Named)>,
    ) -> Result<Running> {
        self.stage = Some(stage);
        let (began_secs, clock) = (self.elapsed_secs(), Instant::now());
        let unet = train::unet_config(&self.recipe, &self.data)?;
        let resumed = self.checkpoint.take().filter(|c| c.manifest.stage == stage);
        // A student that goes on has its teacher among its own tensors.
        let kept = resumed.as_ref().and_then(|c| train::teacher_of(&c.state, &c.manifest.generator));
        let teacher = kept.as_ref().or(teacher).map(|(spec, named)| (spec, named));
        let mut trainer = train::trainer(&self.recipe, stage, teacher, unet, &self.device)?;
        self.say(Message::StageStarted { stage, parameters: trainer.parameters() });
        if self.recipe.precision == Precision::Mixed {
            self.say(Message::Note(trainer.precision().words()));
        }
        let generator = trainer.generator()?;
        let (classes, empty) = (generator.spec.unet.label_dim, generator.spec.unet.empty_classes.len());
        if classes > 0 {
            let text = match empty {
                0 => format!("{classes} classes: sample i of grids and metrics is of class i mod {classes}"),
                _ => format!(
                    "{} of {classes} classes have images: samples of grids and metrics are of these in turn",
                    classes - empty
                ),
            };
            self.say(Message::Note(text));
            self.makes.classes = self.classes();
            self.say(Message::Classes(Arc::clone(&self.makes.classes)));
        }
        let (mut at, mut due, mut sums) = (At { step: 0, images: 0 }, Due::ALL, Vec::new());
        if let Some(checkpoint) = resumed {
            trainer.restore(&checkpoint.state).map_err(|e| e.at(&checkpoint.path))?;
            at = At { step: checkpoint.manifest.step, images: checkpoint.manifest.images };
            if at.step > 0 {
                due = checkpoint.manifest.due;
            }
            sums = checkpoint.manifest.sums;
            self.before = At {
                step: checkpoint.manifest.total_steps.saturating_sub(at.step),
                images: checkpoint.manifest.images_before,
            };
        } else {
            let mut preparing = Preparing::new(&self.says, &self.hears.interrupt);
            let what = format!("preparing the {} stage", stage.name());
            trainer.prepare(&self.loader, &mut |done, total| preparing.tell(&what, done, total))?;
        }
        self.replay(trainer.as_mut(), stage)?;
        self.say(Message::Tunables(trainer.tunables()));
        self.costs.took(stage, Work::Prepare, clock.elapsed().as_secs_f64());
        let bad_steps = trainer.bad_steps();
        Ok(Running {
            trainer,
            at,
            due,
            checkpoint_due: false,
            stage_kimg,
            images_per_sec: 0.0,
            began_secs,
            began_images: at.images,
            step_secs: 0.0,
            untold_secs: 0.0,
            bad_steps,
            sums,
            runaway: None,
        })
    }

    /// The classes that have pictures: of the others the model knows nothing.
    fn classes(&self) -> Arc<[Class]> {
        let counts = self.data.class_counts();
        let named = (0..).zip(self.data.class_names.iter().cloned()).zip(counts);
        let class = |((number, name), pictures)| Class { number, name, pictures };
        named.map(class).filter(|class| class.pictures > 0).collect()
    }

    pub(super) fn limit_reached(&self, running: &Running) -> bool {
        let kimg = (self.before.images + running.at.images) as f64 / 1000.0;
        self.limits.max_kimg.is_some_and(|most| kimg >= most) || self.hears.interrupt.is_late()
    }

    pub(super) fn elapsed_secs(&self) -> f64 {
        let paused = self.paused + self.paused_since.map_or(Duration::ZERO, |since| since.elapsed());
        self.earlier_secs + self.started.elapsed().saturating_sub(paused).as_secs_f64()
    }

    /// What is still to come, the step from `before` to `at` being made.
    pub(super) fn left(&self, running: &Running, before: At, at: At) -> Left {
        let here = Here {
            stage: running.trainer.stage(),
            before: before.images,
            images: at.images,
            earlier: self.before.images,
            most: self.limits.max_kimg.map(|kimg| (kimg * 1000.0) as u64),
        };
        let left = self.costs.left(&self.recipe, here);
        // The run's own time may be up before.
        let most = self.hears.interrupt.time_left().map_or(f64::INFINITY, |time| time.as_secs_f64());
        Left { secs: left.secs.min(most), stage_secs: left.stage_secs.min(most), ..left }
    }

    pub(super) fn progress(&self, running: &Running) -> Progress {
        self.progress_at(running, running.at)
    }

    /// The same for where the stage stood at `at`.
    pub(super) fn progress_at(&self, running: &Running, at: At) -> Progress {
        Progress {
            stage: running.trainer.stage(),
            step: at.step,
            kimg: at.images as f64 / 1000.0,
            stage_kimg: running.stage_kimg,
            elapsed_secs: self.elapsed_secs(),
        }
    }

    /// A picture or a line that could not be written is a warning, told once; training goes on. A device that
    /// is lost is not.
    pub(super) fn tolerate(&self, outcome: Result<()>) -> Result<()> {
        match outcome {
            Err(error) if matches!(error.kind, Kind::Io | Kind::Data | Kind::Usage) => {
                // A disk that is full is full at every line and at every grid.
                let place = error.place.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
                let cause = format!("{} {}", place.display(), error.what);
                if self.told.borrow_mut().insert(cause) {
                    self.say(Message::Warning(error.to_string()));
                }
                Ok(())
            }
            other => other,
        }
    }

    /// A warning whose cause may last.
    pub(super) fn warn_once(&self, words: String) {
        if self.told.borrow_mut().insert(words.clone()) {
            self.say(Message::Warning(words));
        }
    }

    pub(super) fn say(&self, message: Message) {
        self.log.hear(&message);
        // A face that is gone does not stop a run.
        let _ = self.says.send(message);
    }
}
