//! The run in a terminal: a progress bar, and a line for everything worth keeping.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{Output, say};
use crate::error::{Error, Kind, Result};
use crate::run::link::Link;
use crate::run::message::{Ending, Message, Progress};
use crate::words::{self, on_one_line, printable};

/// Without a terminal to redraw (a log file, a pipe), progress is a line every so often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows messages until the run ends.
pub fn follow(link: &Link) -> Result<Ending> {
    let mut view = View::new(Output::new(&link.commands));
    for message in &link.messages {
        match message {
            Message::Done { why, run_dir } => {
                view.bar.finish_and_clear();
                view.output.line(&format!("run folder: {}", words::path(&run_dir)));
                return Ok(why);
            }
            Message::Failed(error) => {
                view.bar.finish_and_clear();
                return Err(error);
            }
            other => view.show(other),
        }
    }
    Err(Error::new(Kind::Device, "the trainer ended without a word"))
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
    bar: ProgressBar,
    redraws: bool,
    output: Output,
    last_line: Option<std::time::Instant>,
}

impl View {
    fn new(output: Output) -> Self {
        let redraws = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:24} {msg}") {
            bar.set_style(style);
        }
        Self { bar, redraws, output, last_line: None }
    }

    fn line(&mut self, text: String) {
        if self.redraws { self.bar.println(printable(&text)) } else { self.output.line(&text) }
    }

    fn show(&mut self, message: Message) {
        match message {
            Message::Started { run_dir, recipe, device, resolution, resumed_from } => {
                self.line(format!("recipe {recipe}, {resolution}×{resolution} pixels, on {device}"));
                self.line(format!("run folder {}", words::path(&run_dir)));
                if let Some(path) = resumed_from {
                    self.line(format!("resumed from {}", words::path(&path)));
                }
            }
            Message::Preparing { what, done, total, eta_secs } => {
                let left = eta_secs.map(|secs| format!("  ETA {}", duration(secs))).unwrap_or_default();
                self.advance(&what, [done, total], format!("{done}/{total}{left}"));
            }
            Message::StageStarted { stage, parameters } => {
                self.line(format!("stage {}: {parameters} parameters", stage.name()));
            }
            Message::Step { at, losses, images_per_sec, eta_secs } => {
                let losses: Vec<_> = losses.iter().map(|(name, v)| format!("{name} {v:.4}")).collect();
                let digits = usize::from(at.stage_kimg.fract() > 0.0);
                let text = format!(
                    "{:.1}/{:.digits$} kimg  {images_per_sec:.0} images/s  ETA {}  {}",
                    at.kimg,
                    at.stage_kimg,
                    duration(eta_secs),
                    losses.join("  ")
                );
                self.progress(&at, text);
            }
            Message::Samples { at, path: Some(path), .. } => {
                self.line(format!(
                    "{} {:.1} kimg: samples in {}",
                    at.stage.name(),
                    at.kimg,
                    words::path(&path)
                ));
            }
            Message::Metric { at, name, value, conditions } => {
                self.line(format!(
                    "{} {:.1} kimg: {name} = {value:.5}  ({conditions})",
                    at.stage.name(),
                    at.kimg
                ));
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
            Message::Warning(text) => self.line(format!("warning: {text}")),
            Message::Note(text) => self.line(text),
            Message::Paused => self.line("paused".into()),
            Message::Resumed => self.line("going on".into()),
            // Pictures and edits are for windows; the last two are handled by the caller.
            Message::Samples { path: None, .. }
            | Message::Recipe(_)
            | Message::Diagnosis(_)
            | Message::Reals(_)
            | Message::Editing { .. }
            | Message::Tunables(_)
            | Message::Changed(_)
            | Message::BadSteps(_)
            | Message::TeacherSamples { .. }
            | Message::Edited(_)
            | Message::Classes(_)
            | Message::Making(_)
            | Message::Done { .. }
            | Message::Failed(_) => {}
        }
    }

    fn progress(&mut self, at: &Progress, text: String) {
        let images = |kimg: f64| (kimg * 1000.0) as u64;
        self.advance(at.stage.name(), [at.kimg, at.stage_kimg].map(images), text);
    }

    fn advance(&mut self, what: &str, [done, total]: [u64; 2], text: String) {
        if self.redraws {
            self.bar.set_length(total);
            self.bar.set_position(done);
            self.bar.set_prefix(on_one_line(what).into_owned());
            self.bar.set_message(on_one_line(&text).into_owned());
        } else if self.last_line.is_none_or(|t| t.elapsed() >= LINE_EVERY) {
            self.last_line = Some(std::time::Instant::now());
            self.output.line(&format!("{what} {text}"));
        }
    }
}

/// Seconds in words: `42s`, `3m05s`, `2h10m`.
fn duration(secs: f64) -> String {
    if !secs.is_finite() {
        return "?".into();
    }
    let secs = secs.clamp(0.0, 1e9) as u64;
    match secs {
        0..60 => format!("{secs}s"),
        60..3600 => format!("{}m{:02}s", secs / 60, secs % 60),
        _ => format!("{}h{:02}m", secs / 3600, secs / 60 % 60),
    }
}
