//! Opens a run: device, images, teacher, folder. Whatever can be wrong is found before a run folder is
//! made.

use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::best::Best;
use super::candidate::Candidate;
use super::changes::{Changes, Line};
use super::edits::Edits;
use super::ending::Saved;
use super::folder::{self, RunFolder};
use super::lengths::{Lengths, length_of};
use super::link::Orders;
use super::log::Log;
use super::message::{Message, Stage};
use super::options::Options;
use super::preparing::Preparing;
use super::resume::{Found, Sought, find};
use super::resumed::Resumed;
use super::session::Session;
use super::stats::{STATS_FILE, Stats};
use super::tensorboard::Events;
use super::{differs, sweep};
use crate::data::{self, Dataset, Loader};
use crate::diffusion::{Denoiser, GeneratorKind, GeneratorSpec, Precond};
use crate::error::{Error, Kind, Result};
use crate::eval::features::Resize;
use crate::gpu;
use crate::measure::{self, Opened, Source, Wanted};
use crate::recipe::{self, Began, Identity, Origin, Recipe};
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
        if let Some(run) = &options.resume {
            // What is no run is told before images are read.
            Candidate::open(run)?;
        }
        let opened = gpu::open(&options.device)?;
        say(Message::Note(format!("device: {} ({})", opened.name, opened.reason)));
        let mut preparing = Preparing::new(&says, &hears.interrupt);
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
        let given =
            GivenTeacher { recipe: &recipe, data: &dataset, device: &opened.device, loaded: OnceCell::new() };
        let sought = Sought {
            recipe: &recipe,
            images: &dataset.hash,
            network: &unet,
            teacher: &|| Ok(given.load()?.fingerprint.clone()),
        };
        // Of several trainers that are started at once with one recipe, one makes the run.
        let is_held = options.resume.is_none() && options.out.exists();
        let mut hold = is_held.then(|| folder::hold(&options.out, &hears.interrupt)).transpose()?;
        let (mut found, mut unread) = find(&sought, &options)?;
        // A student that goes on has its teacher among its own tensors.
        let is_needed =
            found.as_ref().is_none_or(|f| f.checkpoint.is_none()) && recipe.teacher.path.is_some();
        let teacher_print = if is_needed { given.load()?.fingerprint.clone() } else { String::new() };
        let replaced = if is_needed { None } else { given.replaced(found.as_ref().map(|f| &f.origin)) };
        let network = features(&recipe, &dataset, &opened.device)?.map(Arc::new);
        if found.is_none() && hold.is_none() {
            // The folder for runs is made now, and somebody else may have been quicker.
            hold = Some(folder::hold(&options.out, &hears.interrupt)?);
            (found, unread) = find(&sought, &options)?;
        }
        let mut differs = None;
        let found = match found {
            Some(found) => found,
            None => {
                // Who says --fresh knows.
                differs = if options.fresh { None } else { differs::words(&options.out, &recipe)? };
                let began = Began { teacher_kimg: recipe.teacher.kimg, student_kimg: recipe.student.kimg };
                let origin = Origin {
                    images: dataset.hash.clone(),
                    teacher: teacher_print.clone(),
                    began: Some(began),
                    identity: Identity::of(&recipe)?.hash(),
                    ..Origin::default()
                };
                let (folder, lock) = RunFolder::create(&options.out, &recipe, &origin)?;
                Found::new(folder, recipe.clone(), origin, lock)
            }
        };
        drop(hold);
        let teacher = given.taken();
        let Found { folder, checkpoint, lengths, mut origin, broken, lock } = found;
        let Lengths { recipe, change, notes, .. } = lengths;
        if origin.teacher.is_empty() {
            origin.teacher = teacher_print;
        } else if is_needed && origin.teacher != teacher_print {
            let what = format!(
                "the run began with another teacher ({}) than is there now ({teacher_print})",
                origin.teacher
            );
            return Err(Error::checkpoint(&folder.path, what)
                .hint("bring it back, say --teacher for where it is now, or start over with --fresh"));
        }
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
        if let Some(change) = change {
            tell(Message::Note(change.words()));
            changes.changes.add(Line::of(&change)?)?;
        }
        folder.write_recipe(&recipe, &origin)?;
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
            stays: options.stays,
            newest: None,
            loader: Loader::new(data.clone(), recipe.seed, recipe.data.x_flip),
            stats: stats.stats,
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

/// The pretrained teacher that a recipe names, loaded when it is first asked for.
struct GivenTeacher<'a> {
    recipe: &'a Recipe,
    data: &'a Dataset,
    device: &'a Device,
    loaded: OnceCell<LoadedTeacher>,
}

struct LoadedTeacher {
    spec: GeneratorSpec,
    tensors: Named,
    fingerprint: String,
}

impl GivenTeacher<'_> {
    fn load(&self) -> Result<&LoadedTeacher> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let path = self.recipe.teacher.path.as_deref().unwrap_or(Path::new(""));
        let (spec, tensors) = given_teacher(path, self.recipe, self.data, self.device)?;
        let fingerprint = train::fingerprint_of(&tensors);
        Ok(self.loaded.get_or_init(|| LoadedTeacher { spec, tensors, fingerprint }))
    }

    /// A word on a teacher that has changed where a run that goes on has its own with it.
    fn replaced(&self, origin: Option<&Origin>) -> Option<String> {
        let path = self.recipe.teacher.path.as_deref().filter(|path| path.exists())?;
        let began = &origin.filter(|origin| !origin.teacher.is_empty())?.teacher;
        let now = &self.load().ok()?.fingerprint;
        (began != now).then(|| {
            format!(
                "{}: this teacher has changed since the run began ({began}, now {now}): the run goes on with the \
                 one that it began with; --fresh distils the new one",
                path.display()
            )
        })
    }

    /// What was loaded.
    fn taken(self) -> Option<(GeneratorSpec, Named)> {
        self.loaded.into_inner().map(|loaded| (loaded.spec, loaded.tensors))
    }
}

/// The teacher at `path`, which has to fit the recipe and its images.
fn given_teacher(
    path: &Path,
    recipe: &Recipe,
    data: &Dataset,
    device: &Device,
) -> Result<(GeneratorSpec, Named)> {
    let train::Found { generator, path: found, passed_over } =
        train::find_generator(path, Some(Stage::Teacher), device)?;
    if let Some(error) = passed_over {
        return Err(Error { remedy: None, ..error }.hint(format!(
            "the newest teacher there is damaged: give an older one by its path ({})",
            found.display()
        )));
    }
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
    let weights = generator.weights().named()?;
    train::check_teacher(&weights)
        .map_err(|e| Error { remedy: None, ..e }.at(path).hint("give another teacher"))?;
    Ok((spec, weights))
}
