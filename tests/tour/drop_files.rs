//! Drops files on an X11 window as a file manager would (the XDND protocol, version 5): for the tour of the
//! window, which `tests/tour/tour.sh` takes.
//!
//! `cargo run --release --example drop_files -- WINDOW FILE…`; WINDOW is the number that xdotool gives.

#[cfg(target_os = "linux")]
mod x11;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match drop_files(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(target_os = "linux")]
fn drop_files(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let (window, files) = args.split_first().ok_or("give a window and files")?;
    let mut uris = String::new();
    for file in files {
        let path = std::fs::canonicalize(file).map_err(|why| format!("{file}: {why}"))?;
        // Spaces and all that is not plain would need escapes.
        uris.push_str(&format!("file://{}\r\n", path.display()));
    }
    x11::drop_on(window.parse()?, uris.as_bytes())
}

#[cfg(not(target_os = "linux"))]
fn drop_files(_args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    Err("this speaks to X11 windows only".into())
}
