//! Command lines as they are shown, to be copied into a terminal.

/// A word of a command line; in quotes where a shell would take it for several, or for something to carry out.
/// Between single quotes a shell takes everything as it is.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/:.-_".contains(c) || (cfg!(windows) && c == '\\');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_cut_is_quoted() {
        for (word, shown) in [("--data", "--data"), ("/a/b_1.zip", "/a/b_1.zip"), ("my set", "'my set'")] {
            assert_eq!(quoted(word), shown);
        }
        assert_eq!(quoted(""), "''");
    }

    /// A shell gives every word back as it was, and carries nothing out.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_what_was_meant() {
        for word in
            ["my set", "$(touch here)", "`id`", "it's", "a\\b", "\"x\"", "a;b", "*", "~", "$HOME", "a\nb"]
        {
            let mut shell = std::process::Command::new("sh");
            let said = shell.args(["-c", &format!("printf %s {}", quoted(word))]).output().expect("a shell");
            assert_eq!(String::from_utf8_lossy(&said.stdout), word);
        }
    }
}
