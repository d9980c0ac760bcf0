//! The `signet` program: parses the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use signet::cli::{Cli, complain, runtime_dir};
use signet::error::Kind;
use signet::recycling::Recycling;
use tracing_subscriber::EnvFilter;

/// Tensors come and go a thousand times a step.
#[global_allocator]
static ALLOCATOR: Recycling = Recycling::new();

/// What clap gives them.
const BAD_FLAGS: u8 = 2;

fn main() -> ExitCode {
    if let Some(folder) = runtime_dir::missing() {
        // SAFETY: nobody else reads the environment yet, for this is the program's only thread.
        unsafe { std::env::set_var(runtime_dir::NAME, folder) };
    }
    // Libraries log through `tracing`; errors alone unless RUST_LOG asks for more.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Names of files are among what was typed.
        Err(error) if error.use_stderr() => {
            complain(error.to_string().trim_end());
            return ExitCode::from(BAD_FLAGS);
        }
        Err(help) => help.exit(),
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A stop that was asked for is none.
            let is_asked_for = error.kind == Kind::Stopped;
            complain(&format!("{}{error}", if is_asked_for { "" } else { "error: " }));
            ExitCode::from(error.exit_code())
        }
    }
}
