//! Which texts can be the URL of a client metadata document.

use super::web::{Web, application, is_let_on, is_refused, opened};
use crate::stand::Stand;

#[tokio::test]
async fn c1_only_a_plain_https_url_is_fetched_as_a_document() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let good = web.publish("/client.json", &[]);
    let port = good
        .id
        .rsplit_once(':')
        .unwrap()
        .1
        .split('/')
        .next()
        .unwrap();
    for (id, what) in [
        ("http://client.example:PORT/client.json", "clear text"),
        (
            "HTTPS://client.example:PORT/client.json",
            "case of the scheme",
        ),
        (
            "https://CLIENT.example:PORT/client.json",
            "case of the host",
        ),
        ("https://client.example:PORT", "no path"),
        ("https://client.example:PORT/", "no path"),
        ("https://client.example:PORT?/client.json", "no path"),
        ("https://client.example:PORT/client.json#a", "a fragment"),
        ("https://client.example:PORT/client.json#", "a fragment"),
        ("https://me@client.example:PORT/client.json", "a user"),
        ("https://me:pw@client.example:PORT/client.json", "a user"),
        ("https://@client.example:PORT/client.json", "a user"),
        ("https://client.example:PORT/./client.json", "a dot segment"),
        (
            "https://client.example:PORT/a/../client.json",
            "a dot segment",
        ),
        (
            "https://client.example:PORT/%2e/client.json",
            "a dot segment",
        ),
        (
            "https://client.example:PORT/a/%2E%2e/client.json",
            "a dot segment",
        ),
        ("https:client.example:PORT/client.json", "no authority"),
        ("https:/client.example:PORT/client.json", "no authority"),
        ("https:\\\\client.example:PORT\\client.json", "backslashes"),
        ("https://client.example:0PORT/client.json", "an odd port"),
        (
            "https://client.example.:PORT/client.json",
            "a dot at the end",
        ),
        (" https://client.example:PORT/client.json", "a space"),
        ("https://client.exa\tmple:PORT/client.json", "a tab"),
        ("https://client.example:PORT/client.json\n", "a line end"),
        ("https://localhost:PORT/client.json", "this machine"),
        ("https://client:PORT/client.json", "a bare name"),
        ("https://127.0.0.1:PORT/client.json", "an address"),
        ("https://127.1:PORT/client.json", "an address"),
        ("https://2130706433:PORT/client.json", "an address"),
        ("https://0x7f.1:PORT/client.json", "an address"),
        ("https://0177.0.0.1:PORT/client.json", "an address"),
        ("https://[::1]:PORT/client.json", "an address"),
        ("https://[::ffff:127.0.0.1]:PORT/client.json", "an address"),
        ("https://\u{ff11}27.0.0.1:PORT/client.json", "an address"),
        ("ftp://client.example:PORT/client.json", "another scheme"),
        ("file:///client.json", "another scheme"),
        ("data://client.example/client.json", "another scheme"),
    ] {
        let id = id.replace("PORT", port);
        let page = opened(&stand, &application(&id)).await;
        is_refused(&page, &format!("{what}: {id}"));
    }
    let long = web.id("client.example", &format!("/{}", "a".repeat(600)));
    is_refused(&opened(&stand, &application(&long)).await, "too long");
    assert_eq!((web.connections(), web.looked_up().len()), (0, 0));
    is_let_on(&opened(&stand, &good).await);
    assert_eq!(web.asked(), 1);
}

#[tokio::test]
async fn c9_the_operator_may_list_the_hosts_of_documents() {
    let web = Web::start().await;
    let stand = Stand::with(|world| {
        world.outside = web.outside();
        world.file = "[oauth]\nclient_metadata_hosts = [\"other.example\"]\n".to_owned();
    })
    .await;
    let listed = web.publish_at("other.example", "/listed.json", &[]);
    let unlisted = web.publish("/unlisted.json", &[]);
    let below = web.publish_at("sub.other.example", "/below.json", &[]);
    for (application, what) in [(&unlisted, "another host"), (&below, "a host below")] {
        let page = opened(&stand, application).await;
        is_refused(&page, what);
        assert!(
            page.text.contains("operator of this server"),
            "{}",
            page.text
        );
    }
    assert_eq!((web.connections(), web.looked_up().len()), (0, 0));
    is_let_on(&opened(&stand, &listed).await);
    assert_eq!(web.looked_up(), ["other.example"]);
}

#[tokio::test]
async fn c9_documents_can_be_turned_off() {
    let web = Web::start().await;
    let stand = Stand::with(|world| {
        world.outside = web.outside();
        world.set("KESTRA_MCP_CLIENT_DOCUMENTS", "off");
    })
    .await;
    let application = web.publish("/client.json", &[]);
    is_refused(&opened(&stand, &application).await, "off");
    assert_eq!((web.connections(), web.looked_up().len()), (0, 0));
}
