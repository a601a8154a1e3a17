//! The instance: version, edition, current user.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    request::Request,
    response::Response,
    route::{Root, Route, get},
    settings::{Dialect, Edition, Holder},
    world::World,
};

const BEFORE_GA: &[Dialect] = &[Dialect::V1_3, Dialect::V2_0Dev];
const GA: &[Dialect] = &[Dialect::V2_0];

pub(crate) const ROUTES: &[Route] = &[
    get("/ping", ping).at(Root::Server).open(&Dialect::ALL),
    get("/configs", configs).at(Root::Instance).open(BEFORE_GA),
    get("/configs/login", login)
        .at(Root::Instance)
        .ga()
        .open(GA),
    get("/me", me).at(Root::Instance).enterprise(),
    get("/basicAuthValidationErrors", no_errors).at(Root::Instance),
    get("/dashboards", empty_page),
    get("/mcp/servers", mcp_servers).dev(),
    get("/mcp-servers", mcp_servers).ga(),
    get("/tenant-access/{}", tenant_access).enterprise(),
];

fn ping(_: &mut World, _: &Request) -> Result<Response, ApiError> {
    Ok(Response::typed(200, "application/json", b"pong".to_vec()))
}

fn configs(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let edition = if world.settings.edition == Edition::Enterprise {
        "EE"
    } else {
        "OSS"
    };
    let version = world
        .settings
        .version
        .as_deref()
        .unwrap_or(request.dialect.version());
    let mut configs = json!({
        "uuid": "2XQS3aSutC6WiNbUr4NPRy", "version": version, "edition": edition,
        "commitId": "82cb2d9", "chartDefaultDuration": "PT24H",
        "commitDate": "2026-05-21T14:21:25Z", "isCustomDashboardsEnabled": true,
        "isAnonymousUsageEnabled": false, "isUiAnonymousUsageEnabled": false,
        "url": format!("{}/", request.base), "preview": {"initial": 100, "max": 5000},
        "systemNamespace": "system", "hiddenLabelsPrefixes": ["system.", "internal."],
        "isAiEnabled": false, "isAiApiKeyConfigured": false, "isBasicAuthInitialized": true,
        "pluginsHash": 0, "isConcurrencyViewEnabled": true,
    });
    if let Some(fields) = configs.as_object_mut() {
        if request.dialect.is_v2() {
            fields.insert("flowTemplate".to_owned(), json!(""));
        } else {
            fields.insert("isTemplateEnabled".to_owned(), json!(false));
        }
        if world.settings.edition == Edition::Enterprise {
            fields.insert(
                "tenants".to_owned(),
                json!({"enabled": true, "defaultTenant": false}),
            );
            fields.insert("inMaintenance".to_owned(), json!(false));
        }
    }
    Ok(Response::json(&configs))
}

fn login(_: &mut World, _: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!({"isBasicAuthInitialized": true})))
}

fn me(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let ada = Holder {
        tenants: vec![world.settings.tenant.clone()],
        ..Holder::new("", "ada@kestra.test")
    };
    let header = request.header("authorization");
    let person = world.settings.auth.holder(header).unwrap_or(&ada);
    let tenants: Vec<Value> = person
        .tenants
        .iter()
        .map(|tenant| json!({"id": tenant, "name": tenant}))
        .collect();
    let mut me = json!({
        "id": "4fVbUJm0mVYl0oSTPoUvTp", "restricted": false, "auths": [],
        "profile": {"email": person.email, "firstName": "Ada", "lastName": "Lovelace",
            "username": person.email},
        "tenants": tenants,
    });
    if let Some(fields) = me.as_object_mut() {
        if request.dialect.is_ga() {
            fields.insert("instanceOwner".to_owned(), json!(person.administrator));
            fields.insert("ownedGroups".to_owned(), json!([]));
        } else {
            fields.insert("superAdmin".to_owned(), json!(person.administrator));
        }
    }
    Ok(Response::json(&me))
}

fn tenant_access(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(
        &json!({"id": request.segment(0), "roles": []}),
    ))
}

fn no_errors(_: &mut World, _: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&json!([])))
}

fn empty_page(_: &mut World, _: &Request) -> Result<Response, ApiError> {
    Ok(Response::page(&[], 0))
}

fn mcp_servers(_: &mut World, request: &Request) -> Result<Response, ApiError> {
    let now = crate::time::iso(request.now);
    let server = json!({
        "id": "default", "description": "Default MCP server for this tenant.",
        "instructions": "Expose Kestra flows as tools.", "serverType": "PRIVATE",
        "authType": "BASIC", "disabled": false, "isDefault": true, "created": now, "updated": now,
    });
    Ok(Response::page(&[server], 1))
}
