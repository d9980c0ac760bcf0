//! Brings the trainer's messages to the window and wakes it up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::thread;
use crate::error::Result;
use crate::run::message::{Making, Message};

/// Steps come many times a second; painting each would take time from the trainer.
const STEP_REPAINT: Duration = Duration::from_millis(100);

/// The same where software stands in for a graphics card: a frame then takes a good part of a tenth of a
/// second from a trainer that has nothing but the CPU either.
const STEP_REPAINT_IN_SOFTWARE: Duration = Duration::from_secs(2);

/// Messages that wait for the next frame.
pub struct Inbox {
    queue: Receiver<Message>,
    ctx: Context,
    /// Whether a message waits that is worth a frame of its own.
    urgent: Arc<AtomicBool>,
    step_repaint: Duration,
    drained: Option<Instant>,
}

impl Inbox {
    /// Starts the thread that forwards `messages`. It reads on after the window is gone, so that a
    /// trainer that still saves never talks to a closed channel. `in_software` says that no graphics card
    /// paints the window.
    ///
    /// # Errors
    /// The operating system has no thread left.
    pub fn new(messages: Receiver<Message>, ctx: Context, in_software: bool) -> Result<Self> {
        let (forward, queue) = channel();
        let step_repaint = if in_software { STEP_REPAINT_IN_SOFTWARE } else { STEP_REPAINT };
        let urgent = Arc::new(AtomicBool::new(false));
        let (waker, alarm) = (ctx.clone(), Arc::clone(&urgent));
        let forwarder = move || {
            let wake = || {
                alarm.store(true, Ordering::Release);
                waker.request_repaint();
            };
            for message in messages {
                let calm = matches!(
                    message,
                    Message::Step { .. }
                        | Message::Preparing { .. }
                        | Message::Editing { .. }
                        | Message::Making(Making::Part { .. })
                );
                // A closed queue is a closed window.
                let _ = forward.send(message);
                if calm {
                    waker.request_repaint_after(step_repaint);
                } else {
                    wake();
                }
            }
            drop(forward);
            wake();
        };
        thread::start("signet-inbox", "takes in the trainer's messages", forwarder)?;
        Ok(Self { queue, ctx, urgent, step_repaint, drained: None })
    }

    /// Takes the messages that have come, oldest first, and whether the trainer has hung up.
    ///
    /// Steps alone are left for a later frame where the last ones were taken just now: a frame that a
    /// pointer asks for is much cheaper where no curve has grown.
    pub fn drain(&mut self) -> (Vec<Message>, bool) {
        let early = self.drained.map(|last| self.step_repaint.saturating_sub(last.elapsed()));
        let urgent = self.urgent.swap(false, Ordering::Acquire);
        if let Some(left) = early.filter(|left| !urgent && !left.is_zero()) {
            self.ctx.request_repaint_after(left);
            return (Vec::new(), false);
        }
        self.drained = Some(Instant::now());
        let mut messages = Vec::new();
        loop {
            match self.queue.try_recv() {
                Ok(message) => messages.push(message),
                Err(TryRecvError::Empty) => return (messages, false),
                Err(TryRecvError::Disconnected) => return (messages, true),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::message::{Left, Progress, Stage};

    fn step(step: u64) -> Message {
        let at = Progress { stage: Stage::Teacher, step, kimg: 1.0, stage_kimg: 2.0, elapsed_secs: 1.0 };
        Message::Step { at, losses: Vec::new(), images_per_sec: 1.0, left: Left::alone(1.0) }
    }

    /// What the inbox hands out in `time`, message by message.
    fn hear(inbox: &mut Inbox, time: Duration) -> Vec<String> {
        let (start, mut heard) = (Instant::now(), Vec::new());
        while start.elapsed() < time {
            heard.extend(inbox.drain().0.iter().map(|message| match message {
                Message::Step { at, .. } => format!("step {}", at.step),
                Message::Note(words) => words.clone(),
                other => format!("{other:?}"),
            }));
            std::thread::sleep(Duration::from_millis(1));
        }
        heard
    }

    #[test]
    fn steps_wait_for_their_time_and_for_nothing_that_matters() {
        let (voice, messages) = channel();
        let mut inbox = Inbox::new(messages, Context::default(), true).expect("a thread");
        let say = |message| voice.send(message).expect("an inbox that listens");
        assert_eq!(inbox.drain().0.len(), 0);
        say(step(1));
        let soon = STEP_REPAINT_IN_SOFTWARE / 4;
        assert!(hear(&mut inbox, soon).is_empty());
        say(Message::Note("a word".to_owned()));
        assert_eq!(hear(&mut inbox, soon), ["step 1", "a word"]);
        say(step(2));
        assert_eq!(hear(&mut inbox, STEP_REPAINT_IN_SOFTWARE), ["step 2"]);
        drop(voice);
        let start = Instant::now();
        while !inbox.drain().1 {
            assert!(start.elapsed() < STEP_REPAINT_IN_SOFTWARE, "a trainer that is gone waits for no step");
        }
    }
}
