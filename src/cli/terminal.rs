//! The run in a terminal: a progress bar, and a line for everything worth keeping.

use std::time::Duration;

use super::bar::Bar;
use super::metrics::Metrics;
use super::output::{Output, say};
use crate::error::{Error, Kind, Result};
use crate::run::link::Link;
use crate::run::message::{Departure, Ending, Left, Message, Progress};
use crate::words::{self, printable};

/// Without a terminal to redraw (a log file, a pipe), progress is a line every so often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows messages until the run ends; with all that numbers were measured under, if `conditions` are wanted.
pub fn follow(link: &Link, conditions: bool) -> Result<Ending> {
    let mut view = View::new(Bar::new(), Output::new(&link.commands), conditions);
    for message in &link.messages {
        match message {
            Message::Done { why, run_dir } => {
                view.close();
                view.output.line(&format!("run folder: {}", words::path(&run_dir)));
                return Ok(why);
            }
            Message::Failed(error) => {
                view.close();
                return Err(error);
            }
            // A terminal cannot be asked what becomes of the run now.
            Message::Departed(departure) => {
                view.close();
                return departed(departure);
            }
            other => view.show(other),
        }
    }
    Err(Error::new(Kind::Device, "the trainer ended without a word"))
}

/// How the process has ended that trained a run which was followed here.
fn departed(departure: Departure) -> Result<Ending> {
    match departure {
        Departure::Ended(why) => Ok(why),
        Departure::Failed(error) => {
            Err(Error::new(Kind::Device, format!("the other process failed: {error}")))
        }
        Departure::Silent => Err(Error::new(Kind::Device, "the other process is gone without a word")
            .hint("the same command goes on from the run's last checkpoint")),
    }
}

/// The last line.
pub fn farewell(ending: Ending, title: &str) {
    let words = match ending {
        Ending::Finished => "finished",
        Ending::Stopped => "stopped and saved: the same command goes on from here",
        Ending::Limit => "limit reached and saved: the same command with a higher limit goes on from here",
    };
    say!("{title}: {words}");
}

struct View {
    bar: Bar,
    redraws: bool,
    output: Output,
    last_line: Option<std::time::Instant>,
    metrics: Metrics,
    conditions: bool,
}

impl View {
    fn new(bar: Bar, output: Output, conditions: bool) -> Self {
        let redraws = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Self { bar, redraws, output, last_line: None, metrics: Metrics::default(), conditions }
    }

    fn line(&mut self, text: String) {
        if self.redraws { self.bar.bar.println(printable(&text)) } else { self.output.line(&text) }
    }

    /// Says what was measured last, once there is no more of it.
    fn tell_metrics(&mut self) {
        self.metrics.take(self.conditions).into_iter().for_each(|line| self.line(line));
    }

    fn close(&mut self) {
        self.tell_metrics();
        self.bar.bar.finish_and_clear();
    }

    fn show(&mut self, message: Message) {
        if !matches!(message, Message::Metric { .. }) {
            self.tell_metrics();
        }
        match message {
            Message::Started { run_dir, recipe, device, resolution, resumed_from } => {
                self.line(format!("recipe {recipe}, {resolution}×{resolution} pixels, on {device}"));
                self.line(format!("run folder {}", words::path(&run_dir)));
                if let Some(path) = resumed_from {
                    self.line(format!("resumed from {}", words::path(&path)));
                }
                if self.redraws {
                    self.line(
                        "keys: Ctrl-C saves and stops, the same command goes on; Ctrl-C twice does not wait"
                            .into(),
                    );
                }
            }
            Message::Followed(_) => {
                self.line("another process trains this run: it is followed here by its folder".into());
            }
            Message::Preparing { what, done, total, eta_secs } => {
                let left = eta_secs.map(words::time_left).unwrap_or_default();
                let share = format!("{} of {}", words::count(done), words::count(total));
                self.advance([done, total], &[what, share, left]);
            }
            Message::StageStarted { stage, parameters } => {
                self.line(format!("stage {}: {}", stage.name(), words::parameters(parameters)));
            }
            Message::Step { at, losses, images_per_sec, left } => {
                self.step(&at, images_per_sec, left, &losses);
            }
            Message::Samples { at, path: Some(path), .. } => {
                self.line(format!(
                    "{} {:.1} kimg: samples in {}",
                    at.stage.name(),
                    at.kimg,
                    words::path(&path)
                ));
            }
            Message::Metric { at, name, value, conditions, on } => {
                self.metrics.add(at, on, &name, value, conditions);
            }
            Message::Checkpoint { at, path } => {
                self.line(format!(
                    "{} {:.1} kimg: checkpoint {}",
                    at.stage.name(),
                    at.kimg,
                    words::path(&path)
                ));
            }
            Message::BadSteps(bad) if bad.worth_a_line => self.line(format!("warning: {}", bad.words())),
            Message::Rescaled(new) if new.worth_a_line => self.line(new.words()),
            Message::Warning(text) => self.line(format!("warning: {text}")),
            Message::Note(text) => self.line(text),
            Message::Paused => self.line("paused".into()),
            Message::Resumed => self.line("going on".into()),
            // Pictures and edits are for windows; the last three are handled by the caller.
            Message::Samples { path: None, .. }
            | Message::Recipe(_)
            | Message::Diagnosis(_)
            | Message::Reals(_)
            | Message::Editing { .. }
            | Message::Tunables(_)
            | Message::Changed(_)
            | Message::BadSteps(_)
            | Message::Rescaled(_)
            | Message::TeacherSamples { .. }
            | Message::Edited(_)
            | Message::Classes(_)
            | Message::Making(_)
            | Message::Departed(_)
            | Message::Done { .. }
            | Message::Failed(_) => {}
        }
    }

    /// A step: what matters most stands first, and a narrow terminal has no room for the rest.
    fn step(&mut self, at: &Progress, images_per_sec: f64, left: Left, losses: &[(&str, f32)]) {
        let stage = at.stage.name();
        let place = left.place().map_or_else(|| stage.to_owned(), |place| format!("{stage}, {place}"));
        let mut parts = vec![place, left.words()];
        if !self.bar.has_room_for(&parts) && self.redraws {
            parts.reverse();
        }
        let kimg = format!("{}/{} kimg", words::kimg(at.kimg), words::short(at.stage_kimg));
        parts.extend([words::speed(images_per_sec), kimg]);
        parts.extend(losses.iter().map(|(name, value)| format!("{} {value:.4}", name.replace('_', " "))));
        let images = |kimg: f64| (kimg * 1000.0) as u64;
        self.advance([at.kimg, at.stage_kimg].map(images), &parts);
    }

    fn advance(&mut self, done: [u64; 2], parts: &[String]) {
        if self.redraws {
            self.bar.show(done, parts);
        } else if self.last_line.is_none_or(|t| t.elapsed() >= LINE_EVERY) {
            self.last_line = Some(std::time::Instant::now());
            let said: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            self.output.line(&said.join(" · "));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::cli::bar::tests::Screen;
    use crate::run::link::Commands;
    use crate::run::message::Stage;

    /// What stood on a terminal of so many columns while a run trained and measured.
    fn shown(columns: u16) -> Vec<String> {
        let screen = Screen::new(columns);
        let (commands, _orders) = channel();
        let mut view = View::new(screen.bar(), Output::new(&Commands::from(commands)), false);
        view.redraws = true;
        let at = Progress { stage: Stage::Sign, step: 9, kimg: 7.5, stage_kimg: 24.0, elapsed_secs: 80.0 };
        let left = Left { stage: 2, stages: 2, stage_secs: 740.0, secs: 740.0, is_about: true };
        let losses = vec![("fake_score", 0.1234), ("rec", 0.05), ("idem", 0.001), ("grad_norm", 1.5)];
        view.show(Message::Step { at, losses, images_per_sec: 412.0, left });
        std::thread::sleep(Duration::from_millis(20));
        view.bar.bar.tick();
        std::thread::sleep(Duration::from_millis(20));
        let what = "measuring what is a long name for something".to_owned();
        view.show(Message::Preparing { what, done: 300, total: 512, eta_secs: Some(20.0) });
        std::thread::sleep(Duration::from_millis(20));
        view.bar.bar.tick();
        view.close();
        screen.lines()
    }

    #[test]
    fn a_bar_fits_wide_and_narrow_terminals() {
        for columns in [140, 80, 60, 40] {
            let lines = shown(columns);
            let has = |words: &str| lines.iter().any(|line| line.contains(words));
            assert!(has("31 %") && has("about 12 min 20 s left in all"), "{columns}: {lines:#?}");
            assert!(has("measuring what is a long"), "{columns}: {lines:#?}");
            assert_eq!(has("sign, stage 2 of 2 · about 12 min"), columns >= 60, "{columns}: {lines:#?}");
            assert_eq!(has("412 images/s"), columns >= 80, "{columns}: {lines:#?}");
            assert_eq!(has("fake score 0.1234"), columns >= 140, "{columns}: {lines:#?}");
            let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= usize::from(columns), "{widest} of {columns}: {lines:#?}");
        }
    }
}
