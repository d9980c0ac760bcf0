//! Names from files, as they may stand in a message.

/// Characters of a name that are shown: EDM's longest names have 40.
const MAX_SHOWN: usize = 100;

/// The name on one short line: whatever else a terminal would obey or hide is spelled out.
pub fn shown(name: &str) -> String {
    let mut line = String::new();
    for (i, char) in name.chars().enumerate() {
        match char {
            _ if i >= MAX_SHOWN => {
                line.push('…');
                break;
            }
            '"' | '\'' => line.push(char),
            _ => line.extend(char.escape_debug()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_moves_the_terminal() {
        assert_eq!(shown("model.enc.8x8_conv.weight"), "model.enc.8x8_conv.weight");
        assert_eq!(shown("\x1b[2J\r\n\"a\"\u{202e}"), "\\u{1b}[2J\\r\\n\"a\"\\u{202e}");
        assert_eq!(shown(&"é".repeat(1000)), "é".repeat(100) + "…");
    }
}
