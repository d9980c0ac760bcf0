//! The last value of every number with what it was measured under.

use super::markup::{escape, section};
use crate::watch::{Number, Snapshot};
use crate::words;

pub fn table(seen: &Snapshot) -> String {
    let rows: Vec<String> = seen.metrics.iter().chain(&seen.losses).map(row).collect();
    if rows.is_empty() {
        return section("Numbers", "<p class=\"quiet\">Nothing has been measured yet.</p>\n");
    }
    let head = "<tr><th>Stage</th><th>Number</th><th>Last value</th><th>kimg</th><th>Conditions</th></tr>";
    let table = format!(
        "<div class=\"wide\"><table>\n<thead>{head}</thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
        rows.concat()
    );
    section("Numbers", &table)
}

fn row(number: &Number) -> String {
    let Number { stage, name, value, kimg, conditions } = number;
    let value = if value.is_finite() { words::value(*value) } else { "not finite".into() };
    format!(
        "<tr><td>{}</td><th scope=\"row\">{}</th><td class=\"number\">{value}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
        stage.name(),
        escape(name),
        words::kimg(*kimg),
        escape(conditions.as_deref().unwrap_or("a loss: mean over the last batches"))
    )
}
