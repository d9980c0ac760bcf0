//! Whether this desktop can show file dialogs at all: to the library that asks for them, a missing portal
//! looks like a dialog that was cancelled.

use zbus::blocking::Connection;

use super::refusal::refusal;
use crate::error::Result;

/// Shows a dialog where there is no portal.
const STAND_IN: &str = "zenity";

/// # Errors
/// `Kind::Io` where neither a portal nor its stand-in is there.
pub fn check() -> Result<()> {
    match ask_portal() {
        Err(why) if !installed(STAND_IN) => Err(refusal(&format!(
            "neither {STAND_IN} nor xdg-desktop-portal with a backend for this desktop is there ({why})"
        ))),
        _ => Ok(()),
    }
}

/// Asks the portal for the version of its file dialogs, which starts it where it can be started.
fn ask_portal() -> zbus::Result<()> {
    let path = "/org/freedesktop/portal/desktop";
    let asked = ("org.freedesktop.portal.FileChooser", "version");
    Connection::session()?
        .call_method(
            Some("org.freedesktop.portal.Desktop"),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &asked,
        )
        .map(|_| ())
}

fn installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Machines that run tests mostly have neither; where one is there, no dialog comes up.
    #[test]
    fn a_desktop_without_dialogs_is_told_apart() {
        let there = ask_portal().is_ok() || installed(STAND_IN);
        match check() {
            Ok(()) => assert!(there),
            Err(error) => assert!(!there && error.to_string().contains("type the path"), "{error}"),
        }
        assert!(installed("sh") && !installed("no-program-of-this-name"));
    }
}
