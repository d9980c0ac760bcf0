//! Functions compiled for newer processors.

/// # Safety
/// The processor must have AVX-512 (F and VL), AVX2 and FMA.
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
pub fn with_avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// # Safety
/// The processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}
