//! Recipes that are damaged or made to harm: each gives a recipe or an error in words, soon and in little memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use signet::recipe::{self, Origin, PRESETS};

use crate::fuzz::iterations;
use crate::memory::peak_of;
use crate::mutate::Dice;
use crate::text::mutate;

/// Recipes of every test run.
const ITERATIONS: u64 = 4000;

/// Longest time for a page of text.
const SOON: Duration = Duration::from_secs(10);

/// Bytes that reading a recipe of `len` bytes may hold at once.
fn allowed_memory(len: usize) -> usize {
    (4 << 20) + 600 * len
}

fn seeds() -> Vec<Vec<u8>> {
    let presets: Vec<_> = PRESETS.iter().filter_map(|(name, _)| recipe::preset(name)).collect();
    let plain = presets.iter().map(|recipe| recipe::to_toml(recipe).expect("TOML"));
    let of_runs = presets.iter().take(2).map(|recipe| {
        let origin = Origin { folder: "/runs/00000-demo".into(), images: "cafe".into(), ..Origin::default() };
        recipe::to_toml_of_run(recipe, &origin).expect("TOML")
    });
    plain.chain(of_runs).map(String::into_bytes).collect()
}

/// Whether `text` is a recipe.
fn is_read(what: &str, text: &str) -> bool {
    let clock = Instant::now();
    let read = || peak_of(|| recipe::from_toml(text));
    let (result, peak) = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| panic!("{what} panicked"));
    assert!(peak <= allowed_memory(text.len()), "{what}: {peak} bytes held for {}", text.len());
    assert!(clock.elapsed() < SOON, "{what}: {:?}", clock.elapsed());
    match result {
        Ok(read) => {
            let written = recipe::to_toml(&read).expect("what is read can be written");
            assert!(recipe::from_toml(&written) == Ok(read), "{what} is not read back: {written}");
            true
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(
                error.remedy.is_some() && !shown.contains(|c: char| c.is_control() && c != '\n'),
                "{what}: {shown:?}"
            );
            false
        }
    }
}

#[test]
fn fuzz_recipes() {
    let (seeds, iterations) = (seeds(), iterations(ITERATIONS));
    let mut sound = 0;
    for iteration in 0..iterations {
        let mut dice = Dice::new(iteration);
        let (mut text, other) = (dice.pick(&seeds).clone(), dice.pick(&seeds));
        mutate(&mut text, other, &mut dice);
        sound += u64::from(is_read(&format!("recipe {iteration}"), &String::from_utf8_lossy(&text)));
    }
    println!("{iterations} recipes: {sound} are still recipes");
    // Shallow damage would be no test.
    assert!(iterations < ITERATIONS || (sound > iterations / 100 && sound < iterations / 2), "{sound}");
}

#[test]
fn recipes_beyond_reason() {
    let many = 100_000;
    let demo = recipe::preset("demo").and_then(|demo| recipe::to_toml(&demo).ok()).expect("a recipe");
    let keys: String = (0..many).map(|i| format!("k{i} = 1\n")).collect();
    let tables: String = (0..many).map(|i| format!("[t{i}]\n")).collect();
    for (what, text) in [
        ("nested lists", format!("a = {}", "[".repeat(many))),
        ("nested tables", format!("a = {}", "{a=".repeat(many))),
        ("a dotted name", format!("{}a = 1", "a.".repeat(many))),
        ("a table's dotted name", format!("[{}a]", "a.".repeat(many))),
        ("a list of tables", "[[a]]\n".repeat(many)),
        ("many names", demo.clone() + &keys),
        ("many tables", demo.clone() + &tables),
        ("a long name", demo.replacen("name = \"", &format!("name = \"{}", "x".repeat(many)), 1)),
        ("a long line", format!("{demo}\"{}\" = 1", "x".repeat(many))),
        ("quotes", "\"".repeat(many)),
        ("the same name", "a = 1\n".repeat(many)),
    ] {
        assert!(!is_read(what, &text), "{what} was read");
    }
    // How many levels a network may have is asked when there is one.
    let levels = "1, ".repeat(many);
    is_read("a long list", &demo.replacen("channel_mult = [", &format!("channel_mult = [{levels}"), 1));
}
