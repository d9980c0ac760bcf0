//! Curves as a table: a line for each value that the window keeps; the run's `stats.jsonl` has them all.

use std::fmt::Write;

use super::moment::Moment;
use super::panels::Panel;
use super::settings::Settings;
use crate::words::csv::cell;

/// The values of one curve, taken out of the window's hands.
pub struct Column {
    run: String,
    stage: String,
    name: String,
    conditions: String,
    points: Vec<(Moment, f64)>,
}

/// The values that `panels` show between the ends of `x` (all of them where there is none).
pub fn columns(panels: &[Panel<'_>], settings: &Settings, x: Option<[f64; 2]>) -> Vec<Column> {
    let curves = panels.iter().flat_map(|panel| &panel.curves);
    let column = |curve: &super::panels::Curve<'_>| {
        let series = curve.series;
        let within = |x: [f64; 2]| series.between(settings.axis, x.map(|end| end - curve.start));
        let range = x.map_or(0..series.len(), within);
        let pairs = series.moments().iter().copied().zip(series.values().iter().copied());
        Column {
            run: curve.run.name.clone(),
            stage: series.stage.clone(),
            name: series.measure.name.to_string(),
            conditions: series.measure.conditions.clone(),
            points: pairs.skip(range.start).take(range.len()).collect(),
        }
    };
    curves.map(column).collect()
}

/// Comma-separated values after RFC 4180, but for the line ends. A text that begins like a formula has an apostrophe
/// before it. A number that is not finite is `NaN`, `inf`
/// or `-inf`, which pandas and R read.
pub fn text(columns: &[Column]) -> String {
    let mut text = String::from("run,stage,name,step,kimg,elapsed_secs,value,conditions\n");
    for column in columns {
        let [run, stage, name, conditions] =
            [&column.run, &column.stage, &column.name, &column.conditions].map(|field| cell(field));
        for (Moment { step, kimg, secs }, value) in &column.points {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{run},{stage},{name},{step},{kimg},{secs},{value},{conditions}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_line() {
        let at = |step: u64| Moment { step, kimg: step as f64 * 0.016, secs: 1.5 };
        let column = Column {
            run: "a, b".to_owned(),
            stage: "sign".to_owned(),
            name: "fid".to_owned(),
            conditions: "the \"first\" n=10".to_owned(),
            points: vec![(at(1), 0.25), (at(2), f64::NAN)],
        };
        let (plain, none) = ("sign".to_owned(), String::new());
        let points = vec![(at(3), -0.5)];
        let formula =
            Column { run: "=1+1".to_owned(), stage: plain, name: "-a".to_owned(), conditions: none, points };
        let expected = "run,stage,name,step,kimg,elapsed_secs,value,conditions\n\
            \"a, b\",sign,fid,1,0.016,1.5,0.25,\"the \"\"first\"\" n=10\"\n\
            \"a, b\",sign,fid,2,0.032,1.5,NaN,\"the \"\"first\"\" n=10\"\n\
            '=1+1,sign,'-a,3,0.048,1.5,-0.5,\n";
        assert_eq!(text(&[column, formula]), expected);
    }
}
