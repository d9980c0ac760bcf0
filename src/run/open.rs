//! Opens a run: device, images, teacher, folder. Whatever can be wrong is found before a run folder is
//! made.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::best::Best;
use super::changes::{Changes, Line};
use super::device_check;
use super::edits::Edits;
use super::ending::Saved;
use super::found::{self, Candidate, Claimed, Found, Lengths, Sought, length_of};
use super::given_teacher::GivenTeacher;
use super::link::Orders;
use super::log::Log;
use super::makes::Makes;
use super::message::{Message, Stage};
use super::options::Options;
use super::plan::Costs;
use super::preparing::Preparing;
use super::rehearsal::Rehearsal;
use super::resumed::Resumed;
use super::session::Session;
use super::stats::{STATS_FILE, Stats};
use super::sweep;
use super::tensorboard::Events;
use crate::data::{self, Dataset, Loader};
use crate::diffusion::{Denoiser, GeneratorKind, GeneratorSpec, Precond};
use crate::error::{Error, Kind, Result};
use crate::eval::features::Resize;
use crate::gpu;
use crate::measure::{self, Opened, Source, Wanted};
use crate::recipe::{self, Identity, Recipe};
use crate::train::{self, At};

/// A single image has neither an order nor a covariance.
const LEAST_IMAGES: usize = 2;

impl Session {
    /// Opens device, data and run folder, and says `Started`.
    pub fn open(recipe: Recipe, options: Options, says: Sender<Message>, hears: Orders) -> Result<Self> {
        let say = |message| {
            // A face that is gone does not stop a run.
            let _ = says.send(message);
        };
        if let Some(run) = &options.resume {
            // What is no run is told before images are read.
            Candidate::open(run)?;
        }
        let opened = gpu::open(&options.device)?;
        say(Message::Note(format!("device: {} ({})", opened.name, opened.reason)));
        let mut preparing = Preparing::new(&says, &hears.interrupt);
        device_check::check(&opened, &recipe, options.untested_device, &mut preparing, &say)?;
        let mut progress = |done, total| preparing.tell("reading images", done, total);
        let (dataset, report) = data::open(&recipe.data, recipe.seed, &mut progress)
            .map_err(|error| where_moved(error, &recipe, options.resume.is_some()))?;
        say(Message::Note(report.to_string()));
        if dataset.len() < LEAST_IMAGES {
            return Err(Error::new(Kind::Data, "one image is not a data set").hint("give two images or more"));
        }
        // Whatever can be wrong is found before a run folder is made.
        let unet = train::unet_config(&recipe, &dataset)?;
        let kind = GeneratorKind::Teacher { sample_steps: recipe.teacher.sample_steps };
        let own_teacher = GeneratorSpec::of(kind, &Denoiser::new(unet.clone(), Precond::Edm)?);
        if recipe.teacher.path.is_none() && recipe.student.kimg > 0.0 {
            train::check_student(&recipe, &own_teacher)?;
        }
        let given = GivenTeacher::new(&recipe, &dataset, &opened.device);
        let sought = Sought {
            recipe: &recipe,
            images: &dataset.hash,
            network: &unet,
            teacher: &|| given.fingerprint(),
        };
        let mut preparing = Preparing::new(&says, &hears.interrupt);
        let mut wait = || preparing.tell("waiting for another signet that is starting here", 0, 1);
        let looked = found::look(&sought, &options, &mut wait)?;
        // A student that goes on has its teacher among its own tensors.
        let goes_on = looked.found.as_ref().is_some_and(|found| found.checkpoint.is_some());
        let is_needed = recipe.teacher.path.is_some() && !goes_on;
        let teacher_print = if is_needed { Some(given.fingerprint()?) } else { None };
        let replaced = looked.found.as_ref().filter(|_| goes_on).and_then(|f| given.replaced(&f.origin));
        let network = features(&recipe, &dataset, &opened.device)?.map(Arc::new);
        let Claimed { found, unread, differs } =
            found::claim(looked, &sought, teacher_print, &options, &mut wait)?;
        let teacher = if is_needed { given.taken() } else { None };
        let Found { folder, checkpoint, lengths, origin, broken, lock } = found;
        let Lengths { recipe, change, notes, .. } = lengths;
        sweep::leftovers(&folder)?;
        if let Some(checkpoint) = &checkpoint {
            // What the program before was killed in the middle of.
            train::prune(&checkpoint.path, recipe.report.keep_checkpoints)?;
        }
        let begins_anew = checkpoint.is_none() && folder.path.join(STATS_FILE).exists();
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
        if begins_anew {
            let words = "there is no checkpoint of this run: it begins once more, and its numbers with it";
            tell(Message::Warning(words.into()));
        }
        replaced.into_iter().for_each(|words| tell(Message::Warning(words)));
        differs.into_iter().chain(notes).for_each(|words| tell(Message::Note(words)));
        say(Message::Recipe(recipe::to_toml(&recipe)?.into()));
        let data = Arc::new(dataset);
        unread.into_iter().chain(broken).for_each(|e| tell(Message::Warning(e.to_string())));
        let resumed = checkpoint.as_ref().map(|c| Resumed::at(&c.manifest));
        let stages: Vec<Stage> = recipe.stages().into_iter().map(|(stage, _)| stage).collect();
        let mut changes = Changes::open(&folder.path, resumed.as_ref(), &stages)?;
        // Lengths stand in the recipe, and are not lost.
        for change in changes.lost.iter().filter(|change| change.name != length_of(change.stage)) {
            let words = format!(
                "{}, after the last checkpoint: that training is lost, and the change with it",
                change.words()
            );
            tell(Message::Warning(words));
        }
        // First: a length that is not written down as a change yet is still one against the checkpoint.
        folder.write_recipe(&recipe, &origin)?;
        if let Some(change) = change {
            tell(Message::Note(change.words()));
            changes.changes.add(Line::of(&change)?)?;
        }
        // A run without curves for another program is still a run.
        let events = Events::open(&folder.path, resumed.as_ref());
        let events = events.map_err(|e| tell(Message::Warning(e.to_string()))).ok();
        let stats = Stats::open(&folder.path, resumed.as_ref())?;
        stats.lost.into_iter().for_each(|words| tell(Message::Warning(words)));
        let started = Instant::now();
        let time = options.limits.max_minutes.map(|most| Duration::try_from_secs_f64(most * 60.0));
        let hears = match time {
            Some(Ok(time)) => Orders { interrupt: hears.interrupt.after(started, time), ..hears },
            // More than a clock can count is no limit.
            Some(Err(_)) | None => hears,
        };
        Ok(Self {
            identity: Identity::of(&recipe)?,
            origin,
            told: RefCell::default(),
            limits: options.limits,
            edits: Edits::new(opened.device.clone()),
            makes: Makes::default(),
            stays: options.stays,
            newest: None,
            loader: Loader::new(data.clone(), recipe.seed, recipe.data.x_flip),
            stats: stats.stats,
            costs: Costs::default(),
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
            stage: None,
            reached: checkpoint.as_ref().map_or(0, |c| c.manifest.total_steps),
            rehearsal: Rehearsal::default(),
            bad_steps: 0,
            rescalings: 0,
            best: Best::read(&folder, resumed.map(|r| r.stage)),
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

/// Images that are not where a run had them may be elsewhere.
fn where_moved(error: Error, recipe: &Recipe, goes_on: bool) -> Error {
    let is_gone = recipe.data.path.as_ref().is_some_and(|path| !path.exists());
    match &error.remedy {
        Some(remedy) if goes_on && is_gone => {
            let hint = format!("{remedy}; where the images have moved, --data says where they are now");
            error.hint(hint)
        }
        _ => error,
    }
}

/// The network whose features the run's metrics use, if the recipe names one.
fn features(recipe: &Recipe, data: &Dataset, device: &Device) -> Result<Option<Opened>> {
    let Some(path) = &recipe.report.features else { return Ok(None) };
    let wanted =
        Wanted { channels: data.channels, side: data.size, resize: Resize::Tf1, batch: None, device };
    measure::open(&Source::File(path.clone()), &wanted).map(Some)
}
