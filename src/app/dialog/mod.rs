//! Asks for files with the desktop's own dialog, on a thread of its own: the window goes on meanwhile.

mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod portal;
mod question;
mod refusal;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use eframe::egui::Context;

use self::refusal::refusal;
use super::thread;
use crate::error::Result;

pub use question::{NETWORKS, Question};

/// Shows a dialog and waits for it; gives what was chosen, nothing where it was cancelled.
type Picker = dyn Fn(Question) -> Result<Vec<PathBuf>> + Send + Sync;

/// At most one dialog at a time.
pub struct Dialog {
    picker: Arc<Picker>,
    open: Option<(Question, Receiver<Result<Vec<PathBuf>>>)>,
}

impl Default for Dialog {
    /// The desktop's own.
    fn default() -> Self {
        Self::with(native::pick)
    }
}

impl Dialog {
    /// Dialogs that `picker` shows: it may take as long as a user does.
    pub fn with(picker: impl Fn(Question) -> Result<Vec<PathBuf>> + Send + Sync + 'static) -> Self {
        Self { picker: Arc::new(picker), open: None }
    }

    /// Whether a dialog waits for its user: no other is shown meanwhile.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Asks for pictures to edit.
    pub fn pick_images(&mut self, ctx: &Context) {
        self.ask(ctx, Question::Pictures);
    }

    /// Shows a dialog, unless one is open.
    pub fn ask(&mut self, ctx: &Context, question: Question) {
        if self.is_open() {
            return;
        }
        let (says, answer) = channel();
        let (picker, ctx, failed) = (Arc::clone(&self.picker), ctx.clone(), says.clone());
        let shown = thread::start("signet-dialog", "shows it", move || {
            // A window that is gone needs no answer.
            let _ = says.send(picker(question));
            ctx.request_repaint();
        });
        if let Err(why) = shown {
            // The receiver is held here: this cannot fail.
            let _ = failed.send(Err(refusal(&why.what)));
        }
        self.open = Some((question, answer));
    }

    /// What was chosen, once it was; nothing while the dialog is open, and after it was cancelled.
    ///
    /// # Errors
    /// A dialog that could not be shown.
    pub fn answer(&mut self) -> Option<Result<(Question, Vec<PathBuf>)>> {
        let (question, answer) = self.open.as_ref()?;
        let question = *question;
        let outcome = match answer.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return None,
            // A panic in the desktop's libraries: the next dialog may fare better.
            Err(TryRecvError::Disconnected) => Err(refusal("it broke off")),
        };
        self.open = None;
        match outcome {
            Ok(paths) if paths.is_empty() => None,
            Ok(paths) => Some(Ok((question, paths))),
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::time::Duration;

    use super::*;

    fn wait(dialog: &mut Dialog) -> Option<Result<(Question, Vec<PathBuf>)>> {
        loop {
            let answer = dialog.answer();
            if answer.is_some() || !dialog.is_open() {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn one_dialog_is_open_at_a_time() {
        let user = Arc::new(Barrier::new(2));
        let waits = Arc::clone(&user);
        let mut dialog = Dialog::with(move |question| {
            waits.wait();
            Ok(vec![question.title().into()])
        });
        let ctx = Context::default();
        dialog.pick_images(&ctx);
        dialog.ask(&ctx, Question::Recipe);
        assert!(dialog.is_open() && dialog.answer().is_none(), "the user has not answered");
        user.wait();
        assert_eq!(wait(&mut dialog), Some(Ok((Question::Pictures, vec!["Choose pictures".into()]))));
        assert!(!dialog.is_open() && dialog.answer().is_none(), "an answer comes once");
    }

    #[test]
    fn cancelling_is_no_answer_and_a_dialog_that_breaks_is_told() {
        let ctx = Context::default();
        let mut dialog = Dialog::with(|question| match question {
            Question::Recipe => Ok(Vec::new()),
            _ => panic!("as a library of the desktop's may"),
        });
        dialog.ask(&ctx, Question::Recipe);
        assert_eq!(wait(&mut dialog), None);
        dialog.ask(&ctx, Question::Run);
        let error = wait(&mut dialog).expect("an answer").expect_err("an error");
        assert!(error.to_string().contains("type the path"), "{error}");
    }
}
