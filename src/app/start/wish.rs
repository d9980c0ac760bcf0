//! What a card of the start screen wants done.

use crate::app::dialog::Question;
use crate::error::Error;

pub enum Wish {
    /// The words behind `signet`, and the end of the screen.
    Run(Vec<String>),
    /// A dialog.
    Ask(Question),
    /// Words about what is not as it should be.
    Say(Error),
}
