//! Threads of the window's own.

use std::thread::Builder;

use crate::error::{Error, Kind, Result};

/// Starts a thread called `name` that does `work`; `task` completes "the thread that …".
///
/// # Errors
/// The operating system has no thread left ([`Kind::Io`]).
pub fn start(name: &str, task: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let started = Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).map_err(|source| {
        Error::new(Kind::Io, format!("could not start the thread that {task}: {source}"))
            .hint("close other programs")
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_work_is_done_under_its_name() {
        let (say, heard) = channel();
        let work = move || {
            let name = std::thread::current().name().map(str::to_owned);
            say.send(name).expect("a test that listens");
        };
        start("signet-test", "says its name", work).expect("a thread");
        assert_eq!(heard.recv().expect("a word").as_deref(), Some("signet-test"));
    }
}
