//! The Kestra that the demo plays on.

use anyhow::{Context as _, anyhow, bail, ensure};
use kestra_mcp::auth::Network;
use kestra_mcp::clock::Clock;
use kestra_mcp::config::{self, Config, Credential, Faults, Flags, Trust};
use kestra_mcp::doctor::{self, Verdict};
use simulator::{Dialect, PASSWORD, Settings, Simulator, USERNAME};
use url::Url;

use crate::show::line;

/// The sample flows by id.
const FLOWS: [(&str, &str); 2] = [
    ("daily-report", include_str!("daily-report.yaml")),
    ("load-orders", include_str!("load-orders.yaml")),
];

/// The id of the flow that the conversation saves.
pub(crate) const SAVED: &str = "weekly-check";

/// A Kestra that has the sample flows.
pub(crate) enum Stage {
    /// In this process.
    Simulated {
        simulator: Simulator,
        dialect: Dialect,
    },
    /// Someone's.
    Real(Box<Real>),
}

/// A real server, over plain HTTP.
pub(crate) struct Real {
    url: String,
    namespace: String,
    api: Url,
    config: Config,
    http: reqwest::Client,
}

impl Stage {
    /// Starts a simulator.
    pub(crate) async fn simulated(dialect: Dialect) -> anyhow::Result<Self> {
        let settings = Settings {
            clock: simulator::Clock::system(),
            ..Settings::new(dialect)
        };
        let simulator = Simulator::start(settings).await?;
        let stage = Self::Simulated { simulator, dialect };
        if let Self::Simulated { simulator, .. } = &stage {
            for (_, source) in sources(stage.namespace()) {
                simulator.save_flow(&source)?;
            }
        }
        Ok(stage)
    }

    /// Creates the sample flows on the server at `url`.
    pub(crate) async fn real(url: &str) -> anyhow::Result<Self> {
        let flags = Flags::default().with("url", url);
        let environment = config::environment();
        let config = Config::load(&flags, &environment).map_err(|faults| listed(&faults))?;
        let report = doctor::examine(
            Ok(config.clone()),
            &environment,
            Clock::System,
            &Network::internet(),
        )
        .await;
        if report.failed() {
            let failed = report.0.iter().filter(|one| one.verdict == Verdict::Fail);
            let lines: Vec<String> = failed.map(|one| format!("\n  {one}")).collect();
            bail!("that Kestra cannot be used:{}", lines.concat());
        }
        let mut api = config
            .kestra
            .base
            .clone()
            .context("the URL of Kestra is not set")?;
        api.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("the URL of Kestra cannot be a base URL"))?
            .pop_if_empty()
            .extend(["api", "v1", &config.kestra.tenant]);
        let mut http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        if matches!(api.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
            // A proxy elsewhere cannot reach this machine.
            http = http.no_proxy();
        }
        match &config.kestra.trust {
            Trust::System => {}
            Trust::Extra(pem) => {
                http = http.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
            }
            Trust::Anyone => http = http.tls_danger_accept_invalid_certs(true),
        }
        let real = Real {
            url: url.to_owned(),
            namespace: format!("kestra-mcp.demo.n{:x}", Clock::System.now_ms()),
            api,
            config,
            http: http.build()?,
        };
        for (made, (_, source)) in sources(&real.namespace).enumerate() {
            if let Err(error) = real.create(source).await {
                real.remove(FLOWS.into_iter().take(made).map(|(id, _)| id))
                    .await;
                return Err(error);
            }
        }
        Ok(Self::Real(Box::new(real)))
    }

    /// Where the sample flows are.
    pub(crate) fn namespace(&self) -> &str {
        match self {
            Self::Simulated { .. } => "company.team",
            Self::Real(real) => &real.namespace,
        }
    }

    /// The address, as the person gave it.
    pub(crate) fn address(&self) -> Option<&str> {
        match self {
            Self::Simulated { .. } => None,
            Self::Real(real) => Some(&real.url),
        }
    }

    /// What a server needs to know of it.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self {
            Self::Simulated { simulator, .. } => vec![
                pair("KESTRA_API_URL", &simulator.url()),
                pair("KESTRA_USERNAME", USERNAME),
                pair("KESTRA_PASSWORD", PASSWORD),
            ],
            Self::Real(real) => config::environment()
                .into_iter()
                .filter(|(name, _)| name.starts_with("KESTRA_") && name != "KESTRA_BASE_URL")
                .chain([pair("KESTRA_API_URL", &real.url)])
                .collect(),
        }
    }

    /// For the person who watches.
    pub(crate) fn introduction(&self) -> String {
        match self {
            Self::Simulated { simulator, dialect } => format!(
                "A simulated Kestra {dialect} runs at {} for as long as this demo, with two flows.",
                simulator.url()
            ),
            Self::Real(real) => format!(
                "Two flows were created in the namespace {} of {}; all that is made goes again at \
                 the end.",
                real.namespace, real.url
            ),
        }
    }

    /// Removes what was created.
    pub(crate) async fn clear(&self) {
        if let Self::Real(real) = self {
            let ids = FLOWS.into_iter().map(|(id, _)| id).chain([SAVED]);
            real.remove(ids).await;
        }
    }
}

/// All that is wrong, a line each; the address was given to the demo.
fn listed(faults: &Faults) -> anyhow::Error {
    let lines = faults.0.iter().map(|fault| format!("\n  {fault}"));
    let lines: String = lines.collect();
    anyhow!("{faults}:{}", lines.replace("\n  --url:", "\n  --kestra:"))
}

fn sources(namespace: &str) -> impl Iterator<Item = (&'static str, String)> {
    FLOWS
        .map(|(id, rest)| (id, format!("id: {id}\nnamespace: {namespace}\n{rest}")))
        .into_iter()
}

impl Real {
    fn request(
        &self,
        method: reqwest::Method,
        path: &[&str],
    ) -> anyhow::Result<reqwest::RequestBuilder> {
        let mut url = self.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        let request = self.http.request(method, url);
        Ok(match &self.config.kestra.credential {
            Credential::Token { token, .. } => request.bearer_auth(token.expose()),
            Credential::Basic { username, password } => {
                request.basic_auth(username, Some(password.expose()))
            }
            Credential::None => bail!(
                "set KESTRA_USERNAME and KESTRA_PASSWORD, or KESTRA_API_TOKEN, in the environment"
            ),
        })
    }

    async fn create(&self, source: String) -> anyhow::Result<()> {
        let answer = self
            .request(reqwest::Method::POST, &["flows"])?
            .header("content-type", "application/x-yaml")
            .body(source)
            .send()
            .await?;
        let status = answer.status();
        ensure!(
            status.is_success(),
            "Kestra does not take the sample flows: {status} {}",
            answer.text().await.unwrap_or_default()
        );
        Ok(())
    }

    /// Removes flows; one that was not made is no fault.
    async fn remove(&self, ids: impl Iterator<Item = &'static str>) {
        for id in ids {
            let path = ["flows", &self.namespace, id];
            let removed = match self.request(reqwest::Method::DELETE, &path) {
                Ok(request) => request.send().await.is_ok_and(|answer| {
                    let status = answer.status();
                    status.is_success() || status == reqwest::StatusCode::NOT_FOUND
                }),
                Err(_) => false,
            };
            if !removed {
                line(format_args!(
                    "The flow {}.{id} could not be removed.",
                    self.namespace
                ));
            }
        }
    }
}
