//! The most memory that the process held during a benchmark: Linux's `VmHWM`, set back before it.
//! Elsewhere, and where the kernel refuses to set it back, it is not known. What earlier benchmarks left
//! in allocators counts, and a GPU's own memory does not.

/// A watch over the process's resident memory.
#[derive(Debug)]
pub struct PeakMemory {
    known: bool,
}

impl PeakMemory {
    /// Sets the peak back to what the process holds now.
    pub fn begin() -> Self {
        // "5" resets the peak: proc(5), /proc/pid/clear_refs.
        Self { known: std::fs::write("/proc/self/clear_refs", "5").is_ok() }
    }

    /// Bytes, since `begin`.
    pub fn peak_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        if self.known { high_water_mark(&status) } else { None }
    }
}

/// `VmHWM:     1234 kB` of /proc/self/status.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_read() {
        assert_eq!(high_water_mark("VmPeak:\t 9 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB"), Some(1234 * 1024));
        for bad in ["", "VmHWM:", "VmHWM: x kB", "VmHWM: 12 MB", "VmHWM: 18446744073709551615 kB"] {
            assert_eq!(high_water_mark(bad), None, "{bad}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_peak_follows_what_is_held() {
        let memory = PeakMemory::begin();
        let held = std::hint::black_box(vec![1u8; 256 << 20]);
        match memory.peak_bytes() {
            Some(peak) => assert!(peak >= 256 << 20, "{peak} bytes"),
            None => assert!(std::fs::write("/proc/self/clear_refs", "5").is_err(), "known, but not told"),
        }
        drop(held);
    }
}
