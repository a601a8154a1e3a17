//! The proxy that the operator configures.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::web::{HERE, Web, is_let_on, is_refused, opened};
use crate::stand::Stand;
use crate::traces::Log;

/// As written in the proxy's URL, and in the request.
const LOGIN: (&str, &str) = (
    "robot:p%40ss-of-the-proxy",
    "basic cm9ib3q6cEBzcy1vZi10aGUtcHJveHk=",
);

/// A proxy that connects to any port of this machine, or refuses.
struct Relay {
    heads: Arc<Mutex<Vec<String>>>,
    port: u16,
}

impl Relay {
    async fn start(refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relayed(stream, refusal, Arc::clone(&kept)));
            }
        });
        Self { heads, port }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn relayed(
    mut stream: TcpStream,
    refusal: Option<&'static str>,
    heads: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let asked = head.split(' ').nth(1).unwrap().to_owned();
    heads.lock().unwrap().push(head);
    if let Some(refusal) = refusal {
        let _ = stream.write_all(refusal.as_bytes()).await;
        return;
    }
    let port: u16 = asked.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut far = TcpStream::connect((HERE, port)).await.unwrap();
    stream
        .write_all(b"HTTP/1.1 200 Connected\r\n\r\n")
        .await
        .unwrap();
    let _ = copy_bidirectional(&mut stream, &mut far).await;
}

async fn behind(web: &Web, relay: &Relay, login: &str) -> Stand {
    let proxy = format!("http://{login}{HERE}:{}", relay.port);
    Stand::with(|world| {
        // Without the proxy nothing here counts as public.
        world.outside = web.outside_with(Vec::new());
        world.set("KESTRA_MCP_METADATA_PROXY", &proxy);
    })
    .await
}

#[tokio::test]
async fn c6_the_operators_proxy_is_used_only_for_documents() {
    let web = Web::start().await;
    let relay = Relay::start(None).await;
    let stand = behind(&web, &relay, &format!("{}@", LOGIN.0)).await;
    let log = Log::of_all();
    let client = web.publish("/client.json", &[]);
    is_let_on(&opened(&stand, &client).await);
    // The proxy resolves names and sees nothing else: TLS is end to end.
    assert!(web.looked_up().is_empty(), "{:?}", web.looked_up());
    assert_eq!(web.asked(), 1);
    let heads = relay.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    let head = heads[0].to_lowercase();
    assert!(head.starts_with("connect client.example:"), "{head}");
    let login = format!("proxy-authorization: {}\r\n", LOGIN.1.to_lowercase());
    assert!(head.contains(&login), "{head}");
    assert!(!web.requests()[0].contains("proxy-authorization"));
    // Providers and Kestra are contacted directly.
    stand.connect("ann").await;
    assert_eq!(relay.heads().len(), 1);
    let said = format!("{} {:?}", log.text(), stand.setup);
    for secret in ["p%40ss-of-the-proxy", "p@ss-of-the-proxy", &LOGIN.1[6..]] {
        assert!(!said.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn c6_through_a_proxy_addresses_and_odd_names_are_still_refused() {
    let web = Web::start().await;
    let relay = Relay::start(None).await;
    let stand = behind(&web, &relay, "").await;
    for id in [
        web.id("127.0.0.1", "/a.json"),
        web.id("[::1]", "/a.json"),
        web.id("localhost", "/a.json"),
        web.id("2130706433", "/a.json"),
        web.id("client.example", "/a.json").replace("https", "http"),
    ] {
        is_refused(&opened(&stand, &super::web::application(&id)).await, &id);
    }
    assert!(relay.heads().is_empty());
    // A host that the certificate does not name is refused.
    let stranger = web.publish_at("stranger.example", "/a.json", &[]);
    is_refused(&opened(&stand, &stranger).await, "stranger");
    assert_eq!(web.asked(), 0);
}

#[tokio::test]
async fn c6_a_proxy_may_have_a_private_name() {
    let web = Web::start().await;
    let relay = Relay::start(None).await;
    let stand = Stand::with(|world| {
        world.outside = web.outside_with(Vec::new());
        let proxy = format!("http://LocalHost:{}", relay.port);
        world.set("KESTRA_MCP_METADATA_PROXY", &proxy);
    })
    .await;
    let client = web.publish("/client.json", &[]);
    is_let_on(&opened(&stand, &client).await);
    assert_eq!(relay.heads().len(), 1);
}

#[tokio::test]
async fn c6_a_proxy_that_refuses_is_named_in_the_log_with_the_remedy() {
    for refusal in [
        "HTTP/1.1 403 Forbidden\r\n\r\n",
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    ] {
        let web = Web::start().await;
        let relay = Relay::start(Some(refusal)).await;
        let stand = behind(&web, &relay, &format!("{}@", LOGIN.0)).await;
        let log = Log::of_all();
        let client = web.publish("/client.json", &[]);
        is_refused(&opened(&stand, &client).await, refusal);
        let log = log.text();
        let told = log.lines().find(|line| line.contains("turned away"));
        let told = told.unwrap_or_else(|| panic!("{log}"));
        for part in [
            "WARN",
            "client.example",
            "the proxy refuses",
            "oauth.metadata_proxy",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!log.contains("ss-of-the-proxy"), "{log}");
    }
}
