//! Where a user's system keeps what programs can make again.

use std::ffi::OsString;
use std::path::PathBuf;

/// Of this program within it.
const OWN: &str = "signet";

/// How a system names the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    /// By the XDG base directories: Linux and its kin.
    Xdg,
    MacOs,
    Windows,
}

/// This program's folder there, which need not exist yet; none where the environment names no home.
pub fn cache_folder() -> Option<PathBuf> {
    let system = if cfg!(windows) {
        System::Windows
    } else if cfg!(target_os = "macos") {
        System::MacOs
    } else {
        System::Xdg
    };
    of(system, |name| std::env::var_os(name))
}

fn of(system: System, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // The XDG specification has relative paths ignored; elsewhere they are no better.
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let all = match system {
        System::Xdg => folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache"))),
        System::MacOs => folder("HOME").map(|home| home.join("Library/Caches")),
        System::Windows => folder("LOCALAPPDATA"),
    };
    Some(all?.join(OWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(system: System, variables: &[(&str, &str)]) -> Option<PathBuf> {
        let value = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        of(system, |name| value(name).map(OsString::from))
    }

    #[cfg(unix)]
    #[test]
    fn each_system_has_its_place() {
        let home = ("HOME", "/home/me");
        let place = |path: &str| Some(PathBuf::from(path));
        assert_eq!(named(System::Xdg, &[home]), place("/home/me/.cache/signet"));
        assert_eq!(named(System::Xdg, &[home, ("XDG_CACHE_HOME", "/fast")]), place("/fast/signet"));
        for unusable in ["", "cache"] {
            let variables = [home, ("XDG_CACHE_HOME", unusable)];
            assert_eq!(named(System::Xdg, &variables), place("/home/me/.cache/signet"), "{unusable:?}");
        }
        assert_eq!(named(System::MacOs, &[home]), place("/home/me/Library/Caches/signet"));
        assert_eq!(named(System::Windows, &[("LOCALAPPDATA", "/local")]), place("/local/signet"));
    }

    #[test]
    fn without_a_home_there_is_none() {
        for system in [System::Xdg, System::MacOs, System::Windows] {
            assert_eq!(named(system, &[]), None);
        }
    }
}
