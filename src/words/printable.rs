//! Text from files and names as it may be shown: whatever a terminal would obey instead of showing it is spelled out.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// Text of several lines. Line ends stay; other control characters, and those that change the direction or the line
/// of what follows, stand as `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    spelled(text, |c| c != '\n' && moves(c), spell)
}

/// Text on one line, a name say: its line ends stand as `\n`.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    spelled(text, moves, spell)
}

/// A path on one line.
pub fn path(path: &Path) -> String {
    on_one_line(&path.to_string_lossy()).into_owned()
}

/// JSON that says the same without such characters. JSON's own line ends and spaces stay; within its strings it has
/// none as they are.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    let in_json = |out: &mut String, c: char| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing into a string cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    };
    spelled(json, |c| !c.is_ascii_whitespace() && moves(c), in_json)
}

/// Whether a terminal obeys it instead of showing it.
fn moves(c: char) -> bool {
    c.is_control()
        // Ends of a line and of a paragraph.
        || matches!(c, '\u{2028}' | '\u{2029}')
        // Marks, overrides and isolates of the direction of writing.
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn spell(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other => out.extend(other.escape_unicode()),
    }
}

fn spelled(text: &str, which: impl Fn(char) -> bool, spell: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if !text.chars().any(&which) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if which(c) { spell(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;a\u{7}\u{9b}31m\u{7f}\r\t\u{202e}gpj\u{2066}\u{2028}";

    #[test]
    fn nothing_moves_a_terminal() {
        let shown = r"\u{1b}[2J\u{1b}]0;a\u{7}\u{9b}31m\u{7f}\r\t\u{202e}gpj\u{2066}\u{2028}";
        assert_eq!(printable(HOSTILE), shown);
        assert_eq!(on_one_line(&format!("{HOSTILE}\n")), format!("{shown}\\n"));
        assert_eq!(path(Path::new("runs/a\nb")), "runs/a\\nb");
        // Whatever is said in any language stays as it is, twice said too.
        for plain in ["Käse 日本 עברית 👩‍🚀 می‌خواهم", "C:\\new\\table", "one\ntwo", shown]
        {
            assert!(matches!(printable(plain), Cow::Borrowed(same) if same == plain), "{plain}");
        }
    }

    #[test]
    fn json_says_the_same() {
        let value = serde_json::json!({ "name": HOSTILE, "list": [1, "\n"], HOSTILE: null });
        for json in [value.to_string(), serde_json::to_string_pretty(&value).expect("JSON")] {
            let shown = printable_json(&json);
            assert!(!shown.chars().any(|c| c != '\n' && moves(c)), "{shown}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), value);
        }
    }
}
