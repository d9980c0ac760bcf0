//! Ctrl-C and its kin while a run trains: the first request saves and ends, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use super::output::complain;
use super::signals;
use crate::error::Result;
use crate::run::link::Commands;
use crate::run::message::Command;

/// Between two looks at the trainer.
const EVERY: Duration = Duration::from_millis(100);
/// Between two words about waiting.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// Nobody waits longer for a trainer to save.
const PATIENCE: Duration = Duration::from_secs(600);
/// What a terminal or a script has to take the last words once the trainer has ended.
const GRACE: Duration = Duration::from_secs(3);

/// Whether somebody outside has asked the program to end.
pub struct Asked(Arc<AtomicI32>);

impl Asked {
    /// Listens from now on. A window stays open when its trainer has ended, and somebody who takes the
    /// program's words may have stopped reading: the program ends all the same, once all is saved and said.
    ///
    /// # Errors
    /// Where the system does not let such requests be caught, or has no thread.
    pub fn listen(commands: Commands, windowed: bool) -> Result<Self> {
        let asked = Arc::new(AtomicI32::new(0));
        let flag = asked.clone();
        signals::listen(move |status| {
            if flag.swap(status, Ordering::SeqCst) != 0 {
                std::process::exit(status);
            }
            let commands = commands.clone();
            std::thread::spawn(move || {
                see_off(&commands, status, if windowed { Duration::ZERO } else { GRACE })
            });
        })?;
        Ok(Self(asked))
    }

    /// The exit status that tells of it; 0 before there was any.
    pub fn status(&self) -> i32 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Waits until the trainer has said its last word, and ends the program if nobody else does.
fn see_off(commands: &Commands, status: i32, grace: Duration) {
    let (began, mut told) = (Instant::now(), Instant::now());
    say("saving, then stopping (Ctrl-C again stops at once) …".into());
    let last_word = loop {
        // A trainer that has ended already needs no telling, and one that is stopping minds no further stop.
        let _ = commands.send(Command::Stop);
        if let Some(word) = commands.last_word() {
            break word;
        }
        if began.elapsed() > PATIENCE {
            say("the trainer does not end: its last checkpoint stands, and the same command goes on from it"
                .into());
            std::thread::sleep(EVERY);
            std::process::exit(status);
        }
        if told.elapsed() > SAY_EVERY {
            told = Instant::now();
            say(format!("still saving, for {} s …", began.elapsed().as_secs()));
        }
        std::thread::sleep(EVERY);
    };
    std::thread::sleep(grace);
    match last_word {
        Ok(_) => std::process::exit(status),
        Err(error) => {
            say(format!("error: {error}"));
            std::thread::sleep(EVERY);
            std::process::exit(error.exit_code().into());
        }
    }
}

/// Says it without waiting: whoever should read it may have left, or have stopped reading.
fn say(words: String) {
    std::thread::spawn(move || {
        complain(&format!("\n{words}"));
    });
}
