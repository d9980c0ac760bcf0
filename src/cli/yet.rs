//! What is said of a run that has no weights to show yet: how far it is, and when the first come.

use std::path::Path;
use std::time::SystemTime;

use crate::error::Error;
use crate::recipe::{Recipe, Stage};
use crate::run::is_held;
use crate::train;
use crate::watch::{Run, Snapshot};
use crate::words;

/// In place of another error, where `path` is the folder of a run that has saved nothing yet.
pub fn nothing(path: &Path) -> Option<Error> {
    let run = Run::open(path).ok()?;
    let (stage, _) = *run.recipe.as_ref().ok()?.stages().first()?;
    let saved = stages_saved(path);
    saved.is_empty().then(|| told(&run, stage, "there are no weights yet"))
}

/// The same where `path` is the folder of a run that will be a SIGN model, and is none yet.
pub fn no_sign(path: &Path) -> Option<Error> {
    let run = Run::open(path).ok()?;
    let will_be = run.recipe.as_ref().ok()?.stages().iter().any(|(stage, _)| *stage == Stage::Sign);
    let is_one = stages_saved(path).contains(&Stage::Sign);
    (will_be && !is_one).then(|| told(&run, Stage::Sign, "there are no SIGN weights yet"))
}

/// Stages that have left a checkpoint in the run's folder.
fn stages_saved(run_dir: &Path) -> Vec<Stage> {
    let all = train::checkpoints(&run_dir.join("checkpoints")).unwrap_or_default();
    all.iter().filter_map(|path| train::named_stage(path)).collect()
}

fn told(run: &Run, wanted: Stage, what: &str) -> Error {
    let seen = run.snapshot(SystemTime::now());
    let trains = is_held(&run.dir);
    let place = seen.stage.zip(seen.kimg).map(|(stage, kimg)| {
        let end = seen.stage_kimg.map(|end| format!(" of {}", words::kimg(end))).unwrap_or_default();
        let who = match stage {
            Stage::Teacher => "the teacher",
            Stage::Sid | Stage::Sign => "the student",
        };
        format!("{who} trains, {}{end} kimg are done", words::kimg(kimg))
    });
    let place = place.unwrap_or_else(|| "the run has just begun".into());
    let dir = run.dir.display();
    let first = run.recipe.as_ref().ok().and_then(|recipe| first(recipe, wanted));
    let comes = first.map(|(kimg, of)| {
        format!(
            "the first come after {} of {} kimg of the {} stage",
            words::kimg(kimg),
            words::kimg(of),
            wanted.name()
        )
    });
    let comes = comes.unwrap_or_else(|| "the first come with its first checkpoint".into());
    if trains {
        let secs = first.and_then(|first| secs_to(&seen, wanted, first));
        let when = secs.map(|secs| format!(", in about {}", words::duration(secs))).unwrap_or_default();
        return Error::checkpoint(&run.dir, format!("{what}: {place}"))
            .hint(format!("wait: {comes}{when}; `signet watch {dir}` shows how far it is"));
    }
    Error::checkpoint(&run.dir, format!("{what}: {place}, and nobody trains it now"))
        .hint(format!("go on with `signet train {dir}`: {comes}"))
}

/// After how many kimg a stage saves for the first time, and how long it is.
fn first(recipe: &Recipe, wanted: Stage) -> Option<(f64, f64)> {
    let (_, kimg) = recipe.stages().into_iter().find(|(stage, _)| *stage == wanted)?;
    Some((recipe.report.checkpoint_every_kimg.min(kimg), kimg))
}

/// Seconds until then, by the run's own plan; none where it does not say.
fn secs_to(seen: &Snapshot, wanted: Stage, (first, of): (f64, f64)) -> Option<f64> {
    if seen.stage == Some(wanted) {
        let speed = seen.images_per_wall_sec.or(seen.images_per_sec)?;
        return Some((first - seen.kimg?).max(0.0) * 1000.0 / speed.max(1e-9));
    }
    let (now, all) = (seen.eta_secs?, seen.left_secs?);
    Some(now + (all - now).max(0.0) * first / of.max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunFolder;
    use crate::watch::made_up::MadeUp;

    #[test]
    fn a_run_says_when_its_first_weights_come() {
        let made = MadeUp::empty();
        let lock = RunFolder { path: made.path().into() }.lock().expect("free");
        made.say(&made.started());
        let begun = nothing(made.path()).expect("nothing is there").to_string();
        assert!(
            begun.contains("no weights yet: the run has just begun") && begun.contains("10.0 of 40.0"),
            "{begun}"
        );
        made.line(
            "teacher",
            100,
            12.0,
            r#""left_secs":1000,"images_per_sec":200.0,"images_per_wall_sec":140.0"#,
        );
        // 200 s of the teacher's stage, and 10 of 24 kimg of the other 800 s.
        let words = no_sign(made.path()).expect("no SIGN model").to_string();
        for part in [
            "no SIGN weights yet: the teacher trains, 12.0 of 40.0 kimg",
            "10.0 of 24.0 kimg",
            "in about 8 min",
        ] {
            assert!(words.contains(part), "{part} is not in {words}");
        }
        drop(lock);
        let idle = no_sign(made.path()).expect("no SIGN model").to_string();
        assert!(idle.contains("nobody trains it now") && idle.contains("signet train"), "{idle}");

        made.file("checkpoints/step-00000100-teacher/manifest.json", b"{}");
        assert!(nothing(made.path()).is_none() && no_sign(made.path()).is_some());
        made.file("checkpoints/step-00000200-sign/manifest.json", b"{}");
        assert!(no_sign(made.path()).is_none());
        assert!(nothing(Path::new("/nowhere")).is_none());
    }
}
