//! A profile as lines for a terminal.

use std::fmt::Write;

use super::super::measurement::seconds;
use super::{Limit, Profile, Row};

/// The whole, then a line an operation. MB and GB are 10^6 and 10^9 bytes.
pub fn table(profile: &Profile) -> String {
    let Profile { name, shape, mean_secs, min_secs, max_secs, repeats, rows, .. } = profile;
    let wide = rows.iter().map(|row| row.operation.chars().count()).max().unwrap_or(0).max(9);
    let [mean, min, max] = [mean_secs, min_secs, max_secs].map(|secs| seconds(*secs));
    let mut text = format!(
        "{name}: {shape}\n{mean} ({min} .. {max}), mean of {repeats}\n\
         {:wide$} {:>6} {:>9} {:>6} {:>9} {:>8} {:>7}  {}\n",
        "operation", "calls", "ms", "share", "MB", "GFLOP/s", "GB/s", "of limit"
    );
    for row in rows {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{}", line(row, wide).trim_end());
    }
    text
}

fn line(row: &Row, wide: usize) -> String {
    let or_dash = |number: Option<f64>, digits: usize| {
        number.map_or_else(|| "-".into(), |number| format!("{number:.digits$}"))
    };
    let calls = or_dash(row.calls, 0);
    let [moved, flops, bytes] = [(row.bytes, 1e6), (row.flops_per_sec, 1e9), (row.bytes_per_sec, 1e9)]
        .map(|(n, unit)| n.map(|n| n / unit));
    let limit = match (row.share_of_limit, row.limit) {
        (Some(share), Some(Limit::Product)) => format!("{} product", percent(share)),
        (Some(share), Some(Limit::Copy)) => format!("{} copy", percent(share)),
        _ => "-".into(),
    };
    format!(
        "{:wide$} {calls:>6} {:>9.2} {:>6} {:>9} {:>8} {:>7}  {limit}",
        row.operation,
        row.secs * 1e3,
        percent(row.share),
        or_dash(moved, 2),
        or_dash(flops, 1),
        or_dash(bytes, 2)
    )
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
