//! Serves the simulator until it is stopped: `cargo run -p simulator --example serve -- 2.0 8080`.
//!
//! Dialect (1.3, 2.0-dev or 2.0) and port are optional. Time passes as on the wall.

#![expect(clippy::print_stdout, reason = "a person reads where it listens")]

use std::io;

use simulator::{Clock, Dialect, PASSWORD, Settings, Simulator, USERNAME};

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let wanted = arguments
        .next()
        .unwrap_or_else(|| Dialect::V2_0.to_string());
    let dialect = Dialect::ALL
        .into_iter()
        .find(|dialect| dialect.to_string() == wanted);
    let Some(dialect) = dialect else {
        return Err(io::Error::other(format!(
            "no dialect {wanted}; there are 1.3, 2.0-dev, 2.0"
        )));
    };
    let port = arguments.next().and_then(|port| port.parse().ok());
    let settings = Settings {
        clock: Clock::system(),
        port,
        ..Settings::new(dialect)
    };
    let simulator = Simulator::start(settings).await?;
    println!("Kestra {dialect} (simulated) at {}", simulator.url());
    println!("user {USERNAME}, password {PASSWORD}");
    tokio::signal::ctrl_c().await
}
