//! A run in words: as a page, and as a line.

use std::path::Path;

use super::sparkline::sparkline;
use crate::watch::{Number, Run, Snapshot};
use crate::words::{self, on_one_line};

/// Columns of bars and curves.
const COLUMNS: usize = 32;
/// Warnings of a page, and changes.
const WARNINGS: usize = 3;
const CHANGES: usize = 3;

/// How the run stands, on a screen.
pub fn page(run: &Run, seen: &Snapshot, conditions: bool) -> String {
    let mut lines = vec![format!("{}: {}", name(&seen.run_dir), state(seen))];
    lines.extend(place(seen));
    lines.extend(course(seen));
    lines.push(String::new());
    // Metrics come last, for there can be more of them than a terminal has lines.
    let width = seen.losses.iter().chain(&seen.metrics).map(|n| label(n).chars().count()).max().unwrap_or(0);
    let rows = |numbers: &[Number]| -> Vec<String> {
        numbers.iter().flat_map(|number| rows(run, number, width, conditions)).collect()
    };
    lines.extend(rows(&seen.losses));
    lines.push(String::new());
    if let Some(best) = &seen.best {
        let (value, kimg) = (words::value(best.value), words::kimg(best.kimg));
        lines.push(format!("best        {} {value} after {kimg} kimg: {}", best.metric, best.checkpoint));
    }
    let named = [("checkpoint", &seen.newest_checkpoint), ("samples", &seen.newest_samples)];
    lines.extend(
        named.into_iter().filter_map(|(what, p)| Some(format!("{what:<11} {}", words::path(p.as_ref()?)))),
    );
    let (older, shown) = seen.changes.split_at(seen.changes.len().saturating_sub(CHANGES));
    if !older.is_empty() {
        lines.push(format!("changes before these: {}", older.len()));
    }
    lines.extend(shown.iter().map(|change| change.words()));
    let left_out = seen.warning_count.saturating_sub(WARNINGS);
    if left_out > 0 {
        lines.push(format!("{left_out} older warnings"));
    }
    let shown = seen.warnings.iter().rev().take(WARNINGS).rev().map(|warned| &warned.text);
    lines.extend(shown.chain(&seen.troubles).map(|text| format!("warning: {}", sentence(text))));
    lines.push(String::new());
    lines.extend(rows(&seen.metrics));
    lines.iter().map(|line| on_one_line(line)).collect::<Vec<_>>().join("\n").trim_end().to_string()
}

/// A number with its curve, and what it was measured under.
fn rows(run: &Run, number: &Number, width: usize, conditions: bool) -> Vec<String> {
    let drawn = run.curve(number.stage, &number.name).map(|c| sparkline(c, COLUMNS)).unwrap_or_default();
    let pad = " ".repeat(width.saturating_sub(label(number).chars().count()));
    let row = format!("{}{pad}  {:>10}  {drawn}", label(number), words::value(number.value));
    let under = number.conditions.as_ref().filter(|_| conditions);
    let under = under.map(|text| format!("{}    {text}", " ".repeat(width)));
    [Some(row), under].into_iter().flatten().collect()
}

/// Where the run stands, on a line of a file.
pub fn line(seen: &Snapshot, conditions: bool) -> String {
    let mut parts = vec![state(seen)];
    if let (Some(stage), Some(kimg)) = (seen.stage, seen.kimg) {
        parts.push(format!("{} {} kimg", stage.name(), of(kimg, seen.stage_kimg)));
    }
    parts.extend(seen.images_per_sec.map(words::speed));
    parts.extend(left(seen));
    for number in seen.losses.iter().chain(seen.metrics.iter().filter(|n| Some(n.stage) == seen.stage)) {
        let text = number.conditions.as_ref().filter(|_| conditions);
        let text = text.map(|text| format!(" ({text})")).unwrap_or_default();
        parts.push(format!("{} {}{text}", number.name, words::value(number.value)));
    }
    on_one_line(&parts.join("  ")).into_owned()
}

/// Whether it is at work.
fn state(seen: &Snapshot) -> String {
    sentence(&seen.state.words(seen.since_secs))
}

/// What was said on several lines, on one.
fn sentence(text: &str) -> String {
    text.replace('\n', " ")
}

/// How far the stage is.
fn place(seen: &Snapshot) -> Option<String> {
    let (stage, kimg) = (seen.stage?, seen.kimg?);
    let bar = seen.stage_kimg.map(|end| {
        let share = (kimg / end).clamp(0.0, 1.0);
        let full = (share * COLUMNS as f64) as usize;
        format!("  {}{}  {:.0} %", "█".repeat(full), "░".repeat(COLUMNS - full), share * 100.0)
    });
    let number = seen.stage_number.zip(seen.stages).filter(|(_, stages)| *stages > 1);
    let number = number.map(|(number, stages)| format!("stage {number} of {stages}: ")).unwrap_or_default();
    let bar = bar.unwrap_or_default();
    let mut line = format!("{number}{}  {} kimg{bar}", stage.name(), of(kimg, seen.stage_kimg));
    let rest = [seen.images_per_sec.map(words::speed), left(seen)];
    rest.into_iter().flatten().for_each(|text| line += &format!("  {text}"));
    Some(line)
}

/// How long the run still takes, or its stage where it does not say more.
fn left(seen: &Snapshot) -> Option<String> {
    match seen.left_secs {
        // What is about done is so in all.
        Some(secs) if secs >= 1.0 && seen.stages.is_some_and(|stages| stages > 1) => {
            Some(format!("{} in all", words::time_left(secs)))
        }
        Some(secs) => Some(words::time_left(secs)),
        None => seen.eta_secs.map(words::time_left),
    }
}

/// What the run has taken so far.
fn course(seen: &Snapshot) -> Option<String> {
    let parts = [
        seen.run_kimg.map(|kimg| format!("all stages {} kimg", of(kimg, seen.run_total_kimg))),
        seen.total_steps.map(|steps| format!("{} steps", words::count(steps))),
        seen.elapsed_secs.map(|secs| format!("{} of training", words::duration(secs))),
        seen.since_secs.map(|secs| format!("last written {} ago", words::duration(secs))),
        seen.device.as_ref().map(|device| format!("on {device}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn of(kimg: f64, end: Option<f64>) -> String {
    let end = end.map(|end| format!(" of {}", words::kimg(end))).unwrap_or_default();
    format!("{}{end}", words::kimg(kimg))
}

fn label(number: &Number) -> String {
    format!("{}/{}", number.stage.name(), on_one_line(&number.name))
}

fn name(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    whole.file_name().map_or_else(|| words::path(path), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::made_up::MadeUp;
    use std::time::SystemTime;

    fn shown(made: &MadeUp, conditions: bool) -> (String, String) {
        let run = Run::open(made.path()).expect("a run");
        let seen = run.snapshot(SystemTime::now());
        (page(&run, &seen, conditions), line(&seen, conditions))
    }

    #[test]
    fn a_page_says_how_a_run_stands() {
        let made = MadeUp::whole();
        let (page, line) = shown(&made, false);
        for part in [
            "finished",
            "sign  2.0 of",
            "100 images/s",
            "60 steps, 2 min of training",
            "sign/rec",
            "▅▅▅",
            "sign/idem",
            "NaN",
            "teacher/fd_pixel",
            "7.500",
            "best        fd_pixel 0.5000 after 2.0 kimg",
            "step-00000060-sign",
            "samples-sign-000002.png",
            "changes before these: 1",
            "student.learning_rate changed from 0.3 to 0.4 after step 3 of sign",
            "warning: saturation",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        assert!(!page.contains("from 0.1 to 0.2"), "{page}");
        assert!(!page.contains("<samples>") && !page.contains("left"), "{page}");
        assert!(
            line.contains("finished  sign 2.0 of") && line.contains("rec 0.2500") && !line.contains('\n'),
            "{line}"
        );
        let (page, line) = shown(&made, true);
        assert!(
            page.contains("512 <samples>") && line.contains("fd_pixel 0.5000 (512 <samples>)"),
            "{page}\n{line}"
        );
    }

    #[test]
    fn a_folder_without_numbers_has_a_page() {
        let (page, line) = shown(&MadeUp::empty(), true);
        assert!(page.contains("starting") && line.contains("starting"), "{page}\n{line}");
    }

    #[test]
    fn a_terminal_gets_no_orders() {
        let made = MadeUp::empty();
        made.say(&crate::run::message::Message::Warning("\u{1b}[2Jbad\u{7}\nname".into()));
        made.line("sign", 1, 1.0, r#""\u001b]0;x\u0007\n":0.5,"conditions":"\u202egpj""#);
        let (page, line) = shown(&made, true);
        for words in [r"\u{1b}[2Jbad\u{7} name", r"sign/\u{1b}]0;x\u{7}\n", r"\u{202e}gpj"] {
            assert!(page.contains(words), "{words} is not in {page:?}");
        }
        assert!([page, line].iter().all(|text| !text.contains(['\u{1b}', '\u{7}', '\u{202e}'])));
    }
}
