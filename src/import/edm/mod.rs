//! The networks in a file of torch's or EDM's: which there are, which one is meant, and its tensors
//! by their state-dict names.

mod average;
mod choose;
mod find;
mod limits;
mod module;
mod names;
mod network;
mod shadow;
mod state_dict;

pub use average::is_average;
pub use choose::{choose, chosen};
pub use find::{Holding, networks};
pub use module::Module;
pub use names::{Owner, WRAPPERS, owners};
pub use network::{Network, Tensors, WHOLE, joined, named, of_owner};
pub use state_dict::normalise;
