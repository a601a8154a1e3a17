use super::*;

fn fault(path: &str, action: Action) -> Fault {
    Fault {
        method: None,
        path: path.to_owned(),
        times: Some(1),
        action,
    }
}

const FLOW: &str = "id: f\nnamespace: t\ntasks:\n\
    - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n";

#[tokio::test]
async fn a_fault_answers_instead_and_only_as_often_as_told() {
    let server = TestServer::new(Dialect::V1_3).await;
    server.0.fault(fault(
        "/api/v1/*/flows/search",
        Action::Respond {
            status: 503,
            content_type: "text/html".to_owned(),
            body: b"<h1>down</h1>".to_vec(),
            headers: vec![("retry-after".to_owned(), "1".to_owned())],
        },
    ));
    assert_eq!(server.status("GET", "/flows/search").await, 503);
    assert_eq!(server.status("GET", "/flows/search").await, 200);
    let statuses: Vec<u16> = server
        .0
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [503, 200]);
    server.0.forget_requests();
    assert!(server.0.requests().is_empty());
}

#[tokio::test]
async fn an_unconfirmed_action_was_performed_all_the_same() {
    let server = TestServer::new(Dialect::V2_0).await;
    server.0.save_flow(FLOW).unwrap();
    server.0.fault(fault(
        "/api/v1/main/executions/t/f",
        Action::Timeout504After,
    ));
    assert_eq!(server.status("POST", "/executions/t/f").await, 504);
    assert_eq!(server.get("/executions/search").await["total"], 1);
}

#[tokio::test]
async fn a_closed_connection_has_no_answer() {
    let server = TestServer::new(Dialect::V1_3).await;
    server.0.save_flow(FLOW).unwrap();
    let mut performed = 0;
    for action in [Action::Disconnect, Action::DisconnectAfter] {
        performed += usize::from(matches!(action, Action::DisconnectAfter));
        server.0.fault(fault("/api/v1/main/executions/t/f", action));
        let address = server.0.url().strip_prefix("http://").unwrap().to_owned();
        let head = format!(
            "POST /api/v1/main/executions/t/f HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\n\
             Content-Length: 0\r\n\r\n",
            client::credentials("right").unwrap()
        );
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes())
            .await
            .unwrap();
        let mut raw = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut raw)
            .await
            .unwrap();
        assert!(raw.is_empty());
        assert_eq!(
            server.get("/executions/search").await["results"]
                .as_array()
                .unwrap()
                .len(),
            performed
        );
    }
}

#[tokio::test]
async fn a_huge_body_is_streamed_to_its_length() {
    let server = TestServer::new(Dialect::V1_3).await;
    let content_type = "application/json".to_owned();
    server.0.fault(fault(
        "*",
        Action::Huge {
            bytes: 100_000,
            content_type,
        },
    ));
    let answer = server.send("GET", "/flows/search", "", Value::Null).await;
    assert_eq!(answer.status, 200);
    // The client does not strip the chunk headers.
    assert!(answer.body.len() > 100_000);
}

#[tokio::test]
async fn an_upgraded_server_keeps_what_it_has() {
    let server = TestServer::new(Dialect::V1_3).await;
    server.0.save_flow(FLOW).unwrap();
    let id = server.execute("f").await;
    server.pass(5);
    server.0.upgrade(Dialect::V2_0);
    assert_eq!(server.get("/api/v1/configs").await["version"], "2.0.0");
    let execution = server.get(&format!("/executions/{id}")).await;
    assert_eq!(execution["tenantId"], "main");
    assert_eq!(
        server
            .status("DELETE", &format!("/executions/{id}/kill"))
            .await,
        405
    );
}

#[tokio::test]
async fn two_clocks_may_be_one() {
    let clock = Clock::manual(1_000);
    let shared = clock.clone();
    let server = TestServer::with(Settings {
        clock,
        ..Settings::new(Dialect::V1_3)
    })
    .await;
    shared.advance(Duration::from_secs(1));
    assert_eq!(server.0.clock().now_ms(), 2_000);
}

#[tokio::test]
async fn another_client_writes_before_or_after() {
    let changed = FLOW.replace("message: m", "message: n");
    for (first, stored) in [(true, FLOW), (false, changed.as_str())] {
        let server = TestServer::new(Dialect::V1_3).await;
        server.0.save_flow(&FLOW.replace(": m", ": old")).unwrap();
        server.0.fault(fault(
            "/api/v1/main/flows/t/f",
            Action::Meanwhile(Theirs {
                first,
                method: "PUT".to_owned(),
                path: "/api/v1/main/flows/t/f".to_owned(),
                content_type: "application/x-yaml".to_owned(),
                body: changed.clone(),
            }),
        ));
        let answer = server
            .send("PUT", "/flows/t/f", "application/x-yaml", json!(FLOW))
            .await;
        assert_eq!(answer.status, 200);
        let flow = server.get("/flows/t/f?source=true").await;
        assert_eq!(
            (&flow["revision"], &flow["source"]),
            (&json!(3), &json!(stored))
        );
        assert_eq!(server.0.requests().len(), 2, "theirs is not ours");
    }
}

#[tokio::test]
async fn a_held_request_is_performed_when_it_is_let_go() {
    let server = TestServer::new(Dialect::V1_3).await;
    let until = std::sync::Arc::new(tokio::sync::Notify::new());
    let held = Action::Held(std::sync::Arc::clone(&until));
    server.0.fault(fault("/api/v1/main/flows/search", held));
    let (status, ()) = tokio::join!(server.status("GET", "/flows/search"), async {
        while server.0.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.0.requests()[0].status, 0);
        until.notify_one();
    });
    assert_eq!(status, 200);
}
