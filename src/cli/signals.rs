//! What asks the program from outside to end.

use crate::error::{Error, Kind, Result};

/// Calls `heard` whenever the program is asked to end, with the exit status that tells of it.
///
/// # Errors
/// `Kind::Io` where the system does not let such requests be caught.
pub fn listen(heard: impl FnMut(i32) + Send + 'static) -> Result<()> {
    caught(heard).map_err(|e| Error::new(Kind::Io, format!("Ctrl-C cannot be caught: {e}")))
}

/// Ctrl-C, `kill`, a terminal that is closed. What `nohup` has ignored stays ignored.
#[cfg(unix)]
fn caught(mut heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// What a shell adds to a signal's number.
    const KILLED_BY: i32 = 128;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if !is_ignored(SIGHUP) {
        signals.add_signal(SIGHUP)?;
    }
    let listener = std::thread::Builder::new().name("signals".into());
    listener.spawn(move || signals.forever().for_each(|signal| heard(KILLED_BY + signal))).map(drop)
}

/// Whether whoever started the program has it ignore a signal; not known where there is no `/proc`.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, signal))
}

/// The same of the text of `/proc/PID/status`: signal 1 is the lowest bit of a hexadecimal number.
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(not(unix))]
fn caught(mut heard: impl FnMut(i32) + Send + 'static) -> Result<(), ctrlc::Error> {
    /// What a Unix shell gives a program that Ctrl-C ended.
    const INTERRUPTED: i32 = 130;

    ctrlc::set_handler(move || heard(INTERRUPTED))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_the_bits_of_a_mask() {
        let status = "Name:\tsignet\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\n";
        assert_eq!([1, 2, 13, 15].map(|signal| ignores(status, signal)), [true, false, true, false]);
        assert!(!ignores("", 1));
    }
}
