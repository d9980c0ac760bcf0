//! The `signet` program: parses the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use signet::cli::Cli;
use signet::error::Kind;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    // Libraries log through `tracing`; errors alone unless RUST_LOG asks for more.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A stop that was asked for is none.
            let is_asked_for = error.kind == Kind::Stopped;
            eprintln!("{}{error}", if is_asked_for { "" } else { "error: " });
            ExitCode::from(error.exit_code())
        }
    }
}
