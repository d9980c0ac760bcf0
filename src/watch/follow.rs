//! A run that another process trains, told as its own trainer would tell it: for faces that hear one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, SystemTime};

use super::files;
use super::run::Run;
use super::snapshot::{Number, Snapshot};
use super::state::State;
use crate::error::{Error, Result};
use crate::recipe::{self, Recipe, Stage};
use crate::run::message::{
    Averaging, Command, Departure, Edited, Elsewhere, Left, Making, Message, Progress,
};
use crate::run::{GoOn, is_held};
use crate::words;

/// Between two looks into the folder.
const EVERY: Duration = Duration::from_secs(1);
/// A process that lets go of its run says why right after that: so many looks at the time after each other.
const LAST_WORDS: usize = 20;
const LAST_WORDS_EVERY: Duration = Duration::from_millis(100);

/// Follows the run until nobody listens any more (none), or somebody wants it trained here once the other process
/// has ended.
pub fn follow(run_dir: &Path, says: &Sender<Message>, hears: &Receiver<Command>) -> Option<GoOn> {
    let mut desk = Desk { run_dir, says, hears, has_asked: false };
    loop {
        let departure = match Follower::open(run_dir) {
            Ok(follower) => desk.while_held(follower)?,
            Err(error) => Departure::Failed(error.to_string()),
        };
        desk.say(Message::Departed(departure));
        if let Some(wish) = desk.when_free()? {
            return Some(wish);
        }
    }
}

/// Who listens and asks.
struct Desk<'a> {
    run_dir: &'a Path,
    says: &'a Sender<Message>,
    hears: &'a Receiver<Command>,
    /// Whether the other process has been asked to stop: a second time it would not save.
    has_asked: bool,
}

/// The face is gone.
struct Gone;

impl Desk<'_> {
    fn say(&self, message: Message) {
        // A face that is gone needs no word.
        let _ = self.says.send(message);
    }

    /// Tells of the run as long as another process trains it; none if the face leaves.
    fn while_held(&mut self, mut follower: Follower) -> Option<Departure> {
        self.has_asked = false;
        let mut elsewhere = Elsewhere::of(self.run_dir);
        follower.begin().into_iter().for_each(|message| self.say(message));
        self.say(Message::Followed(elsewhere.clone()));
        loop {
            // Looked at first: what was written before the run was free is read then.
            let held = is_held(self.run_dir);
            match follower.news() {
                Ok(news) => news.into_iter().for_each(|message| self.say(message)),
                Err(error) => return Some(Departure::Failed(error.to_string())),
            }
            if !held {
                return Some(follower.last_words());
            }
            // Who is asked while it begins may not be seen yet, or others may be looking.
            if elsewhere.process.is_none() {
                let now = Elsewhere::of(self.run_dir);
                if now != elsewhere {
                    elsewhere = now;
                    self.say(Message::Followed(elsewhere.clone()));
                }
            }
            match self.hears.recv_timeout(EVERY) {
                Ok(Command::StopElsewhere) if !self.has_asked => self.stop(&elsewhere),
                Ok(command) => self.answer(command).ok()?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn stop(&mut self, elsewhere: &Elsewhere) {
        match elsewhere.ask_to_stop(self.run_dir) {
            Ok(()) => self.has_asked = true,
            Err(error) => self.say(Message::Warning(error.to_string())),
        }
    }

    /// Waits for what is wanted of a run that nobody trains: `Some(None)` if another process does again, none if
    /// the face leaves.
    fn when_free(&self) -> Option<Option<GoOn>> {
        loop {
            match self.hears.recv_timeout(EVERY) {
                Ok(Command::GoOn) => return Some(Some(GoOn::AsItIs)),
                Ok(Command::TrainLonger { kimg }) => return Some(Some(GoOn::Longer { kimg })),
                Ok(command) => self.answer(command).ok()?,
                Err(RecvTimeoutError::Timeout) if is_held(self.run_dir) => return Some(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn answer(&self, command: Command) -> std::result::Result<(), Gone> {
        match command {
            Command::Stop | Command::Leave => return Err(Gone),
            Command::Edit(request) => {
                let why = Error::usage("this run is followed: its weights are with another process")
                    .hint("edit with `signet edit RUN PICTURE`, or here once the run goes on in this window");
                let (ticket, name) = (request.ticket, request.name);
                self.say(Message::Edited(Edited { ticket, name, outcome: Err(why) }));
            }
            Command::Make(request) => {
                let why = Error::usage("this run is followed: its weights are with another process").hint(
                    "make pictures with `signet sample RUN`, or here once the run goes on in this window",
                );
                self.say(Message::Making(Making::Done { ticket: request.ticket, outcome: Err(why) }));
            }
            // The other process does not hear these.
            Command::Pause
            | Command::Resume
            | Command::SampleNow
            | Command::SampleRaw(_)
            | Command::ShowTeacher
            | Command::SaveNow
            | Command::Diagnose
            | Command::Tune(_)
            | Command::TrainLonger { .. }
            | Command::StopElsewhere
            | Command::GoOn
            | Command::CancelEdit(_)
            | Command::CancelMake(_) => {}
        }
        Ok(())
    }
}

/// A run, and what was told of it already.
struct Follower {
    run: Run,
    recipe: String,
    steps: Option<u64>,
    metrics: Vec<Number>,
    /// Grid files as they were seen: some are written anew.
    grids: BTreeSet<(PathBuf, Option<SystemTime>)>,
    checkpoint: Option<PathBuf>,
    changes: usize,
    warnings: usize,
    state: State,
}

impl Follower {
    fn open(run_dir: &Path) -> Result<Self> {
        let run = Run::open(run_dir)?;
        let seen = run.snapshot(SystemTime::now());
        Ok(Self {
            recipe: String::new(),
            steps: None,
            // The window lists what is there by itself.
            grids: grid_files(run_dir).into_iter().map(|(key, _)| key).collect(),
            metrics: Vec::new(),
            checkpoint: seen.newest_checkpoint,
            changes: 0,
            warnings: seen.warning_count,
            state: State::Starting,
            run,
        })
    }

    /// What a face has to know first.
    fn begin(&self) -> Vec<Message> {
        let seen = self.run.snapshot(SystemTime::now());
        let recipe = self.run.recipe.as_ref().ok();
        let started = Message::Started {
            run_dir: self.run.dir.clone(),
            recipe: seen.recipe.unwrap_or_default(),
            device: seen.device.unwrap_or_default(),
            resolution: seen.resolution.or(recipe.map(|recipe| recipe.data.size)).unwrap_or_default(),
            resumed_from: None,
        };
        let reals = files::reals(&self.run.dir).and_then(|path| files::grid(&path).ok());
        std::iter::once(started).chain(reals.map(Message::Reals)).collect()
    }

    /// What has come since the last call.
    fn news(&mut self) -> Result<Vec<Message>> {
        self.run.poll()?;
        let seen = self.run.snapshot(SystemTime::now());
        let mut news = Vec::new();
        if let Ok(recipe) = &self.run.recipe {
            let text = recipe::to_toml(recipe)?;
            if text != self.recipe {
                self.recipe = text;
                news.push(Message::Recipe(self.recipe.as_str().into()));
            }
        }
        self.phase(&seen, &mut news);
        news.extend(seen.changes.iter().skip(self.changes).cloned().map(Message::Changed));
        self.changes = seen.changes.len();
        if let Some(at) = place(&seen) {
            if self.steps != seen.total_steps {
                self.steps = seen.total_steps;
                news.push(step(at, &seen));
            }
            self.measured(at, &seen, &mut news);
            if self.checkpoint != seen.newest_checkpoint {
                self.checkpoint.clone_from(&seen.newest_checkpoint);
                news.extend(self.checkpoint.clone().map(|path| Message::Checkpoint { at, path }));
            }
        }
        self.drawn(&seen, &mut news);
        let fresh = seen.warning_count.saturating_sub(self.warnings);
        self.warnings = seen.warning_count;
        let warnings = seen.warnings.iter().rev().take(fresh).rev();
        news.extend(warnings.map(|warned| Message::Warning(warned.text.clone())));
        Ok(news)
    }

    /// A pause, and silence.
    fn phase(&mut self, seen: &Snapshot, news: &mut Vec<Message>) {
        let was = std::mem::replace(&mut self.state, seen.state.clone());
        match (&was, &seen.state) {
            (was, now) if was == now => {}
            (_, State::Paused) => news.push(Message::Paused),
            (State::Paused, _) => news.push(Message::Resumed),
            (_, State::Silent) => {
                let since = words::duration(seen.since_secs.unwrap_or(f64::NAN));
                let text =
                    format!("the other process has written nothing for {since}: it is slow, or stands still");
                news.push(Message::Warning(text));
            }
            _ => {}
        }
    }

    fn measured(&mut self, at: Progress, seen: &Snapshot, news: &mut Vec<Message>) {
        let fresh = seen.metrics.iter().filter(|number| !self.metrics.iter().any(|told| told.is(number)));
        news.extend(fresh.map(|number| Message::Metric {
            at: Progress { stage: number.stage, kimg: number.kimg, ..at },
            name: number.name.clone().into(),
            value: number.value,
            conditions: number.conditions.clone().unwrap_or_default(),
            on: "".into(),
        }));
        self.metrics.clone_from(&seen.metrics);
    }

    fn drawn(&mut self, seen: &Snapshot, news: &mut Vec<Message>) {
        for (key, file) in grid_files(&self.run.dir) {
            if self.grids.contains(&key) {
                continue;
            }
            // One that is being replaced is read at the next look.
            let Ok(pictures) = files::grid(&file.path) else { continue };
            self.grids.insert(key);
            let at = self.grid_place(&file, seen);
            let path = Some(file.path);
            news.push(Message::Samples { at, averaging: Averaging::Ema, pictures, path });
        }
    }

    /// Where the run was when it drew the file, as far as its name says so.
    fn grid_place(&self, file: &files::Pictures, seen: &Snapshot) -> Progress {
        let recipe = self.run.recipe.as_ref().ok();
        let stage_kimg = self.run.stages().into_iter().find(|(stage, _)| *stage == file.stage);
        Progress {
            stage: file.stage,
            step: recipe.map_or(0, |recipe| (file.kimg * 1000.0) as u64 / batch(recipe, file.stage)),
            kimg: file.kimg,
            stage_kimg: stage_kimg.map_or(file.kimg, |(_, kimg)| kimg),
            elapsed_secs: seen.elapsed_secs.unwrap_or_default(),
        }
    }

    /// How the process has left the run, which is free already.
    fn last_words(&mut self) -> Departure {
        for _ in 0..LAST_WORDS {
            match self.run.state(SystemTime::now()) {
                State::Ended { why } => return Departure::Ended(why),
                State::Failed { error } => return Departure::Failed(error),
                State::Starting | State::Training | State::Paused | State::Silent => {}
            }
            std::thread::sleep(LAST_WORDS_EVERY);
            if self.run.poll().is_err() {
                break;
            }
        }
        Departure::Silent
    }
}

/// Where the run's newest line was written.
fn place(seen: &Snapshot) -> Option<Progress> {
    Some(Progress {
        stage: seen.stage?,
        step: seen.step?,
        kimg: seen.kimg?,
        stage_kimg: seen.stage_kimg.or(seen.kimg)?,
        elapsed_secs: seen.elapsed_secs?,
    })
}

fn step(at: Progress, seen: &Snapshot) -> Message {
    let secs = |known: Option<f64>| known.unwrap_or(f64::NAN);
    let left = Left {
        stage: seen.stage_number.unwrap_or(1),
        stages: seen.stages.unwrap_or(1),
        stage_secs: secs(seen.eta_secs),
        secs: secs(seen.left_secs),
        // The plan may have been sure, but it is a line old.
        is_about: true,
    };
    Message::Step { at, losses: Vec::new(), images_per_sec: secs(seen.images_per_sec), left }
}

fn batch(recipe: &Recipe, stage: Stage) -> u64 {
    if stage == Stage::Teacher { recipe.teacher.batch } else { recipe.student.batch }.max(1) as u64
}

/// Grid files, and by what it is known whether they were read.
fn grid_files(run_dir: &Path) -> Vec<((PathBuf, Option<SystemTime>), files::Pictures)> {
    let key = |file: &files::Pictures| {
        let written = file.path.symlink_metadata().and_then(|meta| meta.modified()).ok();
        (file.path.clone(), written)
    };
    files::pictures(run_dir).into_iter().map(|file| (key(&file), file)).collect()
}

#[cfg(test)]
mod tests;
