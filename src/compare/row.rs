//! A number with everything that it depends on, and tables of them.

use serde::Serialize;
use serde_json::Value;

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

/// Rows as text: a line for each, with marks for those to be taken with care, and why below.
pub fn table(rows: &[Row]) -> String {
    let mut notes: Vec<&str> = Vec::new();
    let mut cells = vec![["metric", "value", "", "of"].map(str::to_string)];
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
        cells.push([row.metric.clone(), format!("{:.4}{marks}", row.value), spread, row.subject.clone()]);
    }
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 3] = std::array::from_fn(width);
    let mut text = String::new();
    for [metric, value, spread, subject] in &cells {
        let [a, b, c] = widths;
        text.push_str(&format!("{metric:<a$}  {value:<b$}  {spread:<c$}  {subject}\n"));
    }
    for (i, note) in notes.iter().enumerate() {
        text.push_str(&format!("[{}] {note}\n", i + 1));
    }
    text
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
}
