//! A whole recipe: its tables, and all settings by name.

use serde::{Deserialize, Serialize};

use super::data::Data;
use super::network::Network;
use super::optimiser::Optimiser;
use super::precision::Precision;
use super::report::Report;
use super::setting::{About, IDENTITY, REPORT, Setting, Table};
use super::sign::Sign;
use super::stage::Stage;
use super::student::{Sid, Student};
use super::teacher::Teacher;

/// A whole run: data, networks, the teacher's stage and the student's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub name: String,
    pub seed: u32,
    #[serde(default)]
    pub precision: Precision,
    pub data: Data,
    pub network: Network,
    pub teacher: Teacher,
    pub student: Student,
    #[serde(default, alias = "optimizer")]
    pub optimiser: Optimiser,
    pub report: Report,
}

/// What stands above the tables.
static TOP: [Setting; 3] = [
    top("name", "It names the run's folder.", REPORT),
    top("seed", "Seed of everything random.", IDENTITY),
    top("precision", PRECISION, IDENTITY),
];
const PRECISION: &str = "What images inside the networks are kept in while they train: f32, or mixed, which is f16 \
    where device and network can, and f32 elsewhere.";

const fn top(name: &'static str, help: &'static str, about: About) -> Setting {
    Setting::new(name, help, about)
}

/// Every setting, in the order of the file.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let tables = [
        Data::SETTINGS,
        Network::SETTINGS,
        Teacher::SETTINGS,
        Student::SETTINGS,
        Sid::SETTINGS,
        Sign::SETTINGS,
        Optimiser::SETTINGS,
        Report::SETTINGS,
    ];
    TOP.iter().chain(tables.into_iter().flatten())
}

/// The setting called `name`.
pub fn setting(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}

impl Recipe {
    /// What is trained, in this order, and how long: thousand images.
    pub fn stages(&self) -> Vec<(Stage, f64)> {
        let mut stages = Vec::new();
        if self.teacher.path.is_none() {
            stages.push((Stage::Teacher, self.teacher.kimg));
        }
        if self.student.kimg > 0.0 {
            stages.push((self.student.method.into(), self.student.kimg));
        }
        stages
    }

    /// The number that is called `name`; none where that is no number, or not given.
    pub fn number(&self, name: &str) -> Option<f64> {
        let (table, field) = name.rsplit_once('.')?;
        match table {
            "data" => self.data.number(field),
            "network" => self.network.number(field),
            "teacher" => self.teacher.number(field),
            "student" => self.student.number(field),
            "student.sid" => self.student.sid.number(field),
            "student.sign" => self.student.sign.number(field),
            "optimiser" => self.optimiser.number(field),
            "report" => self.report.number(field),
            _ => None,
        }
    }

    /// The same, to be changed; whole numbers are not.
    pub fn number_mut(&mut self, name: &str) -> Option<&mut f64> {
        let (table, field) = name.rsplit_once('.')?;
        match table {
            "data" => self.data.number_mut(field),
            "network" => self.network.number_mut(field),
            "teacher" => self.teacher.number_mut(field),
            "student" => self.student.number_mut(field),
            "student.sid" => self.student.sid.number_mut(field),
            "student.sign" => self.student.sign.number_mut(field),
            "optimiser" => self.optimiser.number_mut(field),
            "report" => self.report.number_mut(field),
            _ => None,
        }
    }
}
