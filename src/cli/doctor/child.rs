//! A part of a full report in a process of its own. A driver that crashes or hangs takes no other part with it, and the
//! next part gets a device that an earlier one has lost.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::super::output::print_json;
use crate::bench::survey::{self, Ending, Job, Word};
use crate::threads;

/// A process that has said all it has to say may take so long to let go of its device.
const PARTING: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Of what a process complains of before it dies, the last lines, each of so many letters at the most.
const LAST_LINES: usize = 4;
const LINE: usize = 300;

/// Does the job in this process, which is one of its own for it. Each word is a line of JSON on standard output.
pub fn work(job: &Job) {
    threads::on_all(|| {
        survey::perform(job, &mut |word| {
            // Plain data: it can always be written.
            if let Ok(json) = serde_json::to_string(&word) {
                print_json(&json);
            }
        });
    });
}

/// Has the job done by another process of this program, and ends it when its time is over.
pub fn measure(job: &Job, hear: &mut dyn FnMut(Word)) -> Ending {
    match start(job) {
        Ok(child) => follow(child, job, hear),
        Err(reason) => Ending::BrokenOff(reason),
    }
}

fn start(job: &Job) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(|e| format!("the program does not find itself: {e}"))?;
    let job = serde_json::to_string(job).map_err(|e| format!("the part cannot be named: {e}"))?;
    let mut command = Command::new(program);
    command.args(["doctor", "--part", &job]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|e| format!("the part could not be started: {e}"))
}

fn follow(mut child: Child, job: &Job, hear: &mut dyn FnMut(Word)) -> Ending {
    let deadline = Instant::now() + Duration::from_secs_f64(job.end_secs.max(0.0));
    let words = words_of(&mut child);
    let complaints = complaints_of(&mut child);
    loop {
        match words.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(word) => hear(word),
            Err(RecvTimeoutError::Timeout) => {
                end(&mut child);
                // PyTorch's process, where there is one, ends by itself: it has a time of its own.
                return Ending::OutOfTime;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    match parted(&mut child) {
        Some(status) if status.success() => Ending::ByItself,
        Some(status) => {
            let said = complaints.recv_timeout(PARTING).unwrap_or_default();
            Ending::BrokenOff(format!("its process ended ({status}): {}", last_words(&said)))
        }
        None => {
            end(&mut child);
            Ending::BrokenOff("its process had measured everything, and then did not end".into())
        }
    }
}

/// Kills it and waits for its end: nothing else may measure beside it.
fn end(child: &mut Child) {
    // Either fails only where it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// How it ended, if it does so in time.
fn parted(child: &mut Child) -> Option<ExitStatus> {
    let clock = Instant::now();
    while clock.elapsed() < PARTING {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => thread::sleep(BETWEEN_LOOKS),
            Err(_) => return None,
        }
    }
    None
}

/// What it says, until it closes its output.
fn words_of(child: &mut Child) -> Receiver<Word> {
    let (sender, receiver) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Drivers may print there too.
                let Some(word) = word(&line) else { continue };
                if sender.send(word).is_err() {
                    return;
                }
            }
        });
    }
    receiver
}

fn word(line: &str) -> Option<Word> {
    match serde_json::from_str(line) {
        Ok(word) => Some(word),
        // A number that is none is not JSON.
        Err(e) if line.starts_with("{\"found\"") => {
            Some(Word::Failed { item: "a result".into(), reason: format!("it could not be read: {e}") })
        }
        Err(_) => None,
    }
}

/// All that it writes on standard error, once it has ended.
fn complaints_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut output) = child.stderr.take() {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is worth as much.
            let _ = output.read_to_end(&mut bytes);
            // Nobody waits for it where all went well.
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    receiver
}

/// The last lines that say something of the cause.
fn last_words(said: &str) -> String {
    let is_cause = |line: &&str| !line.is_empty() && !line.starts_with("note:");
    let lines: Vec<&str> = said.lines().map(str::trim).filter(is_cause).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(LAST_LINES));
    let last: Vec<String> = last.map(|line| line.chars().take(LINE).collect()).collect();
    if last.is_empty() { "it said nothing".into() } else { last.join(" / ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_meant_for_us_is_a_word() {
        assert_eq!(word("{\"begins\":\"upload\"}"), Some(Word::Begins("upload".into())));
        assert_eq!(word("MESA: warning"), None);
        assert_eq!(word("{}"), None);
        let unreadable = word("{\"found\":{\"copy\":{\"name\":null}}}");
        assert!(matches!(unreadable, Some(Word::Failed { .. })), "{unreadable:?}");
    }

    #[test]
    fn last_words_are_the_cause() {
        assert_eq!(last_words(""), "it said nothing");
        let said = "a\n\nthread 'main' panicked at x.rs:1:\nno memory\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(last_words(said), "a / thread 'main' panicked at x.rs:1: / no memory");
        assert_eq!(last_words(&"y".repeat(1000)).len(), LINE);
    }
}
