//! The baseline's script and the Python that runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::row::{self, Row};
use crate::bench::benchmark::TorchTwin;
use crate::error::{Error, Kind, Result};

/// A script that answers `--config C --batch N --what W …` with a line of JSON for each phase.
#[derive(Clone, Debug)]
pub struct Baseline {
    python: PathBuf,
    script: PathBuf,
    /// As the script takes it: `cpu`, `cuda`.
    device: String,
    /// PyTorch's.
    pub version: String,
}

impl Baseline {
    /// Makes sure that there is a script, a Python and a PyTorch.
    ///
    /// # Errors
    /// Whichever of them is missing, and how to get it.
    pub fn open(python: &Path, script: &Path, device: &str) -> Result<Self> {
        if !script.is_file() {
            return Err(Error::data(script, "there is no such script")
                .hint("--torch-script names the Python file of the PyTorch baseline"));
        }
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
        Ok(Self { python: python.into(), script: script.into(), device: device.into(), version })
    }

    /// Measures one phase in a process of its own, with as many threads as we use.
    pub fn run(&self, twin: TorchTwin, batch: usize, repeats: usize, max_secs: f64) -> Result<Row> {
        let number = |n: usize| n.to_string();
        let output = Command::new(&self.python)
            .arg(&self.script)
            .args(["--config", twin.config, "--what", twin.what, "--device", &self.device])
            .args(["--batch", &number(batch), "--iters", &number(repeats)])
            .args(["--threads", &number(rayon::current_num_threads())])
            .args(["--max-seconds", &max_secs.to_string()])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| Error::io(&self.python, "start Python", &e))?;
        let wrong = |what: String| Err(Error::data(&self.script, what).hint(HINT));
        if !output.status.success() {
            return wrong(format!("the script failed ({}): {}", output.status, last_words(&output)));
        }
        row::find(twin.phase, batch, &String::from_utf8_lossy(&output.stdout)).or_else(wrong)
    }
}

const HINT: &str = "start the script by hand to see what is wrong; --torch-device and --batch may help";

/// The end of what a process complained of.
fn last_words(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim().to_string()
}
