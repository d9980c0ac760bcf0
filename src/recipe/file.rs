//! Recipes as TOML files.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Table;

use super::backslash;
use super::check::check;
use super::data::Data;
use super::network::Network;
use super::optimiser::Optimiser;
use super::origin::Origin;
use super::precision::Precision;
use super::report::Report;
use super::student::Student;
use super::tables::Recipe;
use super::teacher::Teacher;
use super::versions::{VERSION, bring_up, hash_in_version_1};
use crate::error::{Error, Result};
use crate::text;

/// Largest recipe that is read: recipes are a page, anything bigger is another file.
const MAX_BYTES: u64 = 1 << 20;

/// The file: a recipe, which version of it, and in a run's folder what the run began with.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    version: Version,
    name: String,
    seed: u32,
    #[serde(default)]
    precision: Precision,
    data: Data,
    network: Network,
    teacher: Teacher,
    student: Student,
    #[serde(default, alias = "optimizer")]
    optimiser: Optimiser,
    report: Report,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<Origin>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Version(u32);

impl Default for Version {
    fn default() -> Self {
        Self(1)
    }
}

impl File {
    fn of(recipe: &Recipe, run: Option<Origin>) -> Self {
        let Recipe { name, seed, precision, data, network, teacher, student, optimiser, report } =
            recipe.clone();
        let version = Version(VERSION);
        Self { version, name, seed, precision, data, network, teacher, student, optimiser, report, run }
    }

    fn parse(text: &str) -> Result<Self> {
        let unread = |e: toml::de::Error| {
            backslash::misread(text, e.span()).unwrap_or_else(|| {
                Error::usage(format!("the recipe does not parse: {e}")).hint(
                    "correct the name or value that is marked; `recipe.toml` in a run folder is a complete example",
                )
            })
        };
        let written: Table = text.parse().map_err(unread)?;
        let version = written.get("version").cloned().map(toml::Value::try_into::<u32>);
        let version = version.transpose().map_err(unread)?.unwrap_or(Version::default().0);
        let mut file = written.clone();
        bring_up(&mut file, version)?;
        // The text knows lines and columns.
        if file == written { toml::from_str(text) } else { file.try_into() }.map_err(unread)
    }

    fn recipe(self) -> Recipe {
        let Self { name, seed, precision, data, network, teacher, student, optimiser, report, .. } = self;
        Recipe { name, seed, precision, data, network, teacher, student, optimiser, report }
    }
}

/// Reads and checks a recipe file.
///
/// # Errors
/// `Kind::Usage` with line, column and the names that are known there.
pub fn read(path: &Path) -> Result<Recipe> {
    read_run(path).map(|(recipe, _)| recipe)
}

/// The same, and what the run whose folder it lies in began with; empty where the file does not say.
///
/// # Errors
/// As [`read`].
pub fn read_run(path: &Path) -> Result<(Recipe, Origin)> {
    let meta = std::fs::metadata(path).map_err(|e| {
        Error::usage(format!("the recipe cannot be read: {e}"))
            .at(path)
            .hint("give a TOML file or one of the names that `signet train --help` lists")
    })?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return Err(Error::usage("this is not a recipe")
            .at(path)
            .hint("a recipe is a small TOML file; the folder of a run, runs/00000-… say, has one"));
    }
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, "read the recipe", &e))?;
    let text = text::decoded(bytes).map_err(|what| {
        Error::usage(format!("the recipe cannot be read: {what}")).at(path).hint("save it as text in UTF-8")
    })?;
    let file = File::parse(&text).map_err(|e| e.at(path))?;
    let is_of_version_1 = file.version.0 == 1;
    let mut origin = file.run.clone().unwrap_or_default();
    let mut recipe = file.recipe();
    check(&recipe).map_err(|e| e.at(path))?;
    if is_of_version_1 {
        origin.version_1 = hash_in_version_1(&to_toml(&recipe)?);
    }
    let base = path.parent().unwrap_or(Path::new(""));
    let named = [&mut recipe.data.path, &mut recipe.teacher.path, &mut recipe.report.features];
    for named in named.into_iter().flatten() {
        // A folder may really be called so, somewhere.
        let spoiled = backslash::spoiled(&text, named).filter(|_| !base.join(&*named).exists());
        if let Some(error) = spoiled {
            return Err(error.at(path));
        }
        *named = place(base, named, &origin).map_err(|e| Error::io(&*named, "find", &e))?;
    }
    Ok((recipe, origin))
}

/// Paths in a recipe are seen from the recipe, wherever the program is started. What is not there any more may
/// have moved together with the run.
fn place(base: &Path, named: &Path, origin: &Origin) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(base.join(named))?;
    if path.exists() {
        return Ok(path);
    }
    let here = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let moved = origin.moved(&path, &here.canonicalize()?).filter(|moved| moved.exists());
    Ok(moved.unwrap_or(path))
}

/// Parses and checks a recipe.
pub fn from_toml(text: &str) -> Result<Recipe> {
    let recipe = File::parse(text)?.recipe();
    check(&recipe)?;
    Ok(recipe)
}

/// The resolved recipe, every setting spelled out.
pub fn to_toml(recipe: &Recipe) -> Result<String> {
    write(&File::of(recipe, None))
}

/// The same for a run's folder.
pub fn to_toml_of_run(recipe: &Recipe, origin: &Origin) -> Result<String> {
    write(&File::of(recipe, Some(origin.clone())))
}

fn write(file: &File) -> Result<String> {
    toml::to_string_pretty(file).map_err(|e| Error::usage(format!("the recipe cannot be written: {e}")))
}
