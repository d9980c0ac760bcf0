//! The file of a survey. It holds what is known so far: every key is there from the beginning.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::copies::WITHIN;
use super::job::{Extent, Part, Plan};
use super::rows::{
    ChosenDevice, ConvolutionRow, CopyRow, CountRow, KernelRow, ProductRow, SelfTestRow, StepRow, TorchRow,
};
use super::word::{Finding, Word};
use crate::gpu::adapters::Adapter;
use crate::words;

/// What the file is; the number rises when a key changes its meaning.
pub const FORMAT: &str = "signet-full-report-1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub format: String,
    /// The program's, and the cargo features that it was built with.
    pub version: String,
    pub cargo_features: Vec<String>,
    /// Without optimisation times mean nothing.
    pub optimised_build: bool,
    pub operating_system: String,
    pub architecture: String,
    pub cpu_threads: usize,
    /// When it was begun.
    pub date: String,
    pub device_asked: String,
    pub extent: Extent,
    pub budget_seconds: f64,
    pub elapsed_seconds: f64,
    /// Every part had its turn.
    pub is_finished: bool,
    /// None before it was opened, or where it could not be.
    pub device: Option<ChosenDevice>,
    pub adapters: Vec<Adapter>,
    /// What to install or change.
    pub advice: Vec<String>,
    pub parts: Vec<PartRecord>,
    pub self_tests: Vec<SelfTestRow>,
    pub copies: Vec<CopyRow>,
    pub products: Vec<ProductRow>,
    pub convolutions: Vec<ConvolutionRow>,
    pub kernels: Vec<KernelRow>,
    pub steps: Vec<StepRow>,
    pub counts: Vec<CountRow>,
    pub beside_torch: Vec<TorchRow>,
}

/// How a part went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartRecord {
    pub name: String,
    pub outcome: Outcome,
    /// Why it was left out, or ended before its end.
    pub reason: Option<String>,
    pub seconds: f64,
    /// What it had at the most.
    pub budget_seconds: f64,
    /// Its time was over before its end.
    pub ran_out_of_time: bool,
    /// Mean number of running processes over the minute before; Linux alone tells.
    pub load_before: Option<f64>,
    /// What of it was not measured.
    pub troubles: Vec<Trouble>,
    /// What has not ended yet, in order.
    #[serde(skip)]
    open: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Waiting,
    /// In a file that is not finished: the part that ended the program, or the machine.
    Running,
    Measured,
    /// Not all of it.
    Partly,
    /// Nothing of it.
    Failed,
    LeftOut,
}

/// Something that was not measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    pub item: String,
    pub is_failure: bool,
    pub reason: String,
}

impl Report {
    /// Before anything was measured.
    pub fn begin(plan: &Plan, parts: &[Part]) -> Self {
        let features = [
            ("window", cfg!(feature = "window")),
            ("fusion", cfg!(feature = "fusion")),
            ("autotune", cfg!(feature = "autotune")),
            ("spirv", cfg!(feature = "spirv")),
        ];
        Self {
            format: FORMAT.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            cargo_features: features.iter().filter(|(_, on)| *on).map(|(name, _)| (*name).into()).collect(),
            optimised_build: !cfg!(debug_assertions),
            operating_system: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cpu_threads: std::thread::available_parallelism().map_or(1, usize::from),
            date: words::date(SystemTime::now()),
            device_asked: plan.device.to_string(),
            extent: plan.extent,
            budget_seconds: 0.0,
            elapsed_seconds: 0.0,
            is_finished: false,
            device: None,
            adapters: Vec::new(),
            advice: Vec::new(),
            parts: parts.iter().map(|part| PartRecord::waiting(*part)).collect(),
            self_tests: Vec::new(),
            copies: Vec::new(),
            products: Vec::new(),
            convolutions: Vec::new(),
            kernels: Vec::new(),
            steps: Vec::new(),
            counts: Vec::new(),
            beside_torch: Vec::new(),
        }
    }

    /// True if no device has failed its self-test, so far as they were made.
    pub fn healthy(&self) -> bool {
        let tests = self.parts.iter().filter(|part| part.name == Part::SelfTests.name());
        let failed = tests.flat_map(|part| &part.troubles).any(|trouble| trouble.is_failure);
        !failed && self.self_tests.iter().all(|test| test.passed)
    }

    /// Takes a word of the part with this number.
    pub(super) fn hear(&mut self, number: usize, word: Word) {
        if let Word::Found(finding) = word {
            self.add(*finding);
        } else if let Some(part) = self.parts.get_mut(number) {
            part.hear(word);
        }
    }

    fn add(&mut self, finding: Finding) {
        match finding {
            Finding::Device(device) => self.device = Some(device),
            Finding::Adapters(adapters) => self.adapters = adapters,
            Finding::Advice(advice) => self.advice = advice,
            Finding::SelfTest(row) => self.self_tests.push(row),
            Finding::Copy(row) => self.copies.push(row),
            Finding::Product(row) => self.products.push(row),
            Finding::Convolution(row) => self.convolutions.push(row),
            Finding::Kernel(row) => {
                let copy = self.copies.iter().find(|copy| copy.name == WITHIN);
                let rates = row.gigabytes_per_second.zip(copy.map(|copy| copy.gigabytes_per_second));
                self.kernels.push(KernelRow { share_of_copy: rates.map(|(own, copy)| own / copy), ..row });
            }
            Finding::Step(row) => self.steps.push(row),
            Finding::Counts(row) => self.counts.push(row),
            Finding::Torch(row) => self.beside_torch.push(row),
        }
    }
}

impl PartRecord {
    fn waiting(part: Part) -> Self {
        Self {
            name: part.name(),
            outcome: Outcome::Waiting,
            reason: None,
            seconds: 0.0,
            budget_seconds: 0.0,
            ran_out_of_time: false,
            load_before: None,
            troubles: Vec::new(),
            open: Vec::new(),
        }
    }

    fn hear(&mut self, word: Word) {
        let (item, reason, is_failure) = match word {
            Word::Items(items) => {
                self.open = items;
                return;
            }
            Word::Ends(item) => {
                self.close(&item);
                return;
            }
            Word::Begins(_) | Word::Found(_) => return,
            Word::Failed { item, reason } => (item, reason, true),
            Word::LeftOut { item, reason } => (item, reason, false),
            Word::NoTime(item) => {
                self.ran_out_of_time = true;
                let reason = format!("the {:.0} s of its part were over", self.budget_seconds);
                (item, reason, false)
            }
        };
        self.close(&item);
        self.troubles.push(Trouble { item, is_failure, reason });
    }

    fn close(&mut self, item: &str) {
        self.open.retain(|open| open != item);
    }

    /// The part has ended; or it was ended, for a reason that is a failure or not. `measured` says whether anything
    /// came of it.
    pub(super) fn end(&mut self, reason: Option<(String, bool)>, measured: bool) {
        let is_unexplained = !self.open.is_empty() || !measured && self.troubles.is_empty();
        let reason = reason.or_else(|| is_unexplained.then(|| ("it ended without a word".into(), true)));
        if let Some((reason, is_failure)) = reason {
            // What was begun is the first of those that have not ended.
            for (number, item) in std::mem::take(&mut self.open).into_iter().enumerate() {
                let begun = number == 0;
                let reason = if begun { reason.clone() } else { "its part had ended before".into() };
                self.troubles.push(Trouble { item, is_failure: is_failure && begun, reason });
            }
            if is_failure && !self.troubles.iter().any(|trouble| trouble.is_failure) {
                let item = self.name.clone();
                self.troubles.push(Trouble { item, is_failure, reason: reason.clone() });
            }
            self.reason = Some(reason);
        }
        let whole = self.reason.is_none() && self.troubles.is_empty();
        let failed = self.troubles.iter().any(|trouble| trouble.is_failure);
        self.outcome = match (whole, measured, failed) {
            (true, ..) => Outcome::Measured,
            (_, true, _) => Outcome::Partly,
            (_, _, true) => Outcome::Failed,
            _ => Outcome::LeftOut,
        };
    }

    /// It was not begun.
    pub(super) fn leave_out(&mut self, reason: String) {
        self.outcome = Outcome::LeftOut;
        self.reason = Some(reason);
    }
}
