//! Serves the simulator until it is stopped: `cargo run -p simulator --example serve -- 2.0 8080`.
//!
//! Dialect (1.3, 2.0-dev or 2.0) and port are optional. Time passes as on the wall.

#![expect(clippy::print_stdout, reason = "a person reads where it listens")]

use std::io;
use std::process::ExitCode;

use simulator::{Clock, Dialect, PASSWORD, Settings, Simulator, USERNAME};

const USAGE: &str = "Serves a simulated Kestra until it is stopped.\n\n\
    Usage: cargo run -p simulator --example serve -- [DIALECT] [PORT]\n\n\
    DIALECT is 1.3, 2.0-dev or 2.0, the default. Without PORT the system chooses one.";

/// What the command line asks for, or what is wrong with it.
fn wanted(arguments: &[String]) -> Result<(Dialect, Option<u16>), String> {
    let mut arguments = arguments.iter();
    let dialect = match arguments.next() {
        None => Dialect::V2_0,
        Some(text) => Dialect::ALL
            .into_iter()
            .find(|dialect| dialect.to_string() == *text)
            .ok_or_else(|| format!("there is no dialect {text}"))?,
    };
    let port = arguments.next().map(|text| {
        let port = text.parse::<u16>();
        port.map_err(|_| format!("{text} is no port"))
    });
    match arguments.next() {
        Some(more) => Err(format!("{more} is too much")),
        None => Ok((dialect, port.transpose()?)),
    }
}

#[tokio::main]
async fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .iter()
        .any(|text| text == "--help" || text == "-h")
    {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    let (dialect, port) = match wanted(&arguments) {
        Ok(wanted) => wanted,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return Ok(ExitCode::from(2));
        }
    };
    let settings = Settings {
        clock: Clock::system(),
        port,
        ..Settings::new(dialect)
    };
    let simulator = match Simulator::start(settings).await {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("cannot listen on port {}: {error}", port.unwrap_or(0));
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("Kestra {dialect} (simulated) at {}", simulator.url());
    println!("user {USERNAME}, password {PASSWORD}");
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}
