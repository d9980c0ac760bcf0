//! Vector instructions of the machine that runs: one program serves all.

pub mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::LazyLock;

/// What vectors a processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Those of the oldest model of its kind.
    Oldest,
    /// AVX2, and products that are added without rounding between.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// All that this processor has, the widest last.
    pub fn all() -> Vec<Level> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "others have one level"))]
        let mut levels = vec![Level::Oldest];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            levels.push(Level::Avx2);
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                levels.push(Level::Avx512);
            }
        }
        levels
    }

    /// The widest that this processor has.
    pub fn here() -> Level {
        static HERE: LazyLock<Level> = LazyLock::new(|| Level::all().pop().unwrap_or(Level::Oldest));
        *HERE
    }
}

/// Runs a loop compiled for the widest vectors that this processor has. Nothing is contracted or reordered: the
/// numbers are the same on all of them. `work` has to be a closure marked `#[inline(always)]`, and what it calls
/// functions that are: the rest stays compiled for the oldest processor.
#[inline(always)]
pub fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    match Level::here() {
        Level::Oldest => work(),
        // SAFETY: this processor has them.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { x86::with_avx2(work) },
        // SAFETY: this processor has them.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { x86::with_avx512(work) },
    }
}
