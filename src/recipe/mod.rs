//! The one configuration of a run. A recipe is a TOML file or one of the presets; the run folder keeps it
//! resolved. Its settings are declared in a file a table; `setting` is what such a declaration says.

mod backslash;
mod check;
mod data;
mod file;
mod help;
mod identity;
mod limits;
mod network;
mod optimiser;
mod origin;
mod precision;
mod presets;
mod report;
mod setting;
mod sign;
mod stage;
mod student;
mod tables;
mod teacher;
mod versions;

pub use check::check;
pub use data::Data;
pub use file::{from_toml, read, read_run, to_toml, to_toml_of_run};
pub use help::{help, table as settings_help};
pub use identity::Identity;
pub use network::{Family, Network};
pub use optimiser::{BadGradients, Optimiser};
pub use origin::{Began, Origin};
pub use precision::Precision;
pub use presets::{PRESETS, fit, names, preset};
pub use report::Report;
pub use setting::{Part, Range, Setting};
pub use sign::{Head, Sign, no_terms};
pub use stage::{Stage, is_passed, is_reached, stage_images};
pub use student::{Method, Objective, Sid, Student};
pub use tables::{Recipe, setting, settings};
pub use teacher::Teacher;
pub use versions::VERSION;

#[cfg(test)]
mod tests;
