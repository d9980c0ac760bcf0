//! Tensors as torch writes them: a pickle that describes them, and storages with their numbers in one
//! of three containers (a zip, a stream of pickles, or a stream within the pickle for every storage).
//!
//! The crates that read `.pt` files (burn-store, pytorch-reader) know neither the streams within a
//! pickle, which EDM's files consist of, nor classes that come with their source, and their limits are
//! not ours; so this is read here.

mod archive;
mod dtype;
mod legacy;
mod limits;
mod storage;
mod storages;
mod tensor;

pub use archive::Archive;
pub use dtype::Dtype;
pub use legacy::Legacy;
pub use limits::{MAX_FILE_BYTES, MAX_PICKLE_BYTES};
pub use storages::{Storages, Zipped};
pub use tensor::{Reader, Tensor, is_tensor};
