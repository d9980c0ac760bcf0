//! What an imported file turned out to be.

use super::format::Format;

/// Where a network was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub format: Format,
    /// Networks in the file, by name.
    pub networks: Vec<String>,
    /// The one that was taken.
    pub chosen: String,
    /// Whether the file has what EDM and SiD write: modules with their classes.
    pub has_modules: bool,
    /// Whether it also says how its network was trained.
    pub has_loss: bool,
}

impl Origin {
    /// SiD keeps the generator it trains, and its average, under these names.
    pub fn is_sid_generator(&self) -> bool {
        ["G", "G_ema"].contains(&self.chosen.as_str())
    }

    fn is_sid(&self) -> bool {
        self.networks.iter().any(|name| ["G", "G_ema", "fake_score"].contains(&name.as_str()))
    }

    /// EDM's teachers and SiD's generators are both published as an average alone.
    pub fn is_ambiguous(&self) -> bool {
        self.has_modules && self.chosen == "ema" && !self.has_loss
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
    /// Tensors that the network does not need.
    pub ignored: Vec<String>,
}
