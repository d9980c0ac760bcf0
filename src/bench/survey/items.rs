//! What a part is made of: each item is measured by itself, and the trouble of one is its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::word::{Finding, Word};
use crate::error::{Error, Kind, Result};
use crate::gpu;

/// Measures something and hands over what it finds.
type Measure = Box<dyn FnOnce(&mut dyn FnMut(Finding)) -> Result<()>>;

/// Something to be measured, or why it cannot be.
pub struct Item {
    name: String,
    /// Or why it cannot be measured here.
    measure: Result<Measure, String>,
}

impl Item {
    /// What `measure` measures.
    pub fn new(
        name: impl Into<String>,
        measure: impl FnOnce(&mut dyn FnMut(Finding)) -> Result<()> + 'static,
    ) -> Self {
        Self { name: name.into(), measure: Ok(Box::new(measure)) }
    }

    /// What cannot be measured here, and why.
    pub fn left_out(name: impl Into<String>, reason: &str) -> Self {
        Self { name: name.into(), measure: Err(reason.into()) }
    }
}

/// Measures one item after another; after `begin_secs` of `clock` none begins any more.
pub fn measure_all(items: Vec<Item>, clock: Instant, begin_secs: f64, say: &mut dyn FnMut(Word)) {
    say(Word::Items(items.iter().map(|item| item.name.clone()).collect()));
    let mut is_lost = false;
    for Item { name, measure } in items {
        let measure = match measure {
            Err(reason) => {
                say(Word::LeftOut { item: name, reason });
                continue;
            }
            Ok(_) if is_lost => {
                say(Word::LeftOut { item: name, reason: "the device was lost before".into() });
                continue;
            }
            Ok(_) if clock.elapsed().as_secs_f64() > begin_secs => {
                say(Word::NoTime(name));
                continue;
            }
            Ok(measure) => measure,
        };
        say(Word::Begins(name.clone()));
        match caught(|| measure(&mut |finding| say(Word::Found(Box::new(finding))))) {
            Ok(()) => say(Word::Ends(name)),
            Err(error) => {
                is_lost |= error.kind == Kind::DeviceLost;
                say(Word::Failed { item: name, reason: error.what });
            }
        }
    }
}

/// What comes of `work`. A driver that breaks makes burn panic.
fn caught(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let words = gpu::panic_words(&*payload).unwrap_or("the device gave up without a word");
        Err(gpu::device_error(words).unwrap_or_else(|| Error::new(Kind::Device, words)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(items: Vec<Item>, begin_secs: f64) -> Vec<Word> {
        let mut words = Vec::new();
        measure_all(items, Instant::now(), begin_secs, &mut |word| words.push(word));
        words
    }

    #[test]
    fn trouble_of_one_item_is_its_own() {
        let items = vec![
            Item::new("panics", |_| panic!("index out of bounds")),
            Item::left_out("cannot", "not here"),
            Item::new("works", |take| {
                take(Finding::Advice(Vec::new()));
                Ok(())
            }),
        ];
        let said = words(items, f64::INFINITY);
        let expected = [
            Word::Items(["panics", "cannot", "works"].map(String::from).to_vec()),
            Word::Begins("panics".into()),
            Word::Failed { item: "panics".into(), reason: "index out of bounds".into() },
            Word::LeftOut { item: "cannot".into(), reason: "not here".into() },
            Word::Begins("works".into()),
            Word::Found(Box::new(Finding::Advice(Vec::new()))),
            Word::Ends("works".into()),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_lost_device_and_time_that_is_over_end_the_part() {
        let items =
            || vec![Item::new("loses", |_| panic!("Parent device is lost")), Item::new("b", |_| Ok(()))];
        let said = words(items(), f64::INFINITY);
        let lost = Word::LeftOut { item: "b".into(), reason: "the device was lost before".into() };
        assert_eq!(said.last(), Some(&lost), "{said:?}");
        let said = words(items(), -1.0);
        assert_eq!(said[1..], [Word::NoTime("loses".into()), Word::NoTime("b".into())]);
    }
}
