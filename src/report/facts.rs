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
        ("Written", Some(date(now))),
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

/// Day and time of day, UTC.
fn date(now: SystemTime) -> String {
    let secs = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = civil(secs / 86_400);
    let (hour, minute) = (secs / 3600 % 24, secs / 60 % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Year, month and day of the Gregorian calendar, from days since 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut days) = (1970, days);
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn days_have_dates() {
        for (days, want) in [
            (0, (1970, 1, 1)),
            (364, (1970, 12, 31)),
            (789, (1972, 2, 29)),
            (790, (1972, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_454, (2026, 1, 1)),
        ] {
            assert_eq!(civil(days), want);
        }
        assert_eq!(date(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)), "2001-09-09 01:46 UTC");
    }
}
