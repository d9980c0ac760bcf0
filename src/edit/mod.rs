//! Editing by projection: a corrupted image goes in, its image under f comes out.

mod projection;

pub use projection::{Projection, Settings, project};
