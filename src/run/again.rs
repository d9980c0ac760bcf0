//! A device that is lost or full need not end a run: it is opened anew, and the run goes on from its last checkpoint.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::ending::{Saved, caught, with_what_is_safe};
use super::message::{Ending, Message, Stage};
use super::options::{Limits, Meant, Options};
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::gpu;
use crate::interrupt::Interrupt;
use crate::recipe::Recipe;

/// Tries after trouble, without progress between them.
const MOST_TRIES: u32 = 3;
/// Steps beyond where the run has ever been that are progress. A later checkpoint is too.
const PROGRESS_STEPS: u64 = 100;
/// Between two tries to open a device: a driver that was reset may need a moment.
const PAUSE: Duration = Duration::from_secs(1);

/// What a run is opened with, as often as its device makes trouble.
pub(super) struct Again {
    pub recipe: Recipe,
    pub options: Options,
    tries: Tries,
    /// Full devices that this process had heard of when the session began.
    heard: u64,
    left: Option<Left>,
}

/// What a session leaves that its device has failed.
struct Left {
    trouble: Error,
    run_dir: PathBuf,
    saved: Option<Saved>,
    raw_wanted: bool,
    teacher_wanted: bool,
    is_paused: bool,
}

impl Again {
    pub fn new(recipe: Recipe, options: Options) -> Self {
        Self { recipe, options, tries: Tries::default(), heard: gpu::full_heard(), left: None }
    }

    /// Whether there was a session before.
    pub fn has_begun(&self) -> bool {
        self.left.is_some()
    }

    /// Has a session that was just opened do what the one before it was asked for.
    pub fn begin(&mut self, session: &mut Session) {
        self.heard = gpu::full_heard();
        let Some(left) = &self.left else { return };
        session.raw_wanted = left.raw_wanted;
        session.teacher_wanted = left.teacher_wanted;
        if left.is_paused {
            session.paused_since = Some(Instant::now());
            session.say(Message::Paused);
        }
    }

    /// Takes note of the error that ended a session, and says what is done about it: the session is to be dropped,
    /// and the run to be opened once more after [`reopen`](Self::reopen).
    ///
    /// # Errors
    /// The error that the run ends with: where it is no trouble of the device's, where a window draws on the device,
    /// and after too many tries.
    pub fn after(&mut self, error: Error, session: &mut Session) -> Result<()> {
        let error = self.diagnosed(error, &session.device);
        if !is_trouble(&error) {
            return Err(error);
        }
        if gpu::is_lent(&session.device) {
            return Err(while_a_window_draws(error));
        }
        let saved = session.saved.clone();
        let steps = saved.as_ref().map(|saved| saved.manifest.total_steps);
        let Some(number) = self.tries.another(session.reached, steps) else { return Err(in_vain(error)) };
        self.recipe = session.recipe.clone();
        let parts = if error.kind == Kind::DeviceFull {
            let size = session.stage.and_then(|stage| halve(&mut self.recipe, stage));
            // A single image at a time is as little as there is.
            let Some(size) = size else { return Err(error) };
            format!(", computing in parts of {size} images from now on (results change by rounding alone)")
        } else {
            String::new()
        };
        let place = saved.as_ref().map_or("its beginning: nothing was saved yet".into(), Saved::to_string);
        session.say(Message::Warning(format!(
            "{}; the run opens the device again{parts}, and goes on from {place} (try {number} of {MOST_TRIES})",
            error.what
        )));
        // Edits and pictures that were asked for had weights that are gone.
        let undone =
            Error::new(error.kind, format!("{}, before this was done", error.what)).hint("ask again");
        let answers = [session.edits.refuse(&undone), session.makes.refuse(&undone)];
        answers.into_iter().flatten().for_each(|answer| session.say(answer));
        let time_left = session.hears.interrupt.time_left();
        self.options.resume = Some(session.run_dir());
        self.options.fresh = false;
        // The recipe has the lengths that hold.
        self.options.meant = Meant { teacher_kimg: true, student_kimg: true };
        self.options.stays = session.stays;
        self.options.limits =
            Limits { max_minutes: time_left.map(|time| time.as_secs_f64() / 60.0), ..self.options.limits };
        self.left = Some(Left {
            trouble: error,
            run_dir: session.run_dir(),
            saved,
            raw_wanted: session.raw_wanted,
            teacher_wanted: session.teacher_wanted,
            is_paused: session.paused_since.is_some(),
        });
        Ok(())
    }

    /// The same where the run could not even be opened; opens the device anew.
    ///
    /// # Errors
    /// As [`after`](Self::after) and [`reopen`](Self::reopen).
    pub fn unopened(&mut self, error: Error, interrupt: &Interrupt) -> Result<()> {
        if !is_trouble(&error) || self.tries.another(0, None).is_none() {
            return Err(error);
        }
        self.reopen(interrupt)
    }

    /// Opens the device anew, as often as there are tries left.
    ///
    /// # Errors
    /// What befell the device, and why it cannot be opened; `Kind::Stopped` if a face wants to stop.
    pub fn reopen(&mut self, interrupt: &Interrupt) -> Result<()> {
        loop {
            interrupt.check()?;
            let Err(refused) = caught(|| gpu::open_anew(&self.options.device)) else { return Ok(()) };
            if self.tries.another(0, None).is_none() {
                let Some(Left { trouble, .. }) = &self.left else { return Err(refused) };
                let what = format!("{}; {}", trouble.what, refused.what);
                return Err(Error { what, ..trouble.clone() });
            }
            thread::sleep(PAUSE);
        }
    }

    /// The last message of a run that is not opened again because of `error`, and its folder; none where it had none.
    pub fn last_word(&self, error: Error) -> Option<(PathBuf, Message)> {
        let Left { run_dir, saved, .. } = self.left.as_ref()?;
        let last = if error.kind == Kind::Stopped {
            Message::Done { why: Ending::Stopped, run_dir: run_dir.clone() }
        } else {
            Message::Failed(with_what_is_safe(error, saved.as_ref()))
        };
        Some((run_dir.clone(), last))
    }

    /// The error, or the trouble that it comes of. burn's own threads catch what panics there: whoever waits for their
    /// work may hear of something else.
    fn diagnosed(&self, error: Error, device: &Device) -> Error {
        if error.kind != Kind::Device {
            return error;
        }
        if gpu::full_heard() > self.heard {
            return gpu::full(&error.what);
        }
        match caught(|| gpu::check(device)) {
            Ok(()) => error,
            Err(trouble) if is_trouble(&trouble) => trouble,
            Err(silent) => gpu::lost(&silent.what),
        }
    }
}

fn is_trouble(error: &Error) -> bool {
    matches!(error.kind, Kind::DeviceLost | Kind::DeviceFull)
}

/// A window cannot be given another device.
fn while_a_window_draws(error: Error) -> Error {
    let remedy = error.remedy.clone().unwrap_or_default();
    let what = format!("{}; a window draws on it too, so the run cannot open it again here", error.what);
    Error { what, ..error }.hint(format!("{remedy}; without a window (--headless) a run goes on by itself"))
}

fn in_vain(error: Error) -> Error {
    let what = format!("{}; the run has gone on {MOST_TRIES} times and came no further", error.what);
    Error { what, ..error }
}

/// Has `stage` compute half as many images at a time; gives their number, or none where it is one already.
fn halve(recipe: &mut Recipe, stage: Stage) -> Option<usize> {
    let (batch, part) = match stage {
        Stage::Teacher => (recipe.teacher.batch, &mut recipe.teacher.micro_batch),
        Stage::Sid | Stage::Sign => (recipe.student.batch, &mut recipe.student.micro_batch),
    };
    // 0 is the whole batch.
    let size = if *part == 0 { batch } else { batch.min(*part) };
    if size < 2 {
        return None;
    }
    *part = size.div_ceil(2);
    Some(*part)
}

/// Counts tries that brought nothing.
#[derive(Debug, Default)]
struct Tries {
    made: u32,
    /// Where the run has been, and its newest checkpoint: steps of all stages.
    furthest: u64,
    saved: Option<u64>,
}

impl Tries {
    /// The number of the try that follows after trouble, the run having `reached` so many steps and `saved` the last
    /// checkpoint after so many; none after too many tries without progress.
    fn another(&mut self, reached: u64, saved: Option<u64>) -> Option<u32> {
        let is_progress = saved > self.saved || reached >= self.furthest + PROGRESS_STEPS;
        self.made = if is_progress { 1 } else { self.made + 1 };
        self.furthest = self.furthest.max(reached);
        self.saved = self.saved.max(saved);
        (self.made <= MOST_TRIES).then_some(self.made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe;

    #[test]
    fn three_tries_are_made_without_progress() {
        let mut tries = Tries::default();
        let made = [40, 45, 12, 40].map(|reached| tries.another(reached, None));
        assert_eq!(made, [Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn a_later_checkpoint_or_a_hundred_new_steps_are_progress() {
        let mut tries = Tries::default();
        assert_eq!(
            [(40, None), (139, None)].map(|(steps, saved)| tries.another(steps, saved)),
            [Some(1), Some(2)]
        );
        // Steps that were made before are no progress: 160 are 21 more.
        assert_eq!(tries.another(160, None), Some(3));
        assert_eq!(tries.another(260, None), Some(1));
        assert_eq!(tries.another(200, Some(30)), Some(1));
        assert_eq!([30, 20].map(|saved| tries.another(200, Some(saved))), [Some(2), Some(3)]);
        assert_eq!(tries.another(0, Some(31)), Some(1));
    }

    #[test]
    fn parts_are_halved_down_to_single_images() {
        let mut recipe = recipe::preset("demo").expect("the demo recipe");
        (recipe.teacher.batch, recipe.student.batch, recipe.student.micro_batch) = (7, 16, 64);
        let sizes = |recipe: &mut Recipe, stage| -> Vec<usize> {
            std::iter::from_fn(|| halve(recipe, stage)).take(9).collect()
        };
        assert_eq!(sizes(&mut recipe, Stage::Teacher), [4, 2, 1]);
        assert_eq!(recipe.teacher.micro_batch, 1);
        assert_eq!(sizes(&mut recipe, Stage::Sign), [8, 4, 2, 1]);
    }

    #[test]
    fn a_run_in_a_window_says_why_it_ends() {
        let error = while_a_window_draws(gpu::lost("reset"));
        assert_eq!(error.kind, Kind::DeviceLost);
        let told = error.to_string();
        for words in ["lost: reset; a window draws", "the same command", "--headless"] {
            assert!(told.contains(words), "“{words}” is not in: {told}");
        }
    }
}
