//! Opens a run: device, images, teacher, folder. Whatever can be wrong is found before a run folder is
//! made.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::best::Best;
use super::changes::Changes;
use super::differs;
use super::edits::Edits;
use super::ending::Saved;
use super::folder::RunFolder;
use super::link::Orders;
use super::log::Log;
use super::message::{Message, Stage};
use super::options::Options;
use super::preparing::Preparing;
use super::resume::{Found, Resumed, find};
use super::session::Session;
use super::stats::Stats;
use super::tensorboard::Events;
use crate::data::{self, Dataset, Loader};
use crate::diffusion::{Denoiser, GeneratorKind, GeneratorSpec, Precond};
use crate::error::{Error, Kind, Result};
use crate::eval::features::Resize;
use crate::gpu;
use crate::measure::{self, Opened, Source, Wanted};
use crate::recipe::{self, Recipe};
use crate::train::{self, At, Named};

/// A single image has neither an order nor a covariance.
const LEAST_IMAGES: usize = 2;

impl Session {
    /// Opens device, data and run folder, and says `Started`.
    pub fn open(recipe: Recipe, options: Options, says: Sender<Message>, hears: Orders) -> Result<Self> {
        let say = |message| {
            // A face that is gone does not stop a run.
            let _ = says.send(message);
        };
        let opened = gpu::open(&options.device)?;
        say(Message::Note(format!("device: {} ({})", opened.name, opened.reason)));
        let mut preparing = Preparing::new(&says, &hears.interrupt);
        let mut progress = |done, total| preparing.tell("reading images", done, total);
        let (dataset, report) = data::open(&recipe.data, recipe.seed, &mut progress)?;
        say(Message::Note(report.to_string()));
        if dataset.len() < LEAST_IMAGES {
            return Err(Error::new(Kind::Data, "one image is not a data set").hint("give two images or more"));
        }
        // Whatever can be wrong is found before a run folder is made.
        let unet = train::unet_config(&recipe, &dataset)?;
        let kind = GeneratorKind::Teacher { sample_steps: recipe.teacher.sample_steps };
        let own_teacher = GeneratorSpec::of(kind, &Denoiser::new(unet, Precond::Edm)?);
        if recipe.teacher.path.is_none() && recipe.student.kimg > 0.0 {
            train::check_student(&recipe, &own_teacher)?;
        }
        let found = find(&recipe, &options, &dataset.hash)?;
        let resumed = found.as_ref().and_then(|f| f.checkpoint.as_ref()).map(|c| c.manifest.stage);
        // A student that goes on has its teacher among its own tensors.
        let teacher = match resumed {
            None | Some(Stage::Teacher) => given_teacher(&recipe, &dataset, &opened.device)?,
            Some(Stage::Sid | Stage::Sign) => None,
        };
        let network = features(&recipe, &dataset, &opened.device)?;
        let mut differs = None;
        let Found { folder, checkpoint, broken, lock } = match found {
            Some(found) => found,
            None => {
                // Who says --fresh knows.
                differs = if options.fresh { None } else { differs::words(&options.out, &recipe)? };
                let folder = RunFolder::create(&options.out, &recipe)?;
                Found { lock: folder.lock()?, folder, checkpoint: None, broken: Vec::new() }
            }
        };
        let log = Log::of(&folder.path);
        let tell = |message| {
            log.hear(&message);
            say(message);
        };
        tell(Message::Started {
            run_dir: folder.path.clone(),
            recipe: recipe.name.clone(),
            device: opened.name.clone(),
            resolution: dataset.size,
            resumed_from: checkpoint.as_ref().map(|c| c.path.clone()),
        });
        differs.into_iter().for_each(|words| tell(Message::Note(words)));
        say(Message::Recipe(recipe::to_toml(&recipe)?.into()));
        let data = Arc::new(dataset);
        broken.into_iter().for_each(|e| tell(Message::Warning(e.to_string())));
        let resumed = checkpoint.as_ref().map(|c| Resumed::at(&c.manifest));
        let stages: Vec<Stage> = recipe.stages().into_iter().map(|(stage, _)| stage).collect();
        let changes = Changes::open(&folder.path, resumed.as_ref(), &stages)?;
        for change in &changes.lost {
            let words = format!(
                "{}, after the last checkpoint: that training is lost, and the change with it",
                change.words()
            );
            tell(Message::Warning(words));
        }
        // A run without curves for another program is still a run.
        let events = Events::open(&folder.path, resumed.as_ref());
        let events = events.map_err(|e| tell(Message::Warning(e.to_string()))).ok();
        let started = Instant::now();
        let time = options.limits.max_minutes.map(|most| Duration::try_from_secs_f64(most * 60.0));
        let hears = match time {
            Some(Ok(time)) => Orders { interrupt: hears.interrupt.after(started, time), ..hears },
            // More than a clock can count is no limit.
            Some(Err(_)) | None => hears,
        };
        Ok(Self {
            recipe_hash: recipe::hash(&recipe)?,
            limits: options.limits,
            edits: Edits::new(opened.device.clone()),
            stays: options.stays,
            newest: None,
            loader: Loader::new(data.clone(), recipe.seed, recipe.data.x_flip),
            stats: Stats::open(&folder.path, resumed.as_ref())?,
            events,
            log,
            earlier_secs: checkpoint.as_ref().map_or(0.0, |c| c.manifest.elapsed_secs),
            device: opened.device,
            reference: None,
            network,
            raw_wanted: false,
            teacher_wanted: false,
            alarmed: Vec::new(),
            changes: changes.changes,
            saved: checkpoint.as_ref().map(Saved::of),
            bad_steps: 0,
            best: Best::read(&folder, resumed.map(|r| (r.stage, r.total_steps))),
            started,
            paused_since: None,
            paused: Duration::ZERO,
            before: At { step: 0, images: 0 },
            recipe,
            data,
            _lock: lock,
            folder,
            teacher,
            checkpoint,
            on_device: [None, None],
            says,
            hears,
        })
    }
}

/// The network whose features the run's metrics use, if the recipe names one.
fn features(recipe: &Recipe, data: &Dataset, device: &Device) -> Result<Option<Opened>> {
    let Some(path) = &recipe.report.features else { return Ok(None) };
    let wanted =
        Wanted { channels: data.channels, side: data.size, resize: Resize::Tf1, batch: None, device };
    measure::open(&Source::File(path.clone()), &wanted).map(Some)
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
    let classes = if recipe.data.use_labels { data.classes() } else { 0 };
    if unet.label_dim != classes {
        let (has, hint) = match (unet.label_dim, classes) {
            (_, 0) => ("does not use them", "train with the images' labels: data.use_labels (--labels)"),
            (0, _) => {
                ("uses them", "leave data.use_labels (--labels) out, or give a teacher that knows classes")
            }
            _ => ("uses other ones", "give the images that the teacher was trained on"),
        };
        let what = format!("the teacher knows {} classes, the recipe {has} ({classes})", unet.label_dim);
        return wrong(what, hint);
    }
    let mut spec = generator.spec.clone();
    if recipe.network.dropout > 0.0 {
        spec.unet.dropout = recipe.network.dropout;
    }
    train::check_student(recipe, &spec).map_err(|e| e.at(path))?;
    Ok(Some((spec, generator.weights().named()?)))
}
