//! Devices: which there are, which one is used and why, our own kernels, checks of both, what operations
//! cost, and what a device is asked.

pub mod adapters;
mod autotune;
pub mod compare;
pub mod counting;
pub mod device;
pub mod doctor;
pub mod half;
mod hints;
pub mod kernels;
mod opened;
mod pace;
mod pictures;
mod read;
pub mod self_test;
pub mod spec;
pub mod tally;
mod trouble;
mod unfused;

pub use device::{Backend, Opened, open, open_anew, open_beside, open_counted};
pub use opened::{Neighbour, handles, is_lent, lend, offers_half, queues};
pub use pictures::DevicePictures;
pub use read::{Reading, check, read};
pub use spec::DeviceSpec;
pub use trouble::{device_error, full, full_heard, listen, lost, panic_words};
