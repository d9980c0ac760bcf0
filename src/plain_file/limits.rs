//! How large a file of each kind may be. A run writes far smaller ones; beyond these a file is damaged, or made to
//! fill the memory.

/// A manifest, a summary, the note on the best checkpoint, bytes: they are a few thousand.
pub const JSON: u64 = 1 << 20;

/// A recipe, bytes: it is a page.
pub const RECIPE: u64 = 1 << 20;

/// The changes of a run, bytes: each is a line of 150.
pub const CHANGES: u64 = 4 << 20;

/// A line of the numbers or of the log, bytes: it has a few hundred. Files of lines may be of any length, for they
/// are read line by line.
pub const LINE: usize = 1 << 20;

/// The tensors of a checkpoint, bytes. Those of a small network may be fewer: as many as its state explains.
pub const TENSORS: u64 = 64 << 30;

/// A record of TensorBoard's files, bytes: the largest are grids of samples.
pub const RECORD: u64 = 256 << 20;

/// A picture in a report, bytes: a page must stay small enough to be opened.
pub const SHOWN_PICTURE: u64 = 8 << 20;
