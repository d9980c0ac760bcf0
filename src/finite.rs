//! Numbers that are none. Weights, samples, features and statistics are looked at here before anything is made of
//! them: NaN would become a gray picture, and a distance that looks like any other.

use std::fmt;

use crate::error::{Error, Kind, Result};

/// Names that a message lists; the others are counted.
const NAMES_SHOWN: usize = 4;
/// Characters of a name that a message shows.
const NAME_SHOWN: usize = 100;

/// How many numbers are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite {
    pub nan: usize,
    /// Of either sign. Single precision has no number beyond 3.4e38.
    pub infinite: usize,
    /// Numbers that were looked at.
    pub of: usize,
}

impl NotFinite {
    /// None where all are finite.
    pub fn among<T: Copy + Into<f64>>(numbers: &[T]) -> Option<Self> {
        let (mut nan, mut infinite) = (0, 0);
        for number in numbers {
            let number: f64 = (*number).into();
            nan += usize::from(number.is_nan());
            infinite += usize::from(number.is_infinite());
        }
        (nan + infinite > 0).then_some(Self { nan, infinite, of: numbers.len() })
    }
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nan, infinite, of } = self;
        match (nan, infinite) {
            (nan, 0) => write!(f, "{nan} NaN of {of}"),
            (0, infinite) => write!(f, "{infinite} infinite of {of}"),
            (nan, infinite) => write!(f, "{nan} NaN and {infinite} infinite of {of}"),
        }
    }
}

/// Whether all weights of a network are numbers.
///
/// # Errors
/// `Kind::Checkpoint` naming the first tensors that hold others, with how many.
pub fn check_tensors<'a>(tensors: impl IntoIterator<Item = (&'a String, &'a Vec<f32>)>) -> Result<()> {
    let mut bad: Vec<String> = Vec::new();
    let mut more = 0usize;
    for (name, numbers) in tensors {
        match NotFinite::among(numbers) {
            Some(found) if bad.len() < NAMES_SHOWN => {
                let name: String = name.chars().flat_map(char::escape_debug).take(NAME_SHOWN).collect();
                bad.push(format!("{name} ({found})"));
            }
            Some(_) => more += 1,
            None => {}
        }
    }
    if bad.is_empty() {
        return Ok(());
    }
    let more = if more > 0 { format!(" and {more} more tensors") } else { String::new() };
    let what = format!("the weights are not all finite numbers: {}{more}", bad.join(", "));
    Err(Error::new(Kind::Checkpoint, what).hint(
        "nothing good comes of such weights: take an earlier checkpoint of the model, or get the file again",
    ))
}

/// Whether rows of `dim` numbers (images, or features of images) are numbers. `rows` says what they are, in words
/// that stand behind their count: "samples".
///
/// # Errors
/// `Kind::Diverged` saying how many rows hold how many others.
pub fn check_rows(rows: &str, numbers: &[f32], dim: usize) -> Result<()> {
    let Some(found) = NotFinite::among(numbers) else { return Ok(()) };
    let all = numbers.chunks(dim.max(1));
    let (count, bad) = (all.len(), all.filter(|row| row.iter().any(|v| !v.is_finite())).count());
    let what = format!("{bad} of {count} {rows} are not finite numbers ({found})");
    Err(Error::new(Kind::Diverged, what).hint(
        "nothing can be shown or measured of them: use another checkpoint of the model, or try --device cpu",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn weights_that_are_none_are_named_and_counted() {
        let mut tensors: BTreeMap<String, Vec<f32>> =
            (0..6).map(|i| (format!("layer{i}.weight"), vec![0.5; 8])).collect();
        assert!(check_tensors(&tensors).is_ok());
        tensors.insert("layer1.weight".into(), vec![f32::NAN, 1.0, f32::NAN, f32::NEG_INFINITY]);
        let error = check_tensors(&tensors).expect_err("refused");
        assert_eq!(error.kind, Kind::Checkpoint);
        assert!(error.to_string().contains("layer1.weight (2 NaN and 1 infinite of 4)"), "{error}");
        assert!(error.remedy.is_some() && !error.to_string().contains("layer2"), "{error}");
        tensors.values_mut().for_each(|numbers| numbers[0] = f32::INFINITY);
        tensors.insert("\u{1b}[2J".into(), vec![f32::NAN]);
        let error = check_tensors(&tensors).expect_err("refused").to_string();
        assert!(error.contains("and 3 more tensors") && !error.contains('\u{1b}'), "{error}");
    }

    #[test]
    fn rows_that_are_none_are_counted() {
        assert!(check_rows("samples", &[0.0; 6], 2).is_ok());
        let error = check_rows("samples", &[0.0, 1.0, f32::NAN, f32::INFINITY, 2.0, f32::NAN], 2);
        let error = error.expect_err("refused");
        assert_eq!(error.kind, Kind::Diverged);
        assert!(error.what.starts_with("2 of 3 samples") && error.what.contains("2 NaN"), "{error}");
        assert_eq!(NotFinite::among(&[1.0f64, 1e300]), None);
    }
}
