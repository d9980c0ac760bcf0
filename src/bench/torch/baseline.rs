//! The script that measures PyTorch, and the Python that runs it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use super::row::{self, Row};
use crate::bench::torch_twin::TorchTwin;
use crate::error::{Error, Kind, Result};

/// The script that comes with the program: one file, which Python reads from its standard input, so that
/// an installed program needs no file of it.
pub const SCRIPT: &str = include_str!("../../../tests/torch/bench_torch.py");

/// What PyTorch is measured with.
#[derive(Clone, Debug)]
pub struct Setup {
    pub python: PathBuf,
    /// A script in place of the program's own. It answers `--config C --batch N --what W …` with a line of
    /// JSON for each phase.
    pub script: Option<PathBuf>,
    /// As the script takes it: `cpu`, `cuda`.
    pub device: String,
    /// Images and weights lie in memory with channels last.
    pub channels_last: bool,
    /// Networks go through `torch.compile`.
    pub compile: bool,
}

/// A PyTorch that is there.
#[derive(Clone, Debug)]
pub struct Baseline {
    setup: Setup,
    /// PyTorch's.
    pub version: String,
}

impl Baseline {
    /// Makes sure that there is a script, a Python and a PyTorch.
    ///
    /// # Errors
    /// Whichever of them is missing, and how to get it.
    pub fn open(setup: Setup) -> Result<Self> {
        if let Some(script) = setup.script.as_deref().filter(|script| !script.is_file()) {
            return Err(Error::data(script, "there is no such script")
                .hint("leave --torch-script out: the program has a script of its own"));
        }
        let python = &setup.python;
        let asked = Command::new(python)
            .args(["-c", "import numpy, torch; print(torch.__version__)"])
            .stdin(Stdio::null())
            .output();
        let output = asked.map_err(|e| {
            Error::new(Kind::Usage, format!("Python could not be started: {e}"))
                .at(python)
                .hint("install Python 3, or name one: --vs-torch /path/to/python3")
        })?;
        if !output.status.success() {
            return Err(Error::new(Kind::Usage, format!("no PyTorch here: {}", last_words(&output)))
                .at(python)
                .hint(format!(
                    "`{} -m pip install torch numpy`, or name the Python of an environment that has them: \
                     --vs-torch /path/to/python3",
                    python.display()
                )));
        }
        let version = String::from_utf8_lossy(&output.stdout).trim().to_string();
        Ok(Self { setup, version })
    }

    /// Measures one phase in a process of its own, with as many threads as we use.
    ///
    /// # Errors
    /// A script that fails, or measures something else than was asked for.
    pub fn run(&self, twin: &TorchTwin, batch: usize, repeats: usize, max_secs: f64) -> Result<Row> {
        let Setup { python, script, channels_last, compile, .. } = &self.setup;
        let source = script.as_deref().unwrap_or(python);
        let output = self.started(&self.arguments(twin, batch, repeats, max_secs))?;
        let wrong = |what: String| Err(Error::data(source, what).hint(HINT));
        if !output.status.success() {
            return wrong(format!("the script failed ({}): {}", output.status, last_words(&output)));
        }
        let row = row::find(&twin.phase, batch, &String::from_utf8_lossy(&output.stdout));
        let parameters = twin.parameters()?;
        row.and_then(|row| row.of(parameters, *channels_last, *compile)).or_else(wrong)
    }

    fn arguments(&self, twin: &TorchTwin, batch: usize, repeats: usize, max_secs: f64) -> Vec<String> {
        let Setup { device, channels_last, compile, .. } = &self.setup;
        let pairs = [
            ("--config", twin.config().to_string()),
            ("--what", twin.what.to_string()),
            ("--device", device.clone()),
            ("--batch", batch.to_string()),
            ("--iters", repeats.to_string()),
            ("--threads", rayon::current_num_threads().to_string()),
            ("--max-seconds", max_secs.to_string()),
        ];
        let switches = [("--channels-last", *channels_last), ("--compile", *compile)];
        let switches = switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_string());
        pairs.into_iter().flat_map(|(name, value)| [name.to_string(), value]).chain(switches).collect()
    }

    /// Runs the script to its end. The program's own goes to Python's standard input.
    fn started(&self, arguments: &[String]) -> Result<Output> {
        let Setup { python, script, .. } = &self.setup;
        let mut command = Command::new(python);
        match script {
            Some(script) => command.arg(script).stdin(Stdio::null()),
            None => command.arg("-").stdin(Stdio::piped()),
        };
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let failed = |e| Error::io(python, "start Python", &e);
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            // A Python that reads nothing has failed: its exit status and last words tell more.
            let _ = input.write_all(SCRIPT.as_bytes());
        }
        child.wait_with_output().map_err(failed)
    }

    /// PyTorch's version and what it is measured with, in words.
    pub fn describe(&self) -> String {
        let Setup { device, channels_last, compile, .. } = &self.setup;
        let mode = row::mode(*channels_last, *compile);
        format!("PyTorch {} on {device}, {mode}", self.version)
    }
}

const HINT: &str = "`python3 -m pip install --upgrade torch numpy` brings the newest PyTorch; a smaller --batch, \
    another --torch-device, or no --torch-compile and --torch-channels-last may help";

/// The end of what a process complained of.
fn last_words(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim().to_string()
}
