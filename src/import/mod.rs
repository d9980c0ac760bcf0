//! Pretrained networks of other programs: EDM's and SiD's pickles, torch's files, safetensors.
//!
//! A file becomes inert values (`pickle`), values become tensors (`torch`) and networks (`edm`), and a
//! network's own words (`kwargs`) or its tensors' names and shapes (`infer`) say what it is.

mod assemble;
mod describe;
pub mod edm;
mod format;
mod infer;
mod kwargs;
mod network;
mod open;
mod options;
pub mod pickle;
mod plain;
mod report;
mod shown;
mod tensors;
pub mod torch;
mod within;

pub use assemble::Imported;
pub use infer::{Inferred, Shapes, infer};
pub use kwargs::from_kwargs;
pub use network::{network as open, network_of_bytes as read};
pub use options::{Options, Role};
pub use report::{Origin, Report};
pub use tensors::tensors;
pub use within::within;
