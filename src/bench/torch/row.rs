//! What the baseline's script says of one phase: a line of JSON.

use serde::{Deserialize, Serialize};

/// The part of the line that is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub phase: String,
    /// Median seconds of a step, or of a batch of samples.
    pub sec_per_step: f64,
    pub batch: usize,
    /// Steps behind the median.
    pub iters: usize,
    /// Seconds of processors: as many as `sec_per_step` times `threads`, or the machine was shared.
    pub cpu_sec_per_step: Option<f64>,
    /// Trainable numbers of the network.
    pub params: Option<u64>,
    pub device: Option<String>,
    pub dtype: Option<String>,
    /// Images and weights lay in memory with channels last.
    pub channels_last: Option<bool>,
    /// Networks went through `torch.compile`.
    pub compile: Option<bool>,
    pub threads: Option<usize>,
    /// Most host memory of its process, MiB.
    pub peak_rss_mib: Option<f64>,
    pub peak_gpu_mib: Option<f64>,
    /// PyTorch's version.
    pub torch: Option<String>,
}

impl Row {
    /// The row, if the script worked as it was asked to, on a network of so many trainable numbers.
    pub fn of(self, parameters: usize, channels_last: bool, compile: bool) -> Result<Self, String> {
        if let Some(params) = self.params.filter(|params| *params != parameters as u64) {
            return Err(format!("it measured a network of {params} numbers, not of {parameters}"));
        }
        for (name, asked, did) in
            [("channels_last", channels_last, self.channels_last), ("torch.compile", compile, self.compile)]
        {
            // Of what it was not asked it need not speak.
            if did.unwrap_or(false) != asked {
                return Err(format!("it measured with{} {name}", if asked { "out" } else { "" }));
            }
        }
        Ok(self)
    }

    /// How PyTorch worked, in words.
    pub fn mode(&self) -> &'static str {
        mode(self.channels_last.unwrap_or(false), self.compile.unwrap_or(false))
    }
}

/// How PyTorch works, in words.
pub fn mode(channels_last: bool, compile: bool) -> &'static str {
    match (channels_last, compile) {
        (false, false) => "eager",
        (true, false) => "eager, channels_last",
        (false, true) => "compiled",
        (true, true) => "compiled, channels_last",
    }
}

/// The row of `phase` among what the script printed; warnings and other phases may stand around it.
pub fn find(phase: &str, batch: usize, printed: &str) -> Result<Row, String> {
    let rows = printed.lines().filter_map(|line| serde_json::from_str::<Row>(line.trim()).ok());
    let row = rows.into_iter().find(|row| row.phase == phase);
    let row = row.ok_or_else(|| format!("it printed no line of JSON for the phase {phase}"))?;
    if row.batch != batch {
        return Err(format!("it measured batches of {}, not of {batch}", row.batch));
    }
    if !(row.sec_per_step.is_finite() && row.sec_per_step > 0.0) {
        return Err(format!("its sec_per_step is {}", row.sec_per_step));
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "a warning\n{\"phase\": \"sample\", \"batch\": 4, \"iters\": 1, \"sec_per_step\": 2.0}\n\
        {\"phase\": \"sid_step\", \"config\": \"small\", \"batch\": 4, \"iters\": 3, \"sec_per_step\": 0.25, \
        \"images_per_sec\": 16.0, \"peak_rss_mib\": 700, \"peak_gpu_mib\": null, \"torch\": \"2.9\"}\n{}\n";

    #[test]
    fn the_phase_is_found_among_other_lines() {
        let row = find("sid_step", 4, PRINTED).expect("it is there");
        assert_eq!((row.sec_per_step, row.iters, row.peak_rss_mib), (0.25, 3, Some(700.0)));
        assert_eq!((row.torch.as_deref(), row.peak_gpu_mib), (Some("2.9"), None));
    }

    #[test]
    fn anything_else_is_refused_in_words() {
        assert!(find("heun18", 4, PRINTED).expect_err("absent").contains("heun18"));
        assert!(find("sid_step", 8, PRINTED).expect_err("another batch").contains('8'));
        let zero = PRINTED.replace("0.25", "0.0");
        assert!(find("sid_step", 4, &zero).expect_err("no time").contains("sec_per_step"));
        assert!(find("sid_step", 4, "").is_err());
    }

    #[test]
    fn a_row_of_other_work_is_refused() {
        let row = || find("sid_step", 4, PRINTED).expect("it is there");
        assert!(row().of(5, false, false).is_ok(), "it does not say how many");
        let row = || Row { params: Some(5), channels_last: Some(true), ..row() };
        assert_eq!(row().of(5, true, false).expect("as asked").mode(), "eager, channels_last");
        for (parameters, channels_last, compile, named) in [
            (6, true, false, "not of 6"),
            (5, false, false, "with channels_last"),
            (5, true, true, "without torch.compile"),
        ] {
            let error = row().of(parameters, channels_last, compile).expect_err(named);
            assert!(error.contains(named), "{error}");
        }
    }
}
