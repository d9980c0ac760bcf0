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
    /// # Safety
    /// As many numbers as it holds can be read there.
    unsafe fn load(from: *const f32) -> Self;

    /// # Safety
    /// As many numbers as it holds can be written there.
    unsafe fn store(self, to: *mut f32);

    /// # Safety
    /// See the trait.
    unsafe fn splat(value: f32) -> Self;

    /// `self + a b`; rounded once where the processor can, else twice.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;

    /// The sum of all, in an order of the vector's own.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn sum(self) -> f32;

    /// The sums of each of these.
    ///
    /// # Safety
    /// See the trait.
    #[inline(always)]
    unsafe fn sums<const SIDE: usize>(square: [[Self; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
        let mut sums = [[0.0; SIDE]; SIDE];
        for r in 0..SIDE {
            for c in 0..SIDE {
                // SAFETY: as the caller promised.
                sums[r][c] = unsafe { square[r][c].sum() };
            }
        }
        sums
    }
}

/// A loop over vectors. `ROWS` and `RUN` are how many rows of results, and how many vectors of each, the registers
/// hold beside what goes into them; a square of `SIDE` × `SIDE` results the same.
pub trait Work {
    /// # Safety
    /// The processor has vectors of this kind.
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize, const SIDE: usize>(self);
}

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
        Level::Oldest => 4,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => 8,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => 16,
    }
}

/// Runs `work` with the vectors of a level.
///
/// # Safety
/// The processor has this level, and `work` may be run.
pub unsafe fn at_level(level: Level, work: impl Work) {
    // SAFETY: as the caller promised.
    match level {
        Level::Oldest => unsafe { work.run::<[f32; 4], 4, 2, 2>() },
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe {
            x86::with_avx2(
                #[inline(always)]
                || work.run::<__m256, 6, 2, 3>(),
            );
        },
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe {
            x86::with_avx512(
                #[inline(always)]
                || work.run::<__m512, 8, 3, 4>(),
            );
        },
    }
}

impl Vector for [f32; 4] {
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
        [value; 4]
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        [self[0] + a[0] * b[0], self[1] + a[1] * b[1], self[2] + a[2] * b[2], self[3] + a[3] * b[3]]
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        (self[0] + self[2]) + (self[1] + self[3])
    }
}

#[cfg(target_arch = "x86_64")]
impl Vector for __m256 {
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
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm256_fmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        // SAFETY: as the caller promised.
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(self), _mm256_extractf128_ps::<1>(self));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Vector for __m512 {
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
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as the caller promised.
        unsafe { _mm512_fmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        // SAFETY: as the caller promised.
        unsafe { _mm512_reduce_add_ps(self) }
    }

    /// Sixteen at once: sums of halves of two registers fill one, and so on.
    #[inline(always)]
    unsafe fn sums<const SIDE: usize>(square: [[Self; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
        const { assert!(SIDE == 4, "the square of this level") }
        // SAFETY: as the caller promised.
        unsafe {
            // Quarter c of `rows[r]` has the four quarters of `square[r][c]` summed.
            let mut rows = [_mm512_setzero_ps(); 4];
            for r in 0..4 {
                let [a, b, c, d] = [square[r][0], square[r][1], square[r][2], square[r][3]];
                let ab =
                    _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xEE>(a, b));
                let cd =
                    _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xEE>(c, d));
                let even = _mm512_shuffle_f32x4::<0x88>(ab, cd);
                rows[r] = _mm512_add_ps(even, _mm512_shuffle_f32x4::<0xDD>(ab, cd));
            }
            let pair = |a, b| _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
            let (upper, lower) = (pair(rows[0], rows[1]), pair(rows[2], rows[3]));
            let (upper, lower) = (_mm512_castps_pd(upper), _mm512_castps_pd(lower));
            let low = _mm512_castpd_ps(_mm512_unpacklo_pd(upper, lower));
            let all = _mm512_add_ps(low, _mm512_castpd_ps(_mm512_unpackhi_pd(upper, lower)));
            // Columns one after another.
            let mut columns = [0.0f32; 16];
            _mm512_storeu_ps(columns.as_mut_ptr(), all);
            let mut sums = [[0.0; SIDE]; SIDE];
            for r in 0..SIDE {
                for c in 0..SIDE {
                    sums[r][c] = columns[4 * c + r];
                }
            }
            sums
        }
    }
}
