//! Damage to JSON and TOML that keeps it close enough to sound to get deep into its readers.

use crate::mutate::Dice;

/// Values in the place of a number.
const NUMBERS: [&str; 18] = [
    "0",
    "-1",
    "1e999",
    "-1e999",
    "1e-320",
    "nan",
    "inf",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967296",
    "0.1",
    "1e308",
    "true",
    "null",
    "[]",
    "\"7\"",
];

/// Values in the place of a text.
const TEXTS: [&str; 12] = [
    "\"\"",
    "\"\\u001b[2J\"",
    "\"\\u0000\"",
    "\"../../x\"",
    "\"/dev/zero\"",
    "\"teacher\"",
    "\"sid\"",
    "\"sign\"",
    "7",
    "null",
    "[\"a\"]",
    "{\"a\":1}",
];

/// What stands between values.
const PIECES: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "=",
    "\n",
    "\"",
    "\\",
    "\r\n",
    "\u{feff}",
    "[[a]]\n",
    "[data]\n",
    "[run]\n",
    "a.b.c=1\n",
    "{\"a\":",
    "# x\n",
    "'''",
    "\u{202e}",
];

/// Changes `text` in one to four places; `other` lends lines.
pub fn mutate(text: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        match dice.below(9) {
            0 => replace(text, dice, |byte| byte.is_ascii_digit() || b"+-.e".contains(&byte), &NUMBERS),
            1 => replace_text(text, dice),
            2 => {
                let at = dice.below(text.len() + 1);
                let piece = dice.pick(&PIECES).bytes();
                drop(text.splice(at..at, piece));
            }
            3 => {
                let line = any_line(text, dice);
                drop(text.drain(line));
            }
            4 => {
                let (line, at) = (any_line(text, dice), any_line(text, dice).start);
                let copied = text[line].to_vec();
                drop(text.splice(at..at, copied));
            }
            5 => {
                let (line, at) = (any_line(other, dice), any_line(text, dice).start);
                drop(text.splice(at..at, other[line].iter().copied()));
            }
            6 => {
                let bit = 1 << dice.below(8);
                let at = dice.below(text.len());
                text.get_mut(at).into_iter().for_each(|byte| *byte ^= bit);
            }
            7 if dice.below(4) == 0 => text.truncate(dice.below(text.len())),
            _ => {
                let (start, len) = (dice.below(text.len()), dice.below(24));
                drop(text.drain(start..(start + len).min(text.len())));
            }
        }
    }
}

/// Puts one of `values` in the place of a stretch of bytes that are `of_kind`, the first after some place.
fn replace(text: &mut Vec<u8>, dice: &mut Dice, of_kind: impl Fn(u8) -> bool, values: &[&str]) {
    let from = dice.below(text.len());
    let Some(start) = (from..text.len()).find(|at| of_kind(text[*at])) else { return };
    let end = (start..text.len()).find(|at| !of_kind(text[*at])).unwrap_or(text.len());
    drop(text.splice(start..end, dice.pick(values).bytes()));
}

fn replace_text(text: &mut Vec<u8>, dice: &mut Dice) {
    let from = dice.below(text.len());
    let mut quotes = (from..text.len()).filter(|at| text[*at] == b'"');
    if let (Some(start), Some(end)) = (quotes.next(), quotes.next()) {
        drop(text.splice(start..=end, dice.pick(&TEXTS).bytes()));
    }
}

/// A line with its end; nothing of nothing.
fn any_line(text: &[u8], dice: &mut Dice) -> std::ops::Range<usize> {
    let at = dice.below(text.len());
    let start = text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end + 1);
    start..end
}
