//! Signet: trains diffusion teachers, distils them into one-step (SiD) and idempotent (SIGN)
//! generators, and edits images with them, on any GPU through wgpu or on a CPU.

#![cfg_attr(not(feature = "window"), allow(dead_code, unused_imports, reason = "some is the window's alone"))]

#[cfg(feature = "window")]
pub mod app;
pub mod bench;
mod cache_folder;
pub mod cli;
pub mod compare;
pub mod data;
pub mod diffusion;
pub mod edit;
pub mod error;
pub mod eval;
pub mod finite;
pub mod gpu;
mod host_memory;
pub mod import;
pub mod interrupt;
pub mod loss;
pub mod measure;
pub mod model;
#[cfg(not(feature = "window"))]
mod no_window;
pub mod plain_file;
pub mod random;
pub mod recipe;
pub mod recycling;
pub mod report;
pub mod run;
mod simd;
mod text;
mod threads;
pub mod train;
pub mod watch;
pub mod words;
pub mod world;

#[cfg(not(feature = "window"))]
use no_window as app;
