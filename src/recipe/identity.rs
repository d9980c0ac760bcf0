//! What a run is, apart from how long it is trained and how it is watched.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::data::Data;
use super::network::Network;
use super::optimiser::Optimiser;
use super::precision::Precision;
use super::report::Report;
use super::setting::Part;
use super::student::Student;
use super::tables::{Recipe, settings};
use super::teacher::Teacher;
use crate::error::{Error, Result};

/// Bytes of a hash that are kept.
const HASH_BYTES: usize = 8;

/// The settings that shape a run's weights, by name, as TOML writes their values. One that has its default is
/// left out: a later release that knows more settings knows the run all the same. The images and a given
/// teacher are told by their fingerprints, not by this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(BTreeMap<String, String>);

impl Identity {
    /// # Errors
    /// A recipe that TOML cannot write.
    pub fn of(recipe: &Recipe) -> Result<Self> {
        let (own, defaults) = (table_of(recipe)?, defaults()?);
        let shaping = settings().filter(|setting| setting.part == Part::Identity);
        let values = shaping.filter_map(|setting| {
            let value = find(&own, setting.name)?;
            (find(&defaults, setting.name) != Some(value)).then(|| (setting.name.into(), value.to_string()))
        });
        Ok(Self(values.collect()))
    }

    /// What differs in `other`, as `network.model_channels 32 -> 8`.
    ///
    /// # Errors
    /// As [`Identity::of`].
    pub fn differences(&self, other: &Self) -> Result<Vec<String>> {
        let defaults = defaults()?;
        let value = |of: &Self, name: &str| {
            let own = of.0.get(name).cloned();
            own.or_else(|| find(&defaults, name).map(Value::to_string)).unwrap_or("not given".into())
        };
        let names: std::collections::BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let differs = names.into_iter().filter(|name| self.0.get(*name) != other.0.get(*name));
        Ok(differs.map(|name| format!("{name} {} -> {}", value(self, name), value(other, name))).collect())
    }

    /// The start of its SHA-256, hexadecimal.
    pub fn hash(&self) -> String {
        let lines: String = self.0.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        Sha256::digest(lines).iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Every default; name and seed have none.
pub(super) fn defaults() -> Result<Table> {
    #[derive(Default, Serialize)]
    struct Defaults {
        precision: Precision,
        data: Data,
        network: Network,
        teacher: Teacher,
        student: Student,
        optimiser: Optimiser,
        report: Report,
    }
    table_of(&Defaults::default())
}

fn table_of(settings: &impl Serialize) -> Result<Table> {
    Table::try_from(settings).map_err(|e| Error::usage(format!("the recipe cannot be written: {e}")))
}

/// The value of `teacher.kimg`, say; none where it is not given.
pub(super) fn find<'a>(table: &'a Table, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        None => table.get(name),
        Some((table_name, rest)) => find(table.get(table_name)?.as_table()?, rest),
    }
}
