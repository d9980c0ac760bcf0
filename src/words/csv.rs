//! Cells of comma-separated values, after RFC 4180.

use std::borrow::Cow;

/// How a cell begins that a spreadsheet would calculate; the last ones are wide forms of the first.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell with whatever a name or a message may hold: in quotes where it has to be. One that begins like a formula
/// and is no number gets an apostrophe before it, and a spreadsheet shows it as text.
pub fn cell(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(FORMULA) && text.parse::<f64>().is_err();
    let plain = if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    if plain.contains(['"', ',', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", plain.replace('"', "\"\"")));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_or_numbers_and_never_formulas() {
        for same in ["", "cat.png", "-1.5", "+3", "-inf", "-1e-9", "a=1", "5-3", "'=1"] {
            assert_eq!(cell(same), same);
        }
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("-cat.png", "'-cat.png"),
            ("+49 30", "'+49 30"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
            ("=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\""),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "'＝1"),
            ("a, \"b\"", "\"a, \"\"b\"\"\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
