//! Serves the development identity provider until it is stopped:
//! `cargo run -p simulator --example provider -- 9000`.
//!
//! With it `kestra-mcp serve` can be tried on one machine. Passwords are not asked for.

#![expect(clippy::print_stdout, reason = "a person reads where it listens")]

use std::io;
use std::process::ExitCode;

use serde_json::json;
use simulator::Clock;
use simulator::oidc::{CLIENT_ID, CLIENT_SECRET, Person, Provider, Settings};

const USAGE: &str = "Serves a development identity provider until it is stopped.\n\n\
    Usage: cargo run -p simulator --example provider -- [PORT]\n\n\
    Without PORT the system chooses one.";

/// Who may sign in, and with which role.
const PEOPLE: [(&str, &str); 2] = [("ada", "admin"), ("ben", "viewer")];

/// The port that the command line asks for, or what is wrong with it.
fn wanted(arguments: &[String]) -> Result<Option<u16>, String> {
    match arguments {
        [] => Ok(None),
        [port] => port
            .parse()
            .map(Some)
            .map_err(|_| format!("{port} is no port")),
        [_, more, ..] => Err(format!("{more} is too much")),
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
    let port = match wanted(&arguments) {
        Ok(port) => port,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return Ok(ExitCode::from(2));
        }
    };
    let settings = Settings {
        port,
        people: PEOPLE
            .map(|(login, role)| Person::new(login).with(json!({ "roles": [role] })))
            .to_vec(),
        ..Settings::new(Clock::system())
    };
    let provider = match Provider::start(settings).await {
        Ok(provider) => provider,
        Err(error) => {
            eprintln!("cannot listen on port {}: {error}", port.unwrap_or(0));
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("A development identity provider runs. For kestra-mcp serve:\n");
    println!("export OIDC_ISSUER_URL={}", provider.issuer());
    println!("export OIDC_CLIENT_ID={CLIENT_ID} OIDC_CLIENT_SECRET={CLIENT_SECRET}\n");
    for (login, role) in PEOPLE {
        println!("{login} signs in with any password, and has the role {role}");
    }
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}
