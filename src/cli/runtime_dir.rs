//! Graphics libraries complain on standard error, at every start, where no folder for sockets is named in the
//! environment: over ssh, under sudo, in containers. They are given the usual one, and `signet doctor` says so.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The name that Wayland's and other libraries look for.
pub const NAME: &str = "XDG_RUNTIME_DIR";

/// The folder that was given to them.
static GIVEN: OnceLock<PathBuf> = OnceLock::new();

/// The folder to name in the environment before any library looks; none where a usable one is named, or the system
/// knows no such thing.
pub fn missing() -> Option<&'static Path> {
    let named = std::env::var_os(NAME).map(PathBuf::from);
    let usual = usual(named.as_deref(), user())?;
    Some(GIVEN.get_or_init(|| usual))
}

/// A library takes only a whole path. What lies there matters to windows on Wayland alone, and there a login names
/// it: so it need not even be there.
fn usual(named: Option<&Path>, user: Option<u32>) -> Option<PathBuf> {
    let is_usable = named.is_some_and(Path::is_absolute);
    user.filter(|_| !is_usable).map(|user| format!("/run/user/{user}").into())
}

#[cfg(target_os = "linux")]
fn user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata("/proc/self").ok().map(|own| own.uid())
}

#[cfg(not(target_os = "linux"))]
fn user() -> Option<u32> {
    None
}

/// What `signet doctor` says of it; nothing where all is as it should be.
pub fn advice() -> Option<String> {
    let given = GIVEN.get()?.display();
    Some(format!(
        "{NAME} does not name a folder here, and graphics libraries would complain about that at every start: signet \
         names {given} to them. Only windows on Wayland need it: log in on the desktop, or `export {NAME}={given}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_libraries_cannot_use_is_replaced() {
        let usual = |named: Option<&str>| super::usual(named.map(Path::new), Some(1000));
        assert_eq!(usual(Some("/run/user/7")), None);
        for unusable in [None, Some(""), Some("run/user")] {
            assert_eq!(usual(unusable), Some("/run/user/1000".into()), "{unusable:?}");
        }
        assert_eq!(super::usual(None, None), None);
    }
}
