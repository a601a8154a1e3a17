use super::*;

const FAILER: &str = "id: failer\nnamespace: t\ntasks:\n\
    - {id: ok, type: io.kestra.plugin.core.log.Log, message: before}\n\
    - {id: boom, type: io.kestra.plugin.core.execution.Fail, errorMessage: no}\n";

/// The path of an action on a release line.
fn action(dialect: Dialect, id: &str, name: &str) -> String {
    let actions = if dialect.is_v2() { "/actions" } else { "" };
    format!("/executions/{id}{actions}/{name}")
}

async fn of_enterprise(dialect: Dialect) -> TestServer {
    let settings = Settings {
        edition: Edition::Enterprise,
        ..Settings::new(dialect)
    };
    TestServer::with(settings).await
}

#[tokio::test]
async fn unproven_groups_are_made_found_and_read() {
    for dialect in Dialect::ALL {
        let server = of_enterprise(dialect).await;
        for name in ["operators", "analysts"] {
            let body = json!({"name": name, "description": "people"});
            let made = server
                .send("POST", "/groups", "application/json", body)
                .await;
            assert_eq!(made.status, 200, "{dialect}");
        }
        let all = server.get("/groups/search?sort=name:asc").await;
        assert_eq!(all["total"], 2, "{dialect}");
        let first = &all["results"][0];
        let id = first["id"].as_str().unwrap();
        assert_eq!(*first, json!({"id": id, "name": "analysts"}), "{dialect}");
        let read = server.get(&format!("/groups/{id}")).await;
        assert_eq!(read["description"], "people", "{dialect}");
        let query = if dialect.is_v2() {
            "filters[q][EQUALS]=oper"
        } else {
            "q=oper"
        };
        let found = server.get(&format!("/groups/search?{query}")).await;
        assert_eq!(found["results"][0]["name"], "operators", "{dialect}");
        assert_eq!(found["total"], 1, "{dialect}");
        assert_eq!(server.status("DELETE", &format!("/groups/{id}")).await, 204);
        assert_eq!(server.status("GET", &format!("/groups/{id}")).await, 404);
    }
}

#[tokio::test]
async fn unproven_open_source_has_no_groups() {
    for dialect in Dialect::ALL {
        let server = TestServer::new(dialect).await;
        assert_eq!(
            server.status("GET", "/groups/search").await,
            404,
            "{dialect}"
        );
    }
}

#[tokio::test]
async fn unproven_2_0_ga_restarts_into_another_revision_and_shows_it_by_its_parent() {
    let server = TestServer::new(Dialect::V2_0).await;
    server.0.save_flow(FAILER).unwrap();
    let old = server.execute("failer").await;
    server.pass(5);
    let mended = FAILER.replace("execution.Fail, errorMessage: no", "log.Log, message: yes");
    server.0.save_flow(&mended).unwrap();
    let restart = action(Dialect::V2_0, &old, "restart?revision=2");
    let answer = server.send("POST", &restart, "", Value::Null).await;
    assert_eq!(answer.status, 200);
    let answered: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answered["id"], old.as_str());
    server.pass(5);
    let found = server
        .get(&format!(
            "/executions/search?filters[parentId][EQUALS]={old}"
        ))
        .await;
    assert_eq!(found["total"], 1);
    assert_eq!(found["results"][0]["flowRevision"], 2);
    assert_eq!(found["results"][0]["state"]["current"], "SUCCESS");
    let same = server.get(&format!("/executions/{old}")).await;
    assert_eq!(same["state"]["current"], "FAILED");
}

#[tokio::test]
async fn unproven_2_0_ga_refuses_in_problem_documents() {
    let server = TestServer::new(Dialect::V2_0).await;
    server.0.save_flow(FAILER).unwrap();
    let id = server.execute("failer").await;
    server.pass(5);
    let labels = action(Dialect::V2_0, &id, "labels");
    let resume = action(Dialect::V2_0, &id, "resume");
    let json = "application/json";
    let system = json!([{"key": "system.x", "value": "1"}]);
    let unknown = json!([{"namespace": "t", "id": "nope"}]);
    for (method, path, media, body, status, slug) in [
        (
            "POST",
            labels.as_str(),
            json,
            system,
            422,
            "invalid-argument",
        ),
        ("POST", resume.as_str(), "", Value::Null, 409, "conflict"),
        (
            "POST",
            "/flows/disable/by-ids",
            json,
            unknown,
            404,
            "not-found",
        ),
        (
            "GET",
            "/namespaces/t/kv/none",
            "",
            Value::Null,
            404,
            "not-found",
        ),
        (
            "GET",
            "/namespaces/t/files?path=/none",
            "",
            Value::Null,
            404,
            "not-found",
        ),
        (
            "GET",
            "/logs/3nosuchid00000000000000/download",
            "",
            Value::Null,
            404,
            "not-found",
        ),
        (
            "GET",
            "/api/v1/plugins/no.Such",
            "",
            Value::Null,
            404,
            "not-found",
        ),
    ] {
        let answer = server.send(method, path, media, body).await;
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status, status, "{path}: {problem}");
        let kind = problem["type"].as_str().unwrap();
        assert!(kind.ends_with(slug), "{path}: {problem}");
    }
}

#[tokio::test]
async fn unproven_a_type_that_no_recording_documents_is_there_without_properties() {
    for dialect in Dialect::ALL {
        let server = TestServer::new(dialect).await;
        let class = "/api/v1/plugins/io.kestra.plugin.core.debug.Return";
        let document = server.get(class).await;
        assert_eq!(
            document["schema"]["properties"]["title"], "Return",
            "{dialect}"
        );
    }
}

#[tokio::test]
async fn unproven_a_flow_as_a_namespace_file_is_saved_as_one() {
    for dialect in Dialect::ALL {
        let server = TestServer::new(dialect).await;
        let form = json!({"multipart": [["fileContent", {"filename": "f", "content": FAILER}]]});
        let path = "/namespaces/t/files?path=/_flows/failer.yml";
        let media = "multipart/form-data; boundary=B";
        assert_eq!(server.send("POST", path, media, form).await.status, 200);
        assert_eq!(
            server.get("/flows/t/failer").await["revision"],
            1,
            "{dialect}"
        );
    }
}

#[tokio::test]
async fn a_written_file_is_read_byte_for_byte_in_each_revision() {
    for dialect in Dialect::ALL {
        let server = TestServer::new(dialect).await;
        for coded in ["AAH/gA==", "DQo="] {
            let form = json!({"multipart": [["fileContent", {"filename": "f", "base64": coded}]]});
            let path = "/namespaces/t/files?path=/a/b.bin";
            let media = "multipart/form-data; boundary=B";
            assert_eq!(server.send("POST", path, media, form).await.status, 200);
        }
        for (revision, content) in [("1", &[0, 1, 255, 128][..]), ("2", b"\r\n")] {
            let path = format!("/namespaces/t/files?path=/a/b.bin&revision={revision}");
            let answer = server.send("GET", &path, "", Value::Null).await;
            assert_eq!(answer.body, content, "{dialect}");
        }
    }
}

#[tokio::test]
async fn unproven_a_replay_from_inside_a_task_runs_that_task_to_its_end() {
    let source = "id: nested\nnamespace: t\ntasks:\n- id: seq\n  type: \
        io.kestra.plugin.core.flow.Sequential\n  tasks:\n  - {id: a, type: \
        io.kestra.plugin.core.log.Log, message: a}\n  - {id: b, type: \
        io.kestra.plugin.core.log.Log, message: b}\n";
    for dialect in Dialect::ALL {
        let server = TestServer::new(dialect).await;
        server.0.save_flow(source).unwrap();
        let old = server.execute("nested").await;
        server.pass(5);
        let runs = server.get(&format!("/executions/{old}")).await["taskRunList"].clone();
        let runs = runs.as_array().unwrap();
        let inner = runs.iter().find(|run| run["taskId"] == "a").unwrap();
        let from = inner["id"].as_str().unwrap();
        let replay = action(dialect, &old, &format!("replay?taskRunId={from}"));
        let answer = server.send("POST", &replay, "", Value::Null).await;
        let new: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(new["parentId"], old.as_str(), "{dialect}");
        server.pass(5);
        let path = format!("/executions/{}", new["id"].as_str().unwrap());
        let ended = server.get(&path).await;
        assert_eq!(ended["state"]["current"], "SUCCESS", "{dialect}: {ended}");
        assert_eq!(
            ended["taskRunList"].as_array().unwrap().len(),
            3,
            "{dialect}"
        );
    }
}
