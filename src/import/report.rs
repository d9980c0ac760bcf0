//! What an imported file turned out to be.

use super::format::Format;
use super::shown::shown;

/// Where a network was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub format: Format,
    /// Networks in the file, by name.
    pub networks: Vec<String>,
    /// The one that was taken.
    pub chosen: String,
    /// Whether the one that was taken is an average of weights over training.
    pub is_average: bool,
    /// Lists of tensors that are called averages, and whose tensors are not those of any network here.
    pub unmatched: Vec<String>,
    /// Whether the file has what EDM and SiD write: modules with their classes.
    pub has_modules: bool,
    /// Whether it also says how its network was trained.
    pub has_loss: bool,
}

/// Names under which SiD keeps the generator that it trains, and its average.
const SID_GENERATORS: [&str; 2] = ["G", "G_ema"];

/// The innermost name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

impl Origin {
    pub fn is_sid_generator(&self) -> bool {
        SID_GENERATORS.contains(&last(&self.chosen))
    }

    fn is_sid(&self) -> bool {
        self.networks.iter().any(|name| SID_GENERATORS.contains(&last(name)) || last(name) == "fake_score")
    }

    /// EDM's teachers and SiD's generators are both published as an average alone.
    pub fn is_ambiguous(&self) -> bool {
        self.has_modules && self.chosen == "ema" && !self.has_loss
    }

    /// What the file has beside the network that was taken, and why that was taken.
    pub fn choice(&self) -> Option<String> {
        let others = self.networks.len() > 1;
        if self.is_average && others {
            return Some(
                "the average of the weights comes before what it is of; --network takes another".into(),
            );
        }
        let unmatched: Vec<String> = self.unmatched.iter().map(|name| shown(name)).collect();
        (!unmatched.is_empty()).then(|| {
            format!(
                "{} may be an average of the weights, but its tensors do not fit: these are the weights as they train",
                unmatched.join(", ")
            )
        })
    }

    /// EDM's training states hold the network as it trains; what it publishes is the average.
    pub fn without_average(&self) -> Option<&'static str> {
        let raw = self.has_modules && self.chosen == "net";
        raw.then_some("this is the network as it trains; its average is in EDM's network-snapshot-*.pkl")
    }

    /// What is known of the licence: a notice, for no file says where it comes from.
    pub fn licence(&self) -> &'static str {
        match (self.is_sid(), self.has_modules) {
            (true, _) => {
                "written by SiD's program, whose repository is under Apache-2.0; distilled from EDM's \
                 published weights, those weights' CC BY-NC-SA 4.0 may apply"
            }
            (_, true) => {
                "written by EDM's program; the weights that NVIDIA published with EDM are under \
                 CC BY-NC-SA 4.0 (not for commercial use)"
            }
            _ => "the file does not say; EDM's published weights are under CC BY-NC-SA 4.0",
        }
    }
}

/// What was found and what was assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub origin: Origin,
    /// Class of the object that held the network.
    pub class: Option<String>,
    /// Trained numbers.
    pub parameters: usize,
    /// What the file does not show.
    pub assumed: Vec<String>,
    /// Tensors around the network that are of none: counters, losses.
    pub left_out: Vec<String>,
    /// Tensors among the network's that it does not need.
    pub ignored: Vec<String>,
}
