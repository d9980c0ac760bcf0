//! When the run's own weights can edit, in words: a teacher cannot, the SIGN student after it can.

use crate::recipe;
use crate::run::message::{Message, Stage, Weights};
use crate::words;

/// What the trainer's messages say of it.
#[derive(Default)]
pub struct Outlook {
    stage: Option<Stage>,
    /// Whether a SIGN student is trained in this run; none as long as nobody has said so.
    has_sign: Option<bool>,
    /// Seconds until the stage ends.
    eta_secs: Option<f64>,
    /// What prepares the stage, and seconds that this still takes.
    preparing: Option<Option<f64>>,
    paused: bool,
    ended: bool,
}

impl Outlook {
    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Started { .. } => *self = Self::default(),
            Message::Recipe(toml) => {
                let stages = recipe::from_toml(toml).ok().map(|recipe| recipe.stages());
                self.has_sign = stages.map(|all| all.iter().any(|(stage, _)| *stage == Stage::Sign));
            }
            Message::StageStarted { stage, .. } => {
                (self.stage, self.eta_secs, self.preparing) = (Some(*stage), None, None);
            }
            Message::Preparing { eta_secs, .. } => self.preparing = Some(*eta_secs),
            Message::Step { at, left, .. } => {
                self.preparing = None;
                self.stage = Some(at.stage);
                self.eta_secs = Some(left.stage_secs).filter(|secs| secs.is_finite() && *secs >= 0.0);
            }
            Message::Paused => self.paused = true,
            Message::Resumed => self.paused = false,
            // Where another process trains nothing comes from this one: what is asked of it is answered at once.
            Message::Done { .. } | Message::Failed(_) | Message::Followed(_) | Message::Departed(_) => {
                self.ended = true;
            }
            _ => {}
        }
    }

    /// The trainer is gone.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether what is asked of `weights` has to wait for them.
    pub fn waits(&self, weights: &Weights) -> bool {
        let comes = self.stage == Some(Stage::Teacher) && self.has_sign != Some(false);
        *weights == Weights::Newest && comes && !self.ended
    }

    /// When `weights` can edit and that `what` ("your picture is") queued until then, or why they never will; none
    /// where they can.
    pub fn words(&self, weights: &Weights, what: &str) -> Option<String> {
        if *weights != Weights::Newest || self.ended {
            return None;
        }
        if self.waits(weights) {
            return Some(format!("{}; {what} queued and edited then", self.when()));
        }
        match (self.stage, self.has_sign) {
            (Some(Stage::Sid), _) | (_, Some(false)) => Some(
                "this run trains no SIGN model, and only such a model can edit pictures: choose one's checkpoint \
                 under More, Weights"
                    .to_owned(),
            ),
            (Some(Stage::Sign), _) => {
                let left = self.preparing?.map(|secs| format!(" ({})", words::time_left(secs)));
                let left = left.unwrap_or_default();
                Some(format!("SIGN is being prepared{left}; {what} queued and edited then"))
            }
            _ => None,
        }
    }

    /// When SIGN begins.
    fn when(&self) -> String {
        let after = if self.paused { "the run is paused: once it goes on, " } else { "" };
        match self.eta_secs {
            Some(secs) => format!("{after}SIGN begins in about {}", about(secs)),
            None => format!("{after}SIGN begins when the teacher is trained"),
        }
    }
}

/// A time as somebody would say who is asked for it: no seconds beside minutes, no minutes beside many hours.
fn about(secs: f64) -> String {
    let minutes = (secs / 60.0).ceil() as u64;
    match minutes {
        0 | 1 => "a minute".to_owned(),
        2..60 => format!("{minutes} min"),
        60..600 => words::duration(minutes as f64 * 60.0),
        _ => words::duration((secs / 3600.0).round() * 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Method;
    use crate::run::message::{Elsewhere, Ending, Left, Progress};

    const WHAT: &str = "your picture is";

    fn step(stage: Stage, eta_secs: f64) -> Message {
        let at = Progress { stage, step: 1, kimg: 1.0, stage_kimg: 2.0, elapsed_secs: 1.0 };
        Message::Step { at, losses: Vec::new(), images_per_sec: 1.0, left: Left::alone(eta_secs) }
    }

    fn begins(stage: Stage) -> Message {
        Message::StageStarted { stage, parameters: 1 }
    }

    fn recipe(method: Method) -> Message {
        let mut recipe = recipe::preset("demo").expect("the demo");
        recipe.student.method = method;
        Message::Recipe(recipe::to_toml(&recipe).expect("a recipe").into())
    }

    fn after(messages: &[Message]) -> Outlook {
        let mut outlook = Outlook::default();
        messages.iter().for_each(|message| outlook.receive(message));
        outlook
    }

    fn words(messages: &[Message]) -> Option<String> {
        after(messages).words(&Weights::Newest, WHAT)
    }

    #[test]
    fn a_teacher_says_when_sign_begins_and_pictures_wait() {
        let teacher = [begins(Stage::Teacher), step(Stage::Teacher, 700.0)];
        assert_eq!(
            words(&teacher).expect("words"),
            "SIGN begins in about 12 min; your picture is queued and edited then"
        );
        assert!(after(&teacher).waits(&Weights::Newest));
        assert!(!after(&teacher).waits(&Weights::Checkpoint("a".into())), "another model is there already");
        let unknown = words(&[begins(Stage::Teacher)]).expect("words");
        assert!(unknown.starts_with("SIGN begins when the teacher is trained;"), "{unknown}");
        let paused =
            words(&[begins(Stage::Teacher), step(Stage::Teacher, 30.0), Message::Paused]).expect("words");
        assert!(paused.contains("paused: once it goes on, SIGN begins in about a minute"), "{paused}");
    }

    #[test]
    fn with_sign_nothing_waits_but_for_its_preparation() {
        let began = [begins(Stage::Teacher), begins(Stage::Sign)];
        assert_eq!(words(&began), None);
        let preparing =
            Message::Preparing { what: "preparing".into(), done: 1, total: 2, eta_secs: Some(90.0) };
        let said = words(&[begins(Stage::Sign), preparing.clone()]).expect("words");
        assert!(said.starts_with("SIGN is being prepared (about 1 min 30 s left)"), "{said}");
        assert_eq!(words(&[begins(Stage::Sign), preparing, step(Stage::Sign, 9.0)]), None);
        let done = Message::Done { why: Ending::Stopped, run_dir: "r".into() };
        let ended = after(&[begins(Stage::Teacher), done]);
        assert!(!ended.waits(&Weights::Newest), "nothing comes any more");
        let followed = Message::Followed(Elsewhere { process: None });
        let followed = after(&[followed, step(Stage::Teacher, 9.0)]);
        assert!(!followed.waits(&Weights::Newest), "another process trains");
        assert_eq!(followed.words(&Weights::Newest, WHAT), None);
    }

    #[test]
    fn a_run_without_sign_promises_nothing() {
        let sid = [recipe(Method::Sid), begins(Stage::Teacher), step(Stage::Teacher, 700.0)];
        assert!(!after(&sid).waits(&Weights::Newest));
        assert!(words(&sid).expect("words").contains("no SIGN model"));
        assert_eq!(after(&sid).words(&Weights::Checkpoint("a".into()), WHAT), None);
        assert!(after(&[recipe(Method::Sign), begins(Stage::Teacher)]).waits(&Weights::Newest));
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (secs, said) in [
            (0.0, "a minute"),
            (61.0, "2 min"),
            (3_599.0, "1 h"),
            (5_000.0, "1 h 24 min"),
            (40_000.0, "11 h"),
        ] {
            assert_eq!(about(secs), said);
        }
    }
}
