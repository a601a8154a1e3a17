use super::*;

async fn server(dialect: Dialect) -> TestServer {
    let settings = Settings {
        edition: Edition::Enterprise,
        ..Settings::new(dialect)
    };
    TestServer::with(settings).await
}

const APP: &str = "id: form\ntype: io.kestra.plugin.ee.apps.Execution\ndisplayName: My form\n\
    namespace: t\nflowId: f\ntags: [a, b]\n";

#[tokio::test]
async fn unproven_apps_are_created_found_and_read() {
    for dialect in Dialect::ALL {
        let server = server(dialect).await;
        let created = server
            .send("POST", "/apps", "application/x-yaml", json!(APP))
            .await;
        assert_eq!(created.status, 200);
        let app: Value = serde_json::from_slice(&created.body).unwrap();
        let uid = app["uid"].as_str().unwrap();
        assert_eq!(server.get(&format!("/apps/{uid}")).await["source"], APP);
        let (right, wrong) = if dialect.is_v2() {
            (
                "filters[namespace][EQUALS]=t",
                "filters[namespace][EQUALS]=u",
            )
        } else {
            ("namespace=t", "namespace=u")
        };
        assert_eq!(
            server.get(&format!("/apps/search?{right}")).await["total"],
            1,
            "{dialect}"
        );
        assert_eq!(
            server.get(&format!("/apps/search?{wrong}")).await["total"],
            0,
            "{dialect}"
        );
        let same = server
            .send(
                "PUT",
                &format!("/apps/{uid}"),
                "application/x-yaml",
                json!(APP),
            )
            .await;
        assert_eq!(same.status, 304);
        assert_eq!(server.status("DELETE", &format!("/apps/{uid}")).await, 204);
        assert_eq!(server.status("GET", &format!("/apps/{uid}")).await, 404);
    }
}

#[tokio::test]
async fn unproven_a_route_that_is_not_there_is_forbidden() {
    for (dialect, status) in [
        (Dialect::V1_3, 401),
        (Dialect::V2_0Dev, 403),
        (Dialect::V2_0, 403),
    ] {
        let server = server(dialect).await;
        assert_eq!(
            server.status("GET", "/nothing/here").await,
            status,
            "{dialect}"
        );
        assert_eq!(
            server.status("PATCH", "/flows/search").await,
            status,
            "{dialect}"
        );
    }
}

#[tokio::test]
async fn unproven_me_tells_who_asks() {
    let server = server(Dialect::V2_0).await;
    let me = server.get("/api/v1/me").await;
    assert_eq!(me["tenants"][0]["id"], "main");
    assert_eq!(me["instanceOwner"], false);
    assert_eq!(server.get("/api/v1/configs").await["edition"], "EE");
}

#[tokio::test]
async fn unproven_a_build_may_ignore_filters() {
    let settings = Settings {
        edition: Edition::Enterprise,
        ignore_filters: true,
        ..Settings::new(Dialect::V2_0)
    };
    let server = TestServer::with(settings).await;
    server
        .send("POST", "/apps", "application/x-yaml", json!(APP))
        .await;
    assert_eq!(
        server
            .get("/apps/search?filters[namespace][EQUALS]=u")
            .await["total"],
        1
    );
}

#[tokio::test]
async fn unproven_a_token_is_the_only_way_in() {
    let settings = Settings {
        edition: Edition::Enterprise,
        auth: Auth::Bearer {
            token: "some-token".to_owned(),
        },
        ..Settings::new(Dialect::V2_0)
    };
    let server = TestServer::with(settings).await;
    for (credential, status) in [("right", 401), ("bearer", 200), ("none", 401)] {
        let request = json!({"method": "GET", "path": "/api/v1/main/flows/search", "query": [],
            "headers": {}, "credential": credential, "body": null});
        let answer = client::send(&server.0.url(), &request, &BTreeMap::new()).await;
        assert_eq!(answer.status, status, "{credential}");
    }
}

#[tokio::test]
async fn unproven_each_token_is_of_a_person() {
    let owner = Holder {
        administrator: true,
        ..Holder::new("bearer-token", "grace@kestra.test")
    };
    for (dialect, field) in [
        (Dialect::V1_3, "superAdmin"),
        (Dialect::V2_0, "instanceOwner"),
    ] {
        let settings = Settings {
            edition: Edition::Enterprise,
            auth: Auth::People(vec![
                Holder::new("some-token", "ada@kestra.test"),
                owner.clone(),
            ]),
            ..Settings::new(dialect)
        };
        let server = TestServer::with(settings).await;
        for (token, email, may_all) in [
            ("some-token", "ada@kestra.test", false),
            ("bearer-token", "grace@kestra.test", true),
        ] {
            let request = json!({"method": "GET", "path": "/api/v1/me", "query": [], "body": null,
                "headers": {"Authorization": format!("Bearer {token}")}, "credential": "none"});
            let answer = client::send(&server.0.url(), &request, &BTreeMap::new()).await;
            let me: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(me["profile"]["email"], email);
            assert_eq!(me[field], may_all, "{me}");
            assert_eq!(me["tenants"][0]["id"], "main");
        }
    }
}
