//! The log pane: notes, warnings and checkpoints, each with the time it came.

use std::collections::VecDeque;
use std::time::Instant;

use eframe::egui::{RichText, ScrollArea, Ui};

use super::{card, theme, words};
use crate::run::message::{Departure, Ending, Message};

/// Lines kept; the run folder's `log.jsonl` has them all.
const MAX_LINES: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Plain,
    Good,
    Warning,
    Error,
}

struct Line {
    /// Since the window opened.
    secs: u64,
    weight: Weight,
    words: String,
}

pub struct Log {
    opened: Instant,
    lines: VecDeque<Line>,
}

impl Log {
    pub fn new() -> Self {
        Self { opened: Instant::now(), lines: VecDeque::new() }
    }

    pub fn receive(&mut self, message: &Message) {
        let (weight, words) = match message {
            Message::Started { run_dir, .. } => (Weight::Plain, format!("run folder {}", run_dir.display())),
            Message::StageStarted { stage, parameters } => {
                (Weight::Plain, format!("stage {} begins, {}", stage.name(), words::parameters(*parameters)))
            }
            Message::Note(words) => (Weight::Plain, words.clone()),
            Message::Rescaled(new) if new.worth_a_line => (Weight::Plain, new.words()),
            Message::Warning(words) => (Weight::Warning, words.clone()),
            Message::BadSteps(bad) if bad.worth_a_line => (Weight::Warning, bad.words()),
            Message::Checkpoint { at, path } => {
                let step = words::count(at.step);
                (Weight::Good, format!("checkpoint at step {step}: {}", path.display()))
            }
            Message::Metric { at, name, value, conditions, .. } => {
                let (stage, kimg, value) = (at.stage.name(), words::kimg(at.kimg), words::value(*value));
                let name = words::measure(name);
                (Weight::Plain, format!("{name}, {stage} at {kimg} kimg: {value} ({conditions})"))
            }
            Message::Followed(elsewhere) => {
                let who = elsewhere.process.map_or_else(String::new, |process| format!(" ({process})"));
                (Weight::Plain, format!("another process{who} trains this run: it is followed by its folder"))
            }
            Message::Departed(departure) => departed(departure),
            Message::Paused => (Weight::Plain, "paused".to_owned()),
            Message::Resumed => (Weight::Plain, "going on".to_owned()),
            Message::Done { why, .. } => (Weight::Good, ending(*why).to_owned()),
            Message::Failed(error) => (Weight::Error, flush(&error.to_string())),
            Message::Preparing { .. }
            | Message::Step { .. }
            | Message::Recipe(_)
            | Message::Diagnosis(_)
            | Message::Reals(_)
            | Message::Samples { .. }
            | Message::Editing { .. }
            | Message::Tunables(_)
            | Message::Changed(_)
            | Message::BadSteps(_)
            | Message::Rescaled(_)
            | Message::TeacherSamples { .. }
            | Message::Edited(_)
            | Message::Classes(_)
            | Message::Making(_) => return,
        };
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { secs: self.opened.elapsed().as_secs(), weight, words });
    }

    pub fn show(&mut self, ui: &mut Ui) {
        card::show(
            ui,
            "Log",
            self,
            |ui, _| {
                ui.weak("time since the window opened");
            },
            Self::lines,
        );
    }

    fn lines(ui: &mut Ui, log: &mut Self) {
        if log.lines.is_empty() {
            ui.weak("nothing to report yet");
            return;
        }
        let palette = theme::palette(ui);
        let lines = ScrollArea::vertical().stick_to_bottom(true).auto_shrink(false);
        // The newest line is in sight in the lowest pane, too.
        lines.min_scrolled_height(0.0).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for line in &log.lines {
                ui.horizontal_top(|ui| {
                    ui.label(RichText::new(clock(line.secs)).small().color(palette.faint));
                    let colour = match line.weight {
                        Weight::Plain => palette.text,
                        Weight::Good => palette.good,
                        Weight::Warning => palette.warn,
                        Weight::Error => palette.error,
                    };
                    ui.add(eframe::egui::Label::new(RichText::new(&line.words).color(colour)).wrap());
                });
            }
        });
    }
}

/// Words of several lines, none of them indented as a terminal has it.
pub fn flush(words: &str) -> String {
    words.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

/// How another process has left the run.
fn departed(departure: &Departure) -> (Weight, String) {
    let (weight, how) = match departure {
        Departure::Ended(why) => (Weight::Good, ending(*why)),
        Departure::Failed(error) => (Weight::Error, error.as_str()),
        Departure::Silent => (Weight::Warning, "without a word"),
    };
    (weight, flush(&format!("the other process has ended: {how}")))
}

/// "04:09", "1:04:09" from an hour on.
fn clock(secs: u64) -> String {
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours == 0 { format!("{minutes:02}:{secs:02}") } else { format!("{hours}:{minutes:02}:{secs:02}") }
}

/// A good ending in words.
pub fn ending(why: Ending) -> &'static str {
    match why {
        Ending::Finished => "the recipe is finished",
        Ending::Stopped => "stopped and saved; run the same command again to continue",
        Ending::Limit => "stopped at the limit you set; run the same command again to continue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_error_begin_below_each_other() {
        assert_eq!(flush("it failed\n  what to do: again"), "it failed\nwhat to do: again");
    }

    #[test]
    fn a_long_session_counts_its_hours() {
        for (secs, shown) in
            [(0, "00:00"), (249, "04:09"), (3599, "59:59"), (3849, "1:04:09"), (360_000, "100:00:00")]
        {
            assert_eq!(clock(secs), shown);
        }
    }
}
