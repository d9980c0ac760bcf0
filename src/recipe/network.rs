//! The shape of a run's networks.

use serde::{Deserialize, Serialize};

use super::setting::{IDENTITY, no_numbers, table};

table! {
    /// The network's shape, at any size.
    pub struct Network in "network" {
        /// Family of networks: ddpmpp, ncsnpp, adm; mlp for toy worlds.
        family: Family = Family::Ddpmpp, IDENTITY;
        /// Channels of the first level; of a dense network, its width.
        model_channels: usize = 32, IDENTITY.whole();
        /// Channels of each level, in times the first one's; each level has half the resolution.
        channel_mult: Vec<usize> = vec![1, 2], IDENTITY;
        /// Residual blocks a level; of a dense network, its layers.
        num_blocks: usize = 1, IDENTITY.whole();
        /// Resolutions at which there is attention, pixels.
        attn_resolutions: Vec<usize> = vec![8], IDENTITY;
        /// Share of activations dropped while the teacher, the fake score and SiD's generator train; SIGN's
        /// student trains without. Where a teacher is given and this is 0, the teacher's own share holds.
        dropout: f64 = 0.0, IDENTITY;
    }
}

/// Families of networks, as Karras et al. (2022) configure them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Ddpmpp,
    Ncsnpp,
    /// Attention needs levels of 64 channels or more.
    Adm,
    /// `num_blocks` dense layers of `model_channels`, for toy worlds.
    Mlp,
}

no_numbers!(Family);
