//! Pieces of HTML; what comes from a run is always escaped.

use crate::words::printable;

/// Text that stands for itself in HTML and in quoted attributes, and turns nothing around it.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A heading over HTML.
pub fn section(heading: &str, html: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{html}</section>\n", escape(heading))
}

pub fn item(text: &str) -> String {
    format!("<li>{}</li>\n", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_run_is_markup() {
        assert_eq!(escape(r#"<b a="1" c='2'>&amp;"#), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
        assert_eq!(escape("\u{1b}[2J\u{202e}<a>\n"), "\\u{1b}[2J\\u{202e}&lt;a&gt;\n");
        assert_eq!(section("a<b", "<p>"), "<section>\n<h2>a&lt;b</h2>\n<p></section>\n");
    }
}
