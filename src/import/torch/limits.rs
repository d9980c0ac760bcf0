//! How much of a stranger's tensors is held: every bound, with its reason.

/// Largest file that is read into memory as a whole (pickles, legacy files, safetensors), bytes: EDM's
/// largest published network has 1.2 GiB.
pub const MAX_FILE_BYTES: u64 = 8 << 30;

/// Most numbers of all tensors of one network: EDM's largest has 0.3 billion.
pub const MAX_NUMBERS: usize = 1 << 30;

/// Dimensions of a tensor: a convolution's weight has four.
pub const MAX_RANK: usize = 8;

/// Files in a zip: a SiD training state has about 10,000.
pub const MAX_ZIP_ENTRIES: usize = 1 << 17;

/// Bytes of the list of files in a zip, and of the pickle in it, however long the zip is.
pub const MAX_DIRECTORY_BYTES: u64 = 64 << 20;
pub const MAX_PICKLE_BYTES: u64 = 64 << 20;

/// How much a zip may unpack to, in its own lengths, plus a little for small files: torch stores its
/// numbers as they are, and trained weights hardly get smaller when someone packs them again.
pub const MAX_UNPACKING: u64 = 8;
pub const FREE_UNPACKING_BYTES: u64 = 32 << 10;
