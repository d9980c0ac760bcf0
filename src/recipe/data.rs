//! Where training images come from.

use std::path::PathBuf;

use super::setting::{IDENTITY, SOURCE, table};
use crate::world::World;

table! {
    /// The training images.
    pub struct Data in "data" {
        /// Zip, folder, IDX or CIFAR file; none is the procedural demo set.
        path: Option<PathBuf> = None, SOURCE;
        /// Samples of a toy world (ring8, img64) instead of images; it brings its own size.
        world: Option<World> = None, IDENTITY;
        /// Side of the square training images, pixels, a power of two.
        size: usize = 16, IDENTITY.whole();
        /// Pictures in the procedural set; with a path, the most that are read (none: all).
        limit: Option<usize> = None, SOURCE.whole();
        /// Mirror half of the images.
        x_flip: bool = false, IDENTITY;
        /// Train with the images' class labels: the networks are told the class.
        use_labels: bool = false, IDENTITY;
    }
}
