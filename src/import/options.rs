//! What a file cannot say, or says wrongly: the user's word.

use crate::diffusion::Precond;

/// Choices that override what the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Which of the file's networks; the average where there is one.
    pub network: Option<String>,
    pub precond: Option<Precond>,
    pub role: Option<Role>,
}

/// How the network makes images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A denoiser, in many steps.
    Teacher,
    /// A SiD generator, in one.
    Sid,
}
