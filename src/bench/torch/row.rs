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
    pub threads: Option<usize>,
    /// Most host memory of its process, MiB.
    pub peak_rss_mib: Option<f64>,
    pub peak_gpu_mib: Option<f64>,
    /// PyTorch's version.
    pub torch: Option<String>,
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
}
