//! Editing by projection: a corrupted image goes in, its image under f comes out.

mod advice;
mod canvas;
mod constraint;
mod corrupt;
mod direct;
mod files;
mod iterate;
mod luma;
mod numbers;
mod patches;
mod projection;
mod projector;
mod provenance;
mod rows;
mod signs;
mod steps;
mod tiles;
mod wish;
mod work;

pub use advice::{Advice, Case, Usual};
pub use canvas::{Canvas, Fit};
pub use constraint::Constraint;
pub use corrupt::{Corrupted, Corruption, DOWN_UP};
pub use direct::{Direct, MOST_APPLICATIONS, direct};
pub use files::{Event, Record, Request, edit_files, mask_of_picture, read_mask};
pub use iterate::{Iteration, LAST_SIGMA, STEPS, first_sigma, iterate, sigmas};
pub use luma::gray;
pub use numbers::Numbers;
pub use projection::{Mode, Projection, Settings, Task};
pub use projector::{Model, Projector};
pub use provenance::Provenance;
pub use signs::Signs;
pub use steps::Steps;
pub use tiles::MOST_PIXELS;
pub use wish::{PATCH, Way, Wish};
pub use work::{Made, Progress, Work, project_canvas};
