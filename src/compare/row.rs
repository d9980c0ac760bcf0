//! A number with everything that it depends on, and tables of them.

use serde::Serialize;
use serde_json::Value;

use crate::words;

/// One measured number.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name, features included: `fid`, `fd_resnet56`, `kid_pixel`.
    pub metric: String,
    pub value: f64,
    /// Deviation, and of what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std_of: Option<String>,
    /// The value of each repeat, where samples were made more than once; `value` is their mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repeats: Vec<f64>,
    /// Which model or images.
    pub subject: String,
    pub subject_hash: String,
    pub images: usize,
    /// First seed of the samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seed: Option<u32>,
    pub sampling: String,
    pub data: Value,
    /// Settings of the metric itself.
    pub conditions: String,
    /// What the features are of, and what is done to the bytes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features_hash: Option<String>,
    /// Seconds that this subject's numbers took together.
    pub secs: f64,
    /// Why the number should be taken with care; empty where it need not be.
    pub cautions: Vec<String>,
}

/// One row for each metric out of the rows of every repeat, which are the same metrics in the same order.
pub(super) fn over_repeats(each: Vec<Vec<Row>>) -> Vec<Row> {
    let repeats = each.len();
    let mut each = each.into_iter();
    let mut rows = each.next().unwrap_or_default();
    if repeats < 2 {
        return rows;
    }
    rows.iter_mut().for_each(|row| row.repeats.push(row.value));
    for more in each {
        for (row, again) in rows.iter_mut().zip(more) {
            row.repeats.push(again.value);
            row.secs += again.secs;
        }
    }
    for row in &mut rows {
        let count = row.repeats.len() as f64;
        let mean = row.repeats.iter().sum::<f64>() / count;
        let squares: f64 = row.repeats.iter().map(|v| (v - mean).powi(2)).sum();
        row.value = mean;
        row.std = Some((squares / (count - 1.0)).sqrt());
        row.std_of = Some(format!("{repeats} sets of samples"));
    }
    rows
}

/// Rows as text: a line for each, with marks for those to be taken with care, and why below; then in a line what
/// all were measured on.
pub fn table(rows: &[Row]) -> String {
    let mut notes: Vec<&str> = Vec::new();
    let mut cells = vec![["measured", "value", "", "of"].map(str::to_string).to_vec()];
    for row in rows {
        let mut marks = Vec::new();
        for caution in &row.cautions {
            let known = notes.iter().position(|note| note == caution);
            marks.push(known.unwrap_or_else(|| {
                notes.push(caution);
                notes.len() - 1
            }));
        }
        let marks: String = marks.iter().map(|i| format!(" [{}]", i + 1)).collect();
        let spread = row.std.map_or(String::new(), |std| format!("± {std:.4}"));
        let name = words::measure(&row.metric).into_owned();
        cells.push(vec![name, format!("{:.4}{marks}", row.value), spread, row.subject.clone()]);
    }
    let mut text = words::table(&cells);
    for (i, note) in notes.iter().enumerate() {
        text.push_str(&format!("[{}] {note}\n", i + 1));
    }
    let mut on: Vec<String> = rows.iter().map(Row::on).collect();
    on.dedup();
    text.push_str(&format!("on {}\n", on.join("; ")));
    text
}

/// All that each number depends on, a line each.
pub fn conditions(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let known = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("; {name} {value}")).unwrap_or_default()
        };
        format!(
            "{} of {}: {}{}{}; on {}\n",
            row.metric,
            row.subject,
            row.conditions,
            known("features", &row.features),
            known("weights", &row.features_hash),
            row.on()
        )
    };
    rows.iter().map(line).collect()
}

impl Row {
    /// What it was measured on, in a few words: "300 images (one step, averaged weights, from seed 0) against 300
    /// of shapes".
    fn on(&self) -> String {
        let seed = self.first_seed.map(|seed| format!(", from seed {seed}")).unwrap_or_default();
        let of = |key: &str| self.data.get(key).and_then(Value::as_str);
        let name = of("name").or_else(|| of("statistics")).unwrap_or("the set");
        let count = self.data.get("images").and_then(Value::as_u64);
        let count = count.map(|count| format!("{count} ")).unwrap_or_default();
        format!("{} images ({}{seed}) against {count}of {name}", self.images, self.sampling)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn row(metric: &str, value: f64) -> Row {
        Row {
            metric: metric.into(),
            value,
            std: None,
            std_of: None,
            repeats: Vec::new(),
            subject: "a".into(),
            subject_hash: String::new(),
            images: 2,
            first_seed: None,
            sampling: String::new(),
            data: Value::Null,
            conditions: String::new(),
            features: None,
            features_hash: None,
            secs: 1.0,
            cautions: Vec::new(),
        }
    }

    #[test]
    fn repeats_become_mean_and_deviation() {
        let rows = over_repeats([1.0, 2.0, 3.0].map(|v| vec![row("fd", v), row("is", 5.0)]).to_vec());
        assert_eq!((rows.len(), rows[0].value, rows[0].std, rows[0].secs), (2, 2.0, Some(1.0), 3.0));
        assert_eq!(rows[0].repeats, [1.0, 2.0, 3.0]);
        let one = over_repeats(vec![vec![row("fd", 4.0)]]);
        assert_eq!((one[0].value, one[0].std, one[0].repeats.len()), (4.0, None, 0));
    }

    #[test]
    fn cautions_are_told_once() {
        let mut rows = vec![row("fid", 1.0), row("kid", 0.5)];
        rows.iter_mut().for_each(|row| row.cautions.push("few images".into()));
        let text = table(&rows);
        assert_eq!(text.matches("few images").count(), 1, "{text}");
        assert_eq!(text.matches("[1]").count(), 3, "{text}");
    }

    #[test]
    fn a_table_has_words_in_line_and_says_what_they_are_of() {
        let known = |metric: &str, value| Row {
            images: 300,
            first_seed: Some(7),
            sampling: "one step".into(),
            data: serde_json::json!({ "name": "shapes", "images": 200 }),
            conditions: format!("how {metric} is taken"),
            features: Some("pixel: 768 values".into()),
            ..row(metric, value)
        };
        let rows = [known("fd_pixel", 7.5), known("rec_rms", 0.25)];
        let text = table(&rows);
        let at = |what: &str| {
            let line = text.lines().find(|line| line.contains(what)).expect("a line");
            line.chars().collect::<String>().split(what).next().expect("a start").chars().count()
        };
        assert_eq!(at("7.5000"), at("0.2500"), "{text}");
        assert!(text.contains("Fréchet distance on pixels") && !text.contains("fd_pixel"), "{text}");
        let on = "on 300 images (one step, from seed 7) against 200 of shapes";
        assert_eq!(text.matches(on).count(), 1, "{text}");
        let all = conditions(&rows);
        assert!(
            all.contains("fd_pixel of a: how fd_pixel is taken; features pixel: 768 values; on 300"),
            "{all}"
        );
        assert_eq!(all.lines().count(), 2);
    }
}
