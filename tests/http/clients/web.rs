//! Hosts that publish client metadata documents, with names and certificates, all on this machine.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use kestra_mcp::auth::Outside;
use kestra_mcp::auth::document::Names;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::stand::{Application, Browser, Page, Stand};

/// The address of all hosts.
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The response to a path.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// Status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// No answer, ever.
    Nothing,
}

impl Says {
    /// A document of a client, with more headers.
    pub(crate) fn json(body: &Value, headers: &[(&'static str, &str)]) -> Self {
        let mut all = vec![("content-type", "application/json".to_owned())];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        Self::Answer(200, all, body.to_string().into_bytes())
    }
}

#[derive(Default)]
struct State {
    names: BTreeMap<String, Vec<IpAddr>>,
    says: BTreeMap<String, Says>,
    /// The names that were resolved.
    looked_up: Vec<String>,
    connections: usize,
    /// Requests: the first line and the headers.
    requests: Vec<String>,
    /// A certificate that all hosts show in place of their own.
    another: Option<TlsAcceptor>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("State")
    }
}

/// A certificate for these hosts, in PEM, and a server with it.
fn certified(hosts: Vec<String>) -> (String, TlsAcceptor) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(hosts).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    (cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    state: Arc<Mutex<State>>,
    port: u16,
    authority: String,
}

#[async_trait]
impl Names for Web {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut state = self.state.lock().unwrap();
        state.looked_up.push(host.to_owned());
        let found = state.names.get(host).cloned();
        found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Web {
    /// With the hosts `client.example`, `other.example` and `third.example`, all on this machine.
    pub(crate) async fn start() -> Self {
        let hosts = ["client.example", "other.example", "third.example"];
        let (authority, acceptor) = certified(hosts.map(str::to_owned).to_vec());
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let web = Self {
            state: Arc::default(),
            port: listener.local_addr().unwrap().port(),
            authority,
        };
        for host in hosts {
            web.name(host, &[HERE]);
        }
        let served = web.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shown = {
                    let mut state = served.state.lock().unwrap();
                    state.connections += 1;
                    state.another.clone().unwrap_or_else(|| acceptor.clone())
                };
                tokio::spawn(served.clone().serve(shown, stream));
            }
        });
        web
    }

    async fn serve(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return;
        };
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let says = {
            let mut state = self.state.lock().unwrap();
            state.requests.push(head);
            state.says.get(&path).cloned()
        };
        match says {
            Some(Says::Nothing) => std::future::pending().await,
            Some(Says::Answer(status, headers, body)) => {
                let headers = headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"));
                let head = format!(
                    "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n",
                    body.len(),
                    headers.collect::<String>()
                );
                // The other side may close early.
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
                let _ = stream.shutdown().await;
            }
            None => {
                let none = "HTTP/1.1 404 None\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(none.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    }

    /// The outside world as the server sees it, in which this machine counts as public.
    pub(crate) fn outside(&self) -> Outside {
        self.outside_with(vec![HERE])
    }

    /// The same with further addresses that count as public.
    pub(crate) fn outside_with(&self, also: Vec<IpAddr>) -> Outside {
        let authority = self.authority.clone().into_bytes();
        Outside::of(Arc::new(self.clone()), authority, also)
    }

    /// A server in this world.
    pub(crate) async fn stand(&self) -> Stand {
        Stand::with(|world| world.outside = self.outside()).await
    }

    /// The addresses of a host.
    pub(crate) fn name(&self, host: &str, addresses: &[IpAddr]) {
        let mut state = self.state.lock().unwrap();
        state.names.insert(host.to_owned(), addresses.to_vec());
    }

    /// Makes every host show a certificate for another name.
    pub(crate) fn serve_as(&self, host: &str) {
        let (_, another) = certified(vec![host.to_owned()]);
        self.state.lock().unwrap().another = Some(another);
    }

    /// Sets the response of every host to `path`.
    pub(crate) fn says(&self, path: &str, says: Says) {
        let mut state = self.state.lock().unwrap();
        state.says.insert(path.to_owned(), says);
    }

    /// The URL of a path.
    pub(crate) fn id(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.port)
    }

    /// A good document at `client.example`, and its client.
    pub(crate) fn publish(&self, path: &str, headers: &[(&'static str, &str)]) -> Application {
        self.publish_at("client.example", path, headers)
    }

    pub(crate) fn publish_at(
        &self,
        host: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Application {
        let id = self.id(host, path);
        self.says(path, Says::json(&document(&id), headers));
        application(&id)
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// How many documents were requested.
    pub(crate) fn asked(&self) -> usize {
        self.requests().len()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }

    /// The names that were resolved.
    pub(crate) fn looked_up(&self) -> Vec<String> {
        self.state.lock().unwrap().looked_up.clone()
    }
}

/// A good document for the client `id`.
pub(crate) fn document(id: &str) -> Value {
    json!({
        "client_id": id,
        "client_name": "Published client",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

/// A client with nothing but its id.
pub(crate) fn application(id: &str) -> Application {
    Application {
        id: id.to_owned(),
        redirect: "http://127.0.0.1:1/callback".to_owned(),
        scope: None,
    }
}

/// What a browser sees when the client sends it to `/authorize`.
pub(crate) async fn opened(stand: &Stand, application: &Application) -> Page {
    let browser = Browser::new(stand.http.clone());
    browser.get(&application.authorize(stand)).await
}

/// The same while the server of its document is silent for ten seconds of the runtime's clock.
pub(crate) async fn waited_for(stand: &Stand, web: &Web, application: &Application) -> Page {
    let asked = web.asked();
    let mut page = Box::pin(opened(stand, application));
    while web.asked() == asked {
        tokio::select! {
            biased;
            page = &mut page => panic!("{}", page.text),
            () = tokio::task::yield_now() => {}
        }
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(9_900)).await;
    for _ in 0..100 {
        tokio::select! {
            biased;
            page = &mut page => panic!("{}", page.text),
            () = tokio::task::yield_now() => {}
        }
    }
    tokio::time::advance(Duration::from_millis(200)).await;
    tokio::time::resume();
    page.await
}

/// Holds that the consent page is shown.
#[track_caller]
pub(crate) fn is_let_on(page: &Page) {
    assert!(page.moves(), "{}: {}", page.status, page.text);
    assert_eq!(page.location().path(), "/consent", "{}", page.location());
}

/// Holds that only the person gets the error.
#[track_caller]
pub(crate) fn is_refused(page: &Page, what: &str) {
    assert_eq!(page.status, 400, "{what}: {}", page.text);
    assert!(!page.moves(), "{what}");
}
