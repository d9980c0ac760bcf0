//! `signet watch`: follows a run from another terminal or machine, by its folder alone.

mod sparkline;
mod text;

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::say;
use crate::error::{Error, Kind, Result};
use crate::report;
use crate::watch::{Run, Snapshot};
use crate::words;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's folder, runs/00000-demo-sign say
    run: PathBuf,
    /// Say once how the run stands, and end
    #[arg(long)]
    once: bool,
    /// One JSON object for each change
    #[arg(long)]
    json: bool,
    /// Say what metrics were measured under
    #[arg(long, conflicts_with = "json")]
    conditions: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = parse_interval)]
    every: f64,
    /// Write the report of the run as it is now, one HTML file, and end
    #[arg(long, value_name = "FILE", conflicts_with_all = ["once", "json", "conditions"])]
    report: Option<PathBuf>,
}

fn parse_interval(text: &str) -> Result<f64, String> {
    let secs: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    let sound = (0.01..=86_400.0).contains(&secs);
    if sound { Ok(secs) } else { Err(format!("{secs} is not between 0.01 and 86400 seconds")) }
}

impl Args {
    pub fn run(self) -> Result<()> {
        if let Some(file) = &self.report {
            report::write(&self.run, file)?;
            say!("written: {}", words::path(file));
            return Ok(());
        }
        let run = Run::open(&self.run)?;
        if self.once {
            let seen = run.snapshot(SystemTime::now());
            print_line(&if self.json { json(&seen)? } else { text::page(&run, &seen, self.conditions) });
            return Ok(());
        }
        let screen = Screen::new().filter(|_| !self.json);
        match screen {
            Some(screen) => self.redraw(run, &screen),
            None => self.print(run),
        }
    }

    /// One page that changes in place, until the run is over.
    fn redraw(&self, mut run: Run, screen: &Screen) -> Result<()> {
        loop {
            let seen = run.snapshot(SystemTime::now());
            let page = text::page(&run, &seen, self.conditions);
            if seen.state.is_over() {
                // Nothing is drawn over any more, so it may be longer than the terminal is high.
                screen.bar.finish_and_clear();
                print_line(&page);
                return Ok(());
            }
            screen.show(page);
            self.wait();
            // What was shown last stays above the error.
            run.poll().inspect_err(|_| screen.bar.abandon())?;
        }
    }

    /// A line for each change, until the run is over or nobody reads.
    fn print(&self, mut run: Run) -> Result<()> {
        let mut told = None;
        let mut changed = true;
        loop {
            let seen = run.snapshot(SystemTime::now());
            // Falling silent is news that no line brings.
            if changed || told.as_ref() != Some(&seen.state) {
                let line = if self.json { json(&seen)? } else { text::line(&seen, self.conditions) };
                if !print_line(&line) {
                    return Ok(());
                }
            }
            if seen.state.is_over() {
                return Ok(());
            }
            told = Some(seen.state);
            self.wait();
            changed = run.poll()?;
        }
    }

    fn wait(&self) {
        std::thread::sleep(Duration::from_secs_f64(self.every));
    }
}

fn json(seen: &Snapshot) -> Result<String> {
    serde_json::to_string(seen)
        .map(|json| words::printable_json(&json).into_owned())
        .map_err(|e| Error::new(Kind::Io, format!("the run cannot be described as JSON: {e}")))
}

/// Whether somebody reads.
fn print_line(line: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}

/// A terminal that can be drawn over.
struct Screen {
    bar: ProgressBar,
}

impl Screen {
    /// None where standard output is none.
    fn new() -> Option<Self> {
        let style = ProgressStyle::with_template("{msg}").ok()?;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout()).with_style(style);
        (!bar.is_hidden()).then_some(Self { bar })
    }

    fn show(&self, page: String) {
        self.bar.set_message(page);
        self.bar.tick();
    }
}
