//! British and American spellings: whoever types one of them means the other too.

/// Parts of words that the two spell in two ways; the second one is for comparison only.
const PAIRS: [(&str, &str); 8] = [
    ("colour", "color"),
    ("grey", "gray"),
    ("centre", "center"),
    ("neighbour", "neighbor"),
    ("ise", "ize"),
    ("isation", "ization"),
    ("ising", "izing"),
    ("yse", "yze"),
];

/// Whether two names are one word, however it is spelled.
pub fn same_word(a: &str, b: &str) -> bool {
    let common = |word: &str| {
        PAIRS.iter().fold(word.to_string(), |word, (british, american)| word.replace(british, american))
    };
    common(a) == common(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_are_one() {
        for (a, b) in [
            ("colourise", "colorize"),
            ("colourise", "colourize"),
            ("colourise", "colorise"),
            ("grayscale", "greyscale"),
            ("optimiser", "optimizer"),
            ("sanitise", "sanitize"),
            ("noise-0.3", "noise-0.3"),
        ] {
            assert!(same_word(a, b) && same_word(b, a), "{a} and {b}");
        }
        assert!(!same_word("colourise", "colour") && !same_word("blur", "box-mask"));
    }
}
