//! How much of a stranger's pickle the machine is willing to hold: every bound, with its reason.
//!
//! Every step reads at least one byte and makes at most one value of a fixed size, and strings stay
//! where they are in the file; so memory is bounded by a small multiple of the file's length, and by
//! `MAX_STEPS` beyond that.

/// Instructions of one pickle: the training state of a full-size SiD run (three networks of 1000
/// tensors, two optimisers) has about 300,000.
pub const MAX_STEPS: usize = 4 << 20;

/// Open marks, which is how deeply containers lie within each other while they are written: a U-Net's
/// modules nest seven deep with about three marks each.
pub const MAX_MARKS: usize = 1000;

/// Bytes of an integer: torch's magic number has ten.
pub const MAX_INTEGER_BYTES: usize = 64;

/// Length of a module's and of a class's name.
pub const MAX_GLOBAL_NAME: usize = 256;

/// Highest protocol there is.
pub const MAX_PROTOCOL: u8 = 5;

/// Containers within containers where a plain value (a network's settings) is read: EDM's have two.
pub const MAX_PLAIN_DEPTH: usize = 16;

/// Values within one plain value. Shared lists that double (the "billion laughs") end here.
pub const MAX_PLAIN_VALUES: usize = 4096;
