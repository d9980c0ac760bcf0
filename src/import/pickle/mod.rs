//! Python's pickles as data: a stack machine that builds inert values and calls nothing.
//!
//! A pickle is a program for a small stack machine whose `REDUCE` calls whatever it names. Here every
//! name goes through an allow-list, and a "call" makes a value that says what was called with what;
//! what the few known constructors mean is decided by those who read the tree. Values refer to each
//! other by number, so that shared and cyclic structures cost nothing and drop without recursion.

mod construct;
mod cursor;
mod globals;
pub mod limits;
mod literals;
mod machine;
mod opcodes;
mod value;

pub use cursor::Cursor;
pub use globals::Global;
pub use machine::{read, read_within};
pub use value::{Object, Ref, Tree, Value};
