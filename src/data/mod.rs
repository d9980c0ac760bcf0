//! Training images: read from what users have, verified in one pass, held in memory, dealt out in
//! batches.

mod cifar;
mod class_names;
mod container;
mod contents;
mod dataset;
mod decode;
mod detect;
mod export;
mod idx;
mod labels;
mod limits;
mod loader;
mod missing;
mod names;
mod open;
mod pile;
pub mod pixels;
mod plan;
mod png;
mod raw;
mod report;
mod shape;
pub mod synthetic;
mod unpack;
mod verify;
mod what;

pub use dataset::Dataset;
pub use decode::{
    MOST_PIXELS, Photo, Picture, Profile, decode, decode_photo, decode_picture, is_picture, open_photo,
    open_picture,
};
pub use detect::{accepted, check};
pub use export::export_zip;
pub(crate) use limits::MIN_SIDE;
pub use loader::{Batch, Loader, Pick};
pub use open::open;
pub use png::{Png, png_bytes, png_words, save_png};
pub use report::Report;
pub use shape::Shape;

pub use crate::interrupt::Progress;

#[cfg(test)]
mod tests;
