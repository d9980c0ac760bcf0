//! Which run a recipe goes on with, and how long it is then. A run is what shapes its weights: where it lies, how
//! long it is and how it is watched may have changed, also by another release.

mod candidate;
mod claim;
mod differs;
mod lengths;
mod search;
mod shelve;
mod version_1;

pub use candidate::Candidate;
pub use claim::{Claimed, claim, look};
pub use lengths::{Lengths, course_words, length_of};
pub use search::{Found, Sought};
