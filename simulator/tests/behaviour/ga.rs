use super::*;

const FLOW: &str = "id: f\nnamespace: t\noutputs:\n- {id: o, type: STRING, value: '{{ outputs.r.value }}'}\n\
    tasks:\n- {id: r, type: io.kestra.plugin.core.debug.Return, format: v}\n";

async fn create(server: &TestServer, target: &str, source: &str) -> client::Answer {
    server
        .send("POST", target, "application/x-yaml", json!(source))
        .await
}

fn problem(answer: &client::Answer) -> (u64, String) {
    assert_eq!(
        answer.content_type.as_deref(),
        Some("application/problem+json")
    );
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["status"].as_u64(), Some(answer.status));
    let slug = body["type"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    (answer.status, slug)
}

#[tokio::test]
async fn unproven_refusals_are_problem_documents() {
    let server = TestServer::new(Dialect::V2_0).await;
    assert_eq!(create(&server, "/flows", FLOW).await.status, 200);
    let again = create(&server, "/flows", FLOW).await;
    assert_eq!(problem(&again), (409, "entity-already-exists".to_owned()));
    let bad = create(&server, "/flows", "id: x\nnamespace: t\n").await;
    assert_eq!(problem(&bad), (422, "invalid-entity".to_owned()));
    let filter = server
        .send(
            "GET",
            "/flows/search?filters[nope][EQUALS]=x",
            "",
            Value::Null,
        )
        .await;
    assert_eq!(problem(&filter), (400, "invalid-query-filters".to_owned()));
    let size = server
        .send("GET", "/flows/search?size=1001", "", Value::Null)
        .await;
    assert_eq!(size.status, 422);
    let missing = server.send("GET", "/flows/t/nope", "", Value::Null).await;
    assert_eq!(problem(&missing), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn unproven_configs_need_credentials_and_login_does_not() {
    let server = TestServer::new(Dialect::V2_0).await;
    for (path, status) in [
        ("/api/v1/configs", 401),
        ("/api/v1/configs/login", 200),
        ("/ping", 200),
    ] {
        let request = json!({"method": "GET", "path": path, "query": [], "headers": {},
            "credential": "none", "body": null});
        let answer = client::send(&server.0.url(), &request, &BTreeMap::new()).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn unproven_outputs_have_routes_of_their_own() {
    let server = TestServer::new(Dialect::V2_0).await;
    server.0.save_flow(FLOW).unwrap();
    let id = server.execute("f").await;
    server.pass(5);
    let execution = server.get(&format!("/executions/{id}")).await;
    assert!(execution.get("outputs").is_none());
    assert_eq!(
        server.get(&format!("/outputs/executions/{id}")).await,
        json!({"o": "v"})
    );
    let tasks = server.get(&format!("/outputs/tasks/{id}")).await;
    let run = tasks[0]["taskRunId"].as_str().unwrap().to_owned();
    assert_eq!(
        server.get(&format!("/outputs/tasks/{id}/{run}")).await,
        json!({"value": "v"})
    );
}

#[tokio::test]
async fn unproven_new_things_stay_invisible_for_a_while() {
    let settings = Settings {
        eventual: Some(Duration::from_secs(3)),
        ..Settings::new(Dialect::V2_0)
    };
    let server = TestServer::with(settings).await;
    server.0.save_flow(FLOW).unwrap();
    assert_eq!(server.status("POST", "/executions/t/f").await, 404);
    assert_eq!(server.get("/flows/search").await["total"], 0);
    server.pass(3);
    let id = server.execute("f").await;
    let path = format!("/executions/{id}");
    assert_eq!(server.status("GET", &path).await, 404);
    server.pass(3);
    assert_eq!(server.status("GET", &path).await, 200);
}

#[tokio::test]
async fn unproven_a_draft_is_not_validated_and_runs_only_by_number() {
    let server = TestServer::new(Dialect::V2_0).await;
    let answer = create(
        &server,
        "/flows?draft=true",
        "id: d\nnamespace: t\ntasks: []\n",
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.status("POST", "/executions/t/d").await, 404);
    assert_eq!(
        server.status("POST", "/executions/t/d?revision=1").await,
        200
    );
}

#[tokio::test]
async fn unproven_old_words_are_refused() {
    let server = TestServer::new(Dialect::V2_0).await;
    for words in [
        "taskDefaults: []",
        "pluginDefaults: []",
        "listeners: []",
        "inputs: [{id: e, type: ENUM}]",
    ] {
        assert_eq!(
            create(&server, "/flows", &format!("{FLOW}{words}\n"))
                .await
                .status,
            422,
            "{words}"
        );
    }
}
