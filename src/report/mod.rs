//! `report.html`: a run on one page that needs nothing beside it. Curves are SVG, pictures stand in the
//! file itself, and nothing is fetched or run.

mod base64;
mod chart;
mod facts;
mod markup;
mod numbers;
mod sheets;

use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::plain_file::{self, limits, write_whole};
use crate::run::RECIPE_FILE;
use crate::watch::{Run, Snapshot};
use markup::escape;

/// Its name in a run folder.
const FILE: &str = "report.html";

const STYLE: &str = include_str!("style.css");

/// Writes the report of the run in `run_dir` into that folder.
///
/// # Errors
/// As [`write`].
pub fn write_beside(run_dir: &Path) -> Result<()> {
    write(run_dir, &run_dir.join(FILE))
}

/// Writes the report of the run in `run_dir`, as it is now, to `file`: whole or not at all.
///
/// # Errors
/// `Kind::Checkpoint` if the folder is no run, `Kind::Io` if it cannot be read or the file not be written.
pub fn write(run_dir: &Path, file: &Path) -> Result<()> {
    let run = Run::open(run_dir)?;
    write_whole(file, page(&run, SystemTime::now()).as_bytes())
        .map_err(|e| Error::new(e.kind, format!("the report is not written: {}", e.what)).at(file))
}

/// The page.
pub fn page(run: &Run, now: SystemTime) -> String {
    let seen = run.snapshot(now);
    let title = escape(&format!("{} — Signet", name(&seen)));
    let body = [
        facts::header(&seen, now),
        numbers::table(&seen),
        sheets::show(&run.dir),
        chart::show(run.curves()),
        changes(&seen),
        warnings(&seen),
        recipe(run),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        body.concat()
    )
}

/// What the run is called: its folder, which has number, recipe and method.
fn name(seen: &Snapshot) -> String {
    let folder = seen.run_dir.canonicalize().unwrap_or_else(|_| seen.run_dir.clone());
    folder.file_name().map_or_else(|| "a run".into(), |name| name.to_string_lossy().into_owned())
}

/// Without them the recipe would not say what the run was trained with.
fn changes(seen: &Snapshot) -> String {
    if seen.changes.is_empty() {
        return String::new();
    }
    let all: Vec<String> = seen.changes.iter().map(|change| markup::item(&change.words())).collect();
    markup::section("Changed while it trained", &format!("<ul>\n{}</ul>\n", all.concat()))
}

fn warnings(seen: &Snapshot) -> String {
    let said = seen.warnings.iter().map(|warned| warned.text.as_str());
    let all: Vec<String> = said.chain(seen.troubles.iter().map(String::as_str)).map(markup::item).collect();
    if all.is_empty() {
        return String::new();
    }
    let older = seen.warning_count.saturating_sub(seen.warnings.len());
    let older = if older > 0 { markup::item(&format!("and {older} before these")) } else { String::new() };
    markup::section("Warnings", &format!("<ul>\n{}{older}</ul>\n", all.concat()))
}

fn recipe(run: &Run) -> String {
    let file = run.dir.join(RECIPE_FILE);
    match plain_file::read(&file, limits::RECIPE).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) {
        Ok(text) => format!(
            "<details>\n<summary>Recipe, every setting as the run began</summary>\n<pre>{}</pre>\n</details>\n",
            escape(&text)
        ),
        Err(_) if !plain_file::exists(&file) => {
            markup::section("Recipe", "<p class=\"quiet\">recipe.toml is not there.</p>\n")
        }
        Err(e) => markup::section("Recipe", &format!("<p class=\"quiet\">{}</p>\n", escape(&e.what))),
    }
}

#[cfg(test)]
mod tests;
