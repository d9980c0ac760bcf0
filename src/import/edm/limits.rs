//! How much of a stranger's modules is looked at: every bound, with its reason. A dictionary may be
//! shared by all that refer to it, so what is looked at is bounded, and not only what is there.

/// Entries of a dictionary that may be networks: training states have about ten.
pub const MAX_ROOT_ENTRIES: usize = 1024;

/// Dictionaries and lists that are looked into, and how deep they may lie: training programs keep networks at
/// most four deep, and an optimiser's state may have one dictionary a tensor.
pub const MAX_DICTS: usize = 1 << 14;
pub const MAX_DICT_DEPTH: usize = 6;

/// Networks that are listed at most; a file with more is something else.
pub const MAX_NETWORKS: usize = 64;

/// Modules within modules: EDM's networks nest four deep.
pub const MAX_MODULE_DEPTH: usize = 32;

/// Modules and tensors of one network; a shared module counts wherever it appears. EDM's largest has
/// about 1000.
pub const MAX_MODULES: usize = 1 << 14;
pub const MAX_TENSORS: usize = 1 << 16;

/// Entries in the registries of all modules of one network: parameters, buffers and children.
pub const MAX_PARTS: usize = MAX_MODULES + MAX_TENSORS;

/// Attributes of one module, and buffers that it does not store: torch's modules have about thirty, EDM's
/// networks about ten more.
pub const MAX_ATTRIBUTES: usize = 256;

/// Bytes of a tensor's name: EDM's longest have 40.
pub const MAX_NAME: usize = 256;

/// Wrappers around wrappers whose prefixes are taken off.
pub const MAX_WRAPPERS: usize = 8;
