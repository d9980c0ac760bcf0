//! Vector instructions of the machine that runs: one program serves all.

/// Runs a loop compiled for the widest vectors that this processor has. Nothing is contracted or reordered: the
/// numbers are the same on all of them. `work` has to be a closure marked `#[inline(always)]`, and what it calls
/// functions that are: the rest stays compiled for the oldest processor.
#[inline(always)]
pub fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: this processor has them.
            return unsafe { x86::with_avx512(work) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: this processor has it.
            return unsafe { x86::with_avx2(work) };
        }
    }
    // Others have their vectors in their oldest model already.
    work()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    #[target_feature(enable = "avx512f,avx512vl")]
    pub fn with_avx512<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    #[target_feature(enable = "avx2")]
    pub fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
}
