//! What of a picture is to be filled in: drawn with the pointer, kept as a file.

mod bitmap;
mod changes;
pub mod files;
mod outline;
mod overlay;
mod packed;
mod spans;
mod stroke;
mod tool;
pub mod tools;
mod view;

pub use self::bitmap::Mask;
pub use self::changes::Stamp;
pub use self::packed::Packed;
