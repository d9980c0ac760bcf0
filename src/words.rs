//! Numbers in words, for people, and text as it may be shown to them.

pub mod csv;
mod printable;

pub use printable::{on_one_line, path, printable, printable_json};

mod date;
mod measure;
mod spelling;
mod table;

pub use date::date;
pub use measure::measure;
pub use spelling::same_word;
pub use table::table;

/// What stands where a number is not known.
const UNKNOWN: &str = "unknown";

/// What is said of time that nothing is known of yet.
pub const NO_TIME_YET: &str = "time left not known yet";

/// A span of time in its two largest units: "42 s", "3 min 20 s", "2 h 5 min", "1 d 4 h".
pub fn duration(secs: f64) -> String {
    if !secs.is_finite() || secs < 0.0 {
        return UNKNOWN.to_owned();
    }
    let secs = secs.round() as u64;
    match secs {
        0..60 => format!("{secs} s"),
        60..3_600 => two(secs / 60, "min", secs % 60, "s"),
        3_600..86_400 => two(secs / 3_600, "h", secs % 3_600 / 60, "min"),
        _ => two(secs / 86_400, "d", secs % 86_400 / 3_600, "h"),
    }
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

/// How long some work still takes.
pub fn time_left(secs: f64) -> String {
    if !secs.is_finite() || secs < 0.0 {
        NO_TIME_YET.to_owned()
    } else if secs < 1.0 {
        "about done".to_owned()
    } else {
        format!("about {} left", duration(secs))
    }
}

/// A speed in images a second.
pub fn speed(images_per_sec: f64) -> String {
    match images_per_sec {
        x if !x.is_finite() || x < 0.0 => format!("{UNKNOWN} images/s"),
        x if x < 10.0 => format!("{x:.1} images/s"),
        x => format!("{} images/s", count(x.round() as u64)),
    }
}

/// Thousands of images, with as many decimals as are worth reading.
pub fn kimg(kimg: f64) -> String {
    if kimg.abs() < 100.0 { format!("{kimg:.1}") } else { count(kimg.round().max(0.0) as u64) }
}

/// A count with thin groups of three digits: "12 345".
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut words = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            words.push(' ');
        }
        words.push(digit);
    }
    words
}

/// A count of weights: "1.3 M parameters".
pub fn parameters(n: usize) -> String {
    match n {
        0..1_000 => format!("{n} parameters"),
        1_000..1_000_000 => format!("{:.0} k parameters", n as f64 / 1e3),
        _ => format!("{:.1} M parameters", n as f64 / 1e6),
    }
}

/// Memory in binary units: "812 MiB", "1.4 GiB".
pub fn memory(bytes: u64) -> String {
    const MIB: f64 = (1u64 << 20) as f64;
    match bytes as f64 / MIB {
        mib if mib < 1000.0 => format!("{mib:.0} MiB"),
        mib => format!("{:.1} GiB", mib / 1024.0),
    }
}

/// A measured value with four digits: plain where that is short, else as a power of ten.
pub fn value(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{x:.2e}")
    } else {
        let decimals = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
        format!("{x:.decimals$}")
    }
}

/// A value for an axis: without the zeros that say nothing.
pub fn short(x: f64) -> String {
    let words = value(x);
    if words.contains('.') && !words.contains('e') {
        words.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        words
    }
}

/// A number as somebody sets it: every digit, and no more.
pub fn exact(x: f64) -> String {
    let is_small = x != 0.0 && x.abs() < 1e-3;
    if is_small { format!("{x:e}") } else { x.to_string() }
}

/// JSON with its characters beyond ASCII escaped: a PNG's text is Latin-1.
pub fn ascii_json(json: &str) -> String {
    let escaped = |c: char| -> String {
        if c.is_ascii() {
            return c.into();
        }
        c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    json.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_their_two_largest_units() {
        for (secs, words) in [
            (0.4, "0 s"),
            (59.6, "1 min"),
            (200.0, "3 min 20 s"),
            (7_500.0, "2 h 5 min"),
            (100_800.0, "1 d 4 h"),
            (f64::NAN, "unknown"),
            (-1.0, "unknown"),
        ] {
            assert_eq!(duration(secs), words);
        }
        assert_eq!(time_left(f64::INFINITY), "time left not known yet");
        assert_eq!(time_left(61.0), "about 1 min 1 s left");
    }

    #[test]
    fn numbers_keep_the_digits_worth_reading() {
        assert_eq!(count(1_234_567), "1 234 567");
        assert_eq!(count(12), "12");
        assert_eq!(kimg(12.34), "12.3");
        assert_eq!(kimg(12_345.6), "12 346");
        assert_eq!(value(0.123_456), "0.1235");
        assert_eq!(value(42.0), "42.00");
        assert_eq!(value(-0.000_05), "-5.00e-5");
        assert_eq!(value(f64::NAN), "NaN");
        assert_eq!(short(0.5), "0.5");
        assert_eq!(short(20.0), "20");
        assert_eq!(memory(812 << 20), "812 MiB");
        assert_eq!(memory(3 << 29), "1.5 GiB");
        assert_eq!(speed(3.21), "3.2 images/s");
    }

    #[test]
    fn numbers_that_are_set_are_short_and_whole() {
        assert_eq!([0.0002, 0.0, 1.2, 0.00025, 5.0].map(exact), ["2e-4", "0", "1.2", "2.5e-4", "5"]);
    }

    #[test]
    fn escaped_json_says_the_same() {
        let value = serde_json::json!({ "file": "Käse \u{1F9C0}.png", "steps": 3 });
        let escaped = ascii_json(&value.to_string());
        assert!(escaped.is_ascii(), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"), value);
    }
}
