//! Leading a person to the page of their credential: by elicitation where the client has it, else
//! by a link.

use kestra_mcp::kestra::Held;
use serde_json::{Value, json};

use crate::front::{CAT, Front, token};
use crate::remote::ACCOUNT;

/// A call of `bearer` in the lifecycle of 2026-07-28, by a client with these capabilities.
async fn call(front: &Front, bearer: &str, tool: &str, capabilities: Value, more: Value) -> Value {
    let mut params = json!({ "name": tool, "arguments": {}, "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    } });
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let post = front.post(request.to_string()).bearer_auth(bearer);
    let post = post
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool);
    let answer = post.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["result"].clone()
}

fn opens() -> Value {
    json!({ "elicitation": { "url": {} } })
}

fn asks_for_the_page(result: &Value) {
    assert_eq!(result["resultType"], "input_required", "{result}");
    let question = &result["inputRequests"]["kestra_credential"];
    assert_eq!(question["method"], "elicitation/create", "{result}");
    assert_eq!(question["params"]["mode"], "url");
    assert_eq!(question["params"]["url"], ACCOUNT);
    // 2026-07-28 has no such field.
    assert_eq!(question["params"].get("elicitationId"), None);
}

#[tokio::test]
async fn k4_a_client_with_elicitation_opens_the_page_and_calls_again() {
    let front = Front::start().await;
    for tool in ["list_flows", "register_kestra_token"] {
        asks_for_the_page(&call(&front, CAT, tool, opens(), json!({})).await);
    }
    // The answer to the elicitation gives no access: without a credential the error with the link
    // comes.
    for action in ["accept", "decline", "cancel"] {
        let answered = json!({ "inputResponses": { "kestra_credential": { "action": action } } });
        let result = call(&front, CAT, "list_flows", opens(), answered.clone()).await;
        let error = &result["structuredContent"]["error"];
        assert_eq!(error["code"], "CREDENTIAL_REQUIRED", "{result}");
        assert_eq!(error["url"], ACCOUNT);
        let result = call(&front, CAT, "register_kestra_token", opens(), answered).await;
        assert_eq!(result["structuredContent"]["registered"], false, "{result}");
    }
    assert_eq!(front.simulator.requests().len(), 0);
}

#[tokio::test]
async fn k4_other_clients_get_the_link() {
    let front = Front::start().await;
    for capabilities in [json!({}), json!({ "elicitation": { "form": {} } })] {
        let result = call(&front, CAT, "list_flows", capabilities.clone(), json!({})).await;
        assert_eq!(
            result["structuredContent"]["error"]["url"], ACCOUNT,
            "{result}"
        );
        let result = call(
            &front,
            CAT,
            "register_kestra_token",
            capabilities,
            json!({}),
        )
        .await;
        assert_eq!(result["structuredContent"]["url"], ACCOUNT, "{result}");
    }
    // An earlier lifecycle declares nothing with a request.
    let old = json!({ "name": "list_flows", "arguments": {} });
    let answer = front.ask(CAT, "tools/call", old).await;
    let error = &answer["result"]["structuredContent"]["error"];
    assert_eq!(error["url"], ACCOUNT, "{answer}");
}

#[tokio::test]
async fn k9_a_refused_credential_leads_to_the_page_too() {
    let front = Front::start().await;
    let gate = &front.remote.gate;
    gate.give("cat", Held::new(&token("not-a-token-of-kestra")));
    let result = call(&front, CAT, "list_flows", opens(), json!({})).await;
    asks_for_the_page(&result);
    assert_eq!(front.remote.gate.refused_of(), ["cat"]);
}
