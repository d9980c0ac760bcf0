//! Networks as plans over named weights: a plan says which parameters exist and how an image flows
//! through them; the numbers live in `Weights`, so that teacher, student, fake score and their
//! averages share one plan. Names are those of EDM's state dicts.

mod block;
mod embed;
mod init;
mod layers;
mod layout;
mod sigma_head;
mod song_unet;
mod weights;

pub use block::Dropout;
pub use embed::positional_embedding;
pub use init::Init;
pub use layout::{Layout, LayoutBuilder, ParamId};
pub use sigma_head::SigmaHead;
pub use song_unet::{Condition, SongUnet, UnetConfig};
pub use weights::{Leaves, Weights, read};
