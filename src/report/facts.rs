//! The head of a report: what was trained, on what, how far.

use std::path::Path;
use std::time::SystemTime;

use super::markup::escape;
use crate::watch::{Best, DataSet, Snapshot, State};
use crate::words;

pub fn header(seen: &Snapshot, now: SystemTime) -> String {
    let kind = match seen.state {
        State::Ended { .. } => "good",
        State::Failed { .. } | State::Silent => "bad",
        State::Starting | State::Training | State::Paused => "busy",
    };
    let state = escape(&seen.state.words(seen.since_secs));
    let row = |(what, value): (&str, Option<String>)| {
        value.map(|value| format!("<dt>{what}</dt><dd>{}</dd>\n", escape(&value)))
    };
    let rows = [
        ("Recipe", seen.recipe.clone()),
        ("Data", seen.data.as_ref().map(data)),
        ("Images", seen.resolution.map(|side| format!("{side}×{side} pixels"))),
        ("Device", seen.device.clone()),
        ("Trained", trained(seen)),
        ("Training time", seen.elapsed_secs.map(words::duration)),
        ("Speed", seen.images_per_sec.map(|speed| format!("{} at the end", words::speed(speed)))),
        ("Best checkpoint", seen.best.as_ref().map(best)),
        ("Newest checkpoint", seen.newest_checkpoint.as_deref().map(name)),
        ("Written", Some(words::date(now))),
    ];
    let rows: Vec<String> = rows.into_iter().filter_map(row).collect();
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"state {kind}\">{state}</p>\n</header>\n<dl>\n{}</dl>\n",
        escape(&super::name(seen)),
        rows.concat()
    )
}

fn data(data: &DataSet) -> String {
    let name = data.name.clone().unwrap_or_else(|| "a set".into());
    let images = data.images.map(|n| format!(", {} images", words::count(n))).unwrap_or_default();
    format!("{name}{images}, hash {}", data.hash)
}

fn trained(seen: &Snapshot) -> Option<String> {
    let (stage, kimg) = (seen.stage?, seen.kimg?);
    let of = |end: Option<f64>| end.map(|end| format!(" of {}", words::kimg(end))).unwrap_or_default();
    let stage = format!("{} {}{} kimg", stage.name(), words::kimg(kimg), of(seen.stage_kimg));
    let run = seen
        .run_kimg
        .map(|kimg| format!("; all stages {}{} kimg", words::kimg(kimg), of(seen.run_total_kimg)));
    let steps = seen.total_steps.map(|n| format!(", {} steps", words::count(n)));
    Some([Some(stage), run, steps].into_iter().flatten().collect())
}

fn best(best: &Best) -> String {
    let Best { stage, kimg, metric, value, conditions, checkpoint } = best;
    let (value, kimg) = (words::value(*value), words::kimg(*kimg));
    format!("{checkpoint}: {metric} {value} after {kimg} kimg of {} ({conditions})", stage.name())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
