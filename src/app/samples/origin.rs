//! What a picture comes from, and the command that makes it again.

use std::path::{Path, PathBuf};

use super::place::Place;
use crate::app::shell_words::quoted;
use crate::recipe;
use crate::run::message::{Averaging, Message, Stage};

/// A command line, or why there is none.
pub type Again = Result<Command, &'static str>;

#[derive(Debug, PartialEq)]
pub struct Command {
    pub words: String,
    /// Whether it makes this very picture, not what the newest checkpoint makes of its seed.
    pub exact: bool,
}

/// What the run has said of itself.
#[derive(Default)]
pub struct Origin {
    pub run_dir: Option<PathBuf>,
    pub recipe: String,
    /// Whether the networks are told a class.
    labelled: bool,
    /// A teacher that was given to the run.
    teacher: Option<PathBuf>,
    checkpoints: Vec<(Stage, u64, PathBuf)>,
}

impl Origin {
    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Started { run_dir, recipe, .. } => {
                self.run_dir = Some(run_dir.clone());
                self.recipe.clone_from(recipe);
            }
            Message::Recipe(toml) => {
                if let Ok(recipe) = recipe::from_toml(toml) {
                    self.labelled = recipe.data.use_labels;
                    // Where the world itself judges, no file makes what it does.
                    self.teacher = recipe.teacher.path.filter(|_| !recipe.teacher.exact);
                }
            }
            Message::Checkpoint { at, path } => self.checkpoints.push((at.stage, at.step, path.clone())),
            _ => {}
        }
    }

    /// For picture `seed` of a grid of the run.
    pub fn sample(&self, place: &Place, averaging: Averaging, seed: usize) -> Again {
        if averaging == Averaging::Raw {
            return Err("no command makes it again: models are saved with averaged weights only");
        }
        let (model, exact) = self.model(place)?;
        Ok(Command { words: words(model, self.labelled, seed), exact })
    }

    /// For the picture of a seed and, where the model is told one, of a class, made at a moment of the run.
    pub fn of_seed(&self, place: &Place, seed: u32, class: Option<u32>) -> Again {
        let (model, exact) = self.model(place)?;
        let class = class.map(|class| format!(" --class {class}")).unwrap_or_default();
        let model = quoted(&model.display().to_string());
        Ok(Command { words: format!("signet sample {model} --seeds {seed}{class}"), exact })
    }

    /// The checkpoint that has the weights of this moment, or else the run; whether it is the first.
    fn model(&self, place: &Place) -> Result<(&PathBuf, bool), &'static str> {
        let checkpoint = self.checkpoints.iter().rev().find(|(stage, step, path)| {
            // Old ones are removed after a while.
            *stage == place.stage && Some(*step) == place.step && path.is_dir()
        });
        let model = checkpoint.map(|(.., path)| path).or(self.run_dir.as_ref());
        Ok((model.ok_or("the run has no folder yet")?, checkpoint.is_some()))
    }

    /// For the teacher's picture, which took so many evaluations.
    pub fn teacher(&self, evaluations: usize, seed: usize) -> Again {
        let own =
            self.checkpoints.iter().rev().find(|(stage, _, path)| *stage == Stage::Teacher && path.is_dir());
        let model = self.teacher.as_ref().or(own.map(|(.., path)| path));
        let model = model.ok_or("no command makes it again: no file holds this teacher alone")?;
        let steps = evaluations.div_ceil(2);
        Ok(Command { words: format!("{} --steps {steps}", words(model, self.labelled, seed)), exact: true })
    }
}

/// For what the newest checkpoint below `model` makes of a seed.
pub fn words(model: &Path, labelled: bool, seed: usize) -> String {
    // Classes are dealt out in turn: alone, a picture would be of the first one.
    let seeds = if labelled && seed > 0 { format!("0-{seed}") } else { seed.to_string() };
    format!("signet sample {} --seeds {seeds}", quoted(&model.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::message::Progress;

    #[test]
    fn a_checkpoint_of_the_same_step_makes_the_very_picture() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut origin = Origin::default();
        let at = Progress { stage: Stage::Sign, step: 8, kimg: 0.5, stage_kimg: 1.0, elapsed_secs: 1.0 };
        let place = Place::from(&at);
        assert!(origin.sample(&place, Averaging::Ema, 3).is_err(), "nothing is known of the run yet");
        origin.receive(&Message::Started {
            run_dir: "runs/00001-my demo".into(),
            recipe: "demo".into(),
            device: String::new(),
            resolution: 16,
            resumed_from: None,
        });
        let again = origin.sample(&place, Averaging::Ema, 3).expect("a command");
        let words = "signet sample 'runs/00001-my demo' --seeds 3";
        assert_eq!(again, Command { words: words.into(), exact: false });
        origin.receive(&Message::Checkpoint { at, path: folder.path().into() });
        let again = origin.sample(&place, Averaging::Ema, 3).expect("a command");
        assert!(again.exact && again.words.contains(&folder.path().display().to_string()), "{again:?}");
        assert!(origin.sample(&place, Averaging::Raw, 3).is_err());
        let of_class = origin.of_seed(&place, 70, Some(2)).expect("a command");
        assert!(of_class.exact && of_class.words.ends_with(" --seeds 70 --class 2"), "{of_class:?}");
        assert!(origin.teacher(19, 3).is_err(), "the student's checkpoint is not the teacher");
    }

    #[test]
    fn with_classes_a_seed_is_made_among_those_before_it() {
        let mut recipe = recipe::preset("demo").expect("the demo");
        recipe.data.use_labels = true;
        recipe.teacher.path = Some("teacher".into());
        let mut origin = Origin::default();
        origin.receive(&Message::Recipe(recipe::to_toml(&recipe).expect("TOML").into()));
        let again = origin.teacher(19, 5).expect("a command");
        assert_eq!(again.words, "signet sample teacher --seeds 0-5 --steps 10");
    }
}
