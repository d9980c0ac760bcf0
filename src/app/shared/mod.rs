//! The graphics device that window and trainer share where they can: what the trainer has made is drawn from
//! its memory, without a way through the host.

mod benchmarks;
mod choice;
mod drawn;

pub use benchmarks::benchmarks;
pub use choice::{Sharing, configuration, offered};
pub use drawn::{Drawn, draw_on};
