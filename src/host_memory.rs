//! The host's memory that the process holds, as Linux counts it; elsewhere it is not known. A GPU's own
//! memory does not count.

/// Bytes that the process holds now: `VmRSS`.
pub fn resident_bytes() -> Option<u64> {
    bytes_of(&std::fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// A watch over the most that the process holds: `VmHWM`, set back before. Where the kernel refuses to set
/// it back it is not known. What earlier work left in allocators counts.
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
        if self.known { bytes_of(&status, "VmHWM:") } else { None }
    }
}

/// A line of /proc/self/status: `VmHWM:     1234 kB`.
fn bytes_of(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let status = "VmPeak:\t 9 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB";
        assert_eq!(bytes_of(status, "VmHWM:"), Some(1234 * 1024));
        assert_eq!(bytes_of(status, "VmRSS:"), Some(1024));
        for bad in ["", "VmHWM:", "VmHWM: x kB", "VmHWM: 12 MB", "VmHWM: 18446744073709551615 kB"] {
            assert_eq!(bytes_of(bad, "VmHWM:"), None, "{bad}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_peak_follows_what_is_held() {
        let memory = PeakMemory::begin();
        let held = std::hint::black_box(vec![1u8; 256 << 20]);
        match memory.peak_bytes() {
            Some(peak) => {
                assert!(peak >= 256 << 20, "{peak} bytes");
                assert!(resident_bytes().is_some_and(|held| held >= 256 << 20), "{:?}", resident_bytes());
            }
            None => assert!(std::fs::write("/proc/self/clear_refs", "5").is_err(), "known, but not told"),
        }
        drop(held);
    }
}
