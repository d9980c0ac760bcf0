//! Command lines as they are shown, to be copied into a terminal.

/// A word of a command line; in quotes where a shell would take it for several.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/\\:.-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("\"{word}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_cut_is_quoted() {
        for (word, shown) in [("--data", "--data"), ("/a/b_1.zip", "/a/b_1.zip"), ("my set", "\"my set\"")] {
            assert_eq!(quoted(word), shown);
        }
        assert_eq!(quoted(""), "\"\"");
    }
}
