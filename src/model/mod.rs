//! Networks as plans over named weights: a plan says which parameters exist and how an image flows
//! through them; the numbers live in `Weights`, so that teacher, student, fake score and their
//! averages share one plan. Names are those of EDM's state dicts.

mod check;
mod config;
mod embed;
mod init;
mod layers;
mod layout;
mod mlp;
mod network;
mod noise_head;
mod unet;
mod weights;

pub use crate::gpu::read;
pub use check::check;
pub use config::{Architecture, Decoder, Embedding, Encoder, SongStyle, UnetConfig};
pub use embed::{Order, embed, fourier_frequencies, positional_frequencies};
pub use init::{Init, LayerInit, Spread};
pub use layers::{Conv2d, ConvConfig, Filter, GroupNorm, Linear, Resample};
pub use layout::{BufferId, Layout, LayoutBuilder, ParamId};
pub use network::Network;
pub use noise_head::NoiseHead;
pub use unet::{BlockConfig, BlockStyle, Condition, Dropout, Heads, Masks, UnetBlock};
pub use weights::{Leaves, Weights};
