//! What a user asks for: `--device auto|cpu|wgpu|wgpu:N|list`.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The wanted device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceSpec {
    /// A discrete GPU, else an integrated one, else burn's CPU backend.
    #[default]
    Auto,
    /// burn's CPU backend.
    Cpu,
    /// The best hardware adapter, or the adapter with this number, whatever it is.
    Wgpu(Option<usize>),
    /// Print the adapters instead of opening one.
    List,
}

impl FromStr for DeviceSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wanted = text.trim().to_ascii_lowercase();
        let spec = match wanted.as_str() {
            "auto" => Some(DeviceSpec::Auto),
            "cpu" => Some(DeviceSpec::Cpu),
            "wgpu" => Some(DeviceSpec::Wgpu(None)),
            "list" => Some(DeviceSpec::List),
            // Digits only: `parse` alone would take `wgpu:+1`.
            other => other
                .strip_prefix("wgpu:")
                .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|number| number.parse().ok())
                .map(|number| DeviceSpec::Wgpu(Some(number))),
        };
        spec.ok_or_else(|| {
            Error::usage(format!("`{text}` is not a device"))
                .hint("give auto, cpu, wgpu, wgpu:N (N as `--device list` numbers them) or list")
        })
    }
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceSpec::Auto => write!(f, "auto"),
            DeviceSpec::Cpu => write!(f, "cpu"),
            DeviceSpec::Wgpu(None) => write!(f, "wgpu"),
            DeviceSpec::Wgpu(Some(index)) => write!(f, "wgpu:{index}"),
            DeviceSpec::List => write!(f, "list"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_back_as_it_is_printed() {
        for spec in [
            DeviceSpec::Auto,
            DeviceSpec::Cpu,
            DeviceSpec::Wgpu(None),
            DeviceSpec::Wgpu(Some(12)),
            DeviceSpec::List,
        ] {
            assert_eq!(spec.to_string().parse(), Ok(spec));
        }
        assert_eq!(" WGPU:0 ".parse(), Ok(DeviceSpec::Wgpu(Some(0))));
    }

    #[test]
    fn other_words_are_refused_with_the_forms_that_are_taken() {
        for text in ["", "gpu", "cuda", "wgpu:", "wgpu:-1", "wgpu:+1", "wgpu:1x", "wgpu:99999999999999999999"]
        {
            let error = text.parse::<DeviceSpec>().expect_err(text);
            assert_eq!(error.exit_code(), 2, "{text}");
            assert!(error.to_string().contains("auto, cpu, wgpu, wgpu:N"), "{error}");
        }
    }
}
