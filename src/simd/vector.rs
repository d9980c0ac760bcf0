//! Registers of single-precision numbers, for the few loops that the compiler does not turn into good vector code by
//! itself. Such a loop is generic in [`Vector`] and is handed to [`at_level`].

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use super::Level;
#[cfg(target_arch = "x86_64")]
use super::x86;

/// Some numbers, side by side.
///
/// # Safety
/// Its functions may only be called on a processor that has such registers: from [`Work::run`].
pub trait Vector: Copy {
    /// How many.
    const LANES: usize;

    /// # Safety
    /// As many numbers as it holds can be read there.
    unsafe fn load(from: *const f32) -> Self;

    /// # Safety
    /// As many numbers as it holds can be written there.
    unsafe fn store(self, to: *mut f32);

    /// # Safety
    /// See the trait.
    unsafe fn splat(value: f32) -> Self;

    /// # Safety
    /// See the trait.
    unsafe fn plus(self, other: Self) -> Self;

    /// # Safety
    /// See the trait.
    unsafe fn minus(self, other: Self) -> Self;

    /// Of the numbers in `first` and then in `second` the even ones (0, 2, …) and the odd ones.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn apart(first: Self, second: Self) -> (Self, Self);

    /// The reverse of [`Vector::apart`].
    ///
    /// # Safety
    /// See the trait.
    unsafe fn together(even: Self, odd: Self) -> (Self, Self);

    /// `self + a b`; rounded once where the processor can, else twice.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
}

/// A loop over vectors. `ROWS` and `RUN` are how many rows of results, and how many vectors of each, the registers
/// hold beside what goes into them.
pub trait Work {
    /// # Safety
    /// The processor has vectors of this kind.
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize>(self);
}

/// Numbers of the widest vector, and of a cache line.
pub const LINE: usize = 16;

/// Rows of results that [`Work::run`] is asked for at this level.
pub const fn rows(level: Level) -> usize {
    match level {
        Level::Oldest => 4,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => 6,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => 8,
    }
}

/// Numbers of a vector at this level.
pub const fn lanes(level: Level) -> usize {
    match level {
        Level::Oldest => <[f32; 4]>::LANES,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => __m256::LANES,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => __m512::LANES,
    }
}

/// Runs `work` with the vectors of a level.
///
/// # Safety
/// The processor has this level, and `work` may be run.
pub unsafe fn at_level(level: Level, work: impl Work) {
    // SAFETY: as the caller promised.
    match level {
        Level::Oldest => unsafe { work.run::<[f32; 4], { rows(Level::Oldest) }, 2>() },
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe {
            x86::with_avx2(
                #[inline(always)]
                || work.run::<__m256, { rows(Level::Avx2) }, 2>(),
            );
        },
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe {
            x86::with_avx512(
                #[inline(always)]
                || work.run::<__m512, { rows(Level::Avx512) }, 3>(),
            );
        },
    }
}

/// A loop over as many numbers as vectors of its kind divide.
pub trait Sweep {
    /// # Safety
    /// The processor has vectors of this kind.
    unsafe fn run<V: Vector>(self);
}

/// Runs `work` with the widest vectors of a level that divide `numbers`.
///
/// # Safety
/// The processor has this level, and `work` may be run.
pub unsafe fn sweep(level: Level, numbers: usize, work: impl Sweep) {
    // SAFETY: as the caller promised.
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 if numbers.is_multiple_of(16) => unsafe {
            x86::with_avx512(
                #[inline(always)]
                || work.run::<__m512>(),
            );
        },
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 | Level::Avx512 if numbers.is_multiple_of(8) => unsafe {
            x86::with_avx2(
                #[inline(always)]
                || work.run::<__m256>(),
            );
        },
        _ if numbers.is_multiple_of(4) => unsafe { work.run::<[f32; 4]>() },
        _ => unsafe { work.run::<[f32; 1]>() },
    }
}

/// What the oldest processors have, and what is left over elsewhere: the compiler makes vectors of it.
impl<const N: usize> Vector for [f32; N] {
    const LANES: usize = N;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the caller promised.
        unsafe { from.cast::<Self>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the caller promised.
        unsafe { to.cast::<Self>().write_unaligned(self) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        [value; N]
    }

    #[inline(always)]
    unsafe fn plus(mut self, other: Self) -> Self {
        for k in 0..N {
            self[k] += other[k];
        }
        self
    }

    #[inline(always)]
    unsafe fn minus(mut self, other: Self) -> Self {
        for k in 0..N {
            self[k] -= other[k];
        }
        self
    }

    #[inline(always)]
    unsafe fn apart(first: Self, second: Self) -> (Self, Self) {
        let at = |k: usize| if k < N { first[k] } else { second[k - N] };
        let (mut even, mut odd) = (first, first);
        for k in 0..N {
            even[k] = at(2 * k);
            odd[k] = at(2 * k + 1);
        }
        (even, odd)
    }

    #[inline(always)]
    unsafe fn together(even: Self, odd: Self) -> (Self, Self) {
        let at = |k: usize| if k.is_multiple_of(2) { even[k / 2] } else { odd[k / 2] };
        let (mut first, mut second) = (even, even);
        for k in 0..N {
            first[k] = at(k);
            second[k] = at(N + k);
        }
        (first, second)
    }

    #[inline(always)]
    unsafe fn add_product(mut self, a: Self, b: Self) -> Self {
        for k in 0..N {
            self[k] += a[k] * b[k];
        }
        self
    }
}

#[cfg(target_arch = "x86_64")]
impl Vector for __m256 {
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the caller promised.
        unsafe { _mm256_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm256_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm256_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn apart(first: Self, second: Self) -> (Self, Self) {
        // SAFETY: as the caller promised.
        unsafe {
            // Halves of both take turns; then the quarters are put in order.
            let even = _mm256_castps_pd(_mm256_shuffle_ps::<0x88>(first, second));
            let odd = _mm256_castps_pd(_mm256_shuffle_ps::<0xDD>(first, second));
            let (even, odd) = (_mm256_permute4x64_pd::<0xD8>(even), _mm256_permute4x64_pd::<0xD8>(odd));
            (_mm256_castpd_ps(even), _mm256_castpd_ps(odd))
        }
    }

    #[inline(always)]
    unsafe fn together(even: Self, odd: Self) -> (Self, Self) {
        // SAFETY: as the caller promised.
        unsafe {
            let (low, high) = (_mm256_unpacklo_ps(even, odd), _mm256_unpackhi_ps(even, odd));
            (_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high))
        }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm256_fmadd_ps(a, b, self) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Vector for __m512 {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the caller promised.
        unsafe { _mm512_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm512_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm512_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn apart(first: Self, second: Self) -> (Self, Self) {
        // SAFETY: as the caller promised.
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            (_mm512_permutex2var_ps(first, even, second), _mm512_permutex2var_ps(first, odd, second))
        }
    }

    #[inline(always)]
    unsafe fn together(even: Self, odd: Self) -> (Self, Self) {
        // SAFETY: as the caller promised.
        unsafe {
            let first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let second = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            (_mm512_permutex2var_ps(even, first, odd), _mm512_permutex2var_ps(even, second, odd))
        }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm512_fmadd_ps(a, b, self) }
    }
}
