//! Signet: trains diffusion teachers, distils them into one-step (SiD) and idempotent (SIGN)
//! generators, and edits images with them, on any GPU through wgpu or on a CPU.

pub mod error;
pub mod gpu;
pub mod random;
pub mod recipe;
pub mod run;
