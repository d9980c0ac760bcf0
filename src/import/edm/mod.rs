//! The networks in a file of torch's or EDM's: which there are, which one is meant, and its tensors
//! by their state-dict names.

mod choose;
mod limits;
mod module;
mod state_dict;

pub use choose::{Network, choose, networks};
pub use module::Module;
pub use state_dict::normalise;
