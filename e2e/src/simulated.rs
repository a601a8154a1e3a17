//! A simulated Kestra for the clients.

use std::fmt;

use simulator::{Auth, Clock, Dialect, Edition, PASSWORD, Settings, Simulator, USERNAME};

/// An API token of the simulated Enterprise edition.
const TOKEN: &str = "e2e-token-8f0a63c1d7";

/// One that runs until it is dropped.
pub(crate) struct Simulated {
    simulator: Simulator,
    dialect: Dialect,
    edition: Edition,
    auth: Auth,
}

impl Simulated {
    /// Starts one, with the time of the wall. Enterprise lets a token in, open source a user.
    pub(crate) async fn start(dialect: Dialect, edition: Edition) -> std::io::Result<Self> {
        let auth = match edition {
            Edition::OpenSource => Auth::Basic {
                username: USERNAME.to_owned(),
                password: PASSWORD.to_owned(),
            },
            Edition::Enterprise => Auth::Bearer {
                token: TOKEN.to_owned(),
            },
        };
        let settings = Settings {
            clock: Clock::system(),
            edition,
            auth: auth.clone(),
            ..Settings::new(dialect)
        };
        Ok(Self {
            simulator: Simulator::start(settings).await?,
            dialect,
            edition,
            auth,
        })
    }

    /// The server itself.
    pub(crate) fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.simulator.url()
    }

    /// The line of Kestra whose API it speaks.
    pub(crate) fn line(&self) -> &'static str {
        if self.dialect.is_v2() { "2.0" } else { "1.3" }
    }

    /// The name of its edition, as the server tells it.
    pub(crate) fn edition(&self) -> &'static str {
        match self.edition {
            Edition::OpenSource => "OSS",
            Edition::Enterprise => "EE",
        }
    }

    /// What it lets in.
    pub(crate) fn auth(&self) -> &Auth {
        &self.auth
    }
}

impl fmt::Display for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edition = match self.edition {
            Edition::OpenSource => "",
            Edition::Enterprise => " Enterprise",
        };
        write!(f, "simulator {}{edition}", self.dialect)
    }
}
