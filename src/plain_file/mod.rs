//! Plain files of folders that a stranger may have filled: a run folder from the net, an unpacked archive.
//!
//! In such a folder a link in a file's place would have the program read, cut off or overwrite what it leads to, and
//! a pipe or a device would have it wait for ever or fill its memory. So what is opened here is a plain file or is not
//! opened, no more of it is read than its kind may have (`limits`), and what is written takes the place of whatever
//! lies under its name. Folders within such a folder are folders and no links, too; the folder itself is named by
//! the user, and may be reached by links.
//!
//! On Unix the system refuses a link in the very moment of opening. Elsewhere it is looked for just before.

mod kind;
pub mod limits;
mod lines;
mod open;
mod read;
mod write;

pub use kind::{check_file, check_folder, exists, is_file, is_folder, refuse_special};
pub use lines::{Line, Lines};
pub use open::{for_appending, for_change, for_locking, open, open_if_there};
pub use read::{read, read_if_there};
pub use write::{TEMPORARY, Whole, create, make_folder, write_whole};

#[cfg(test)]
mod tests;
