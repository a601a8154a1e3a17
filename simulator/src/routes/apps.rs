//! Apps (Enterprise only). There are no recordings of them.

use crate::{
    app::App,
    error::ApiError,
    filter,
    page::Page,
    request::Request,
    response::Response,
    route::{Route, delete, get, post, put},
    world::World,
};

const YAML: &str = "application/x-yaml";

pub(crate) const ROUTES: &[Route] = &[
    get("/apps/search", search).enterprise(),
    get("/apps/catalog", search).enterprise(),
    post("/apps", create).enterprise().takes(YAML),
    get("/apps/{}", read).enterprise(),
    put("/apps/{}", update).enterprise().takes(YAML),
    delete("/apps/{}", remove).enterprise(),
    post("/apps/{}/enable", enable).enterprise(),
    post("/apps/{}/disable", disable).enterprise(),
];

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchApps")?;
    let filters = if request.dialect.is_v2() && !world.settings.ignore_filters {
        filter::read(request, filter::APP)?
    } else {
        Vec::new()
    };
    let mut apps: Vec<&App> = world.apps.iter().collect();
    apps.retain(|app| {
        let texts = [app.id.as_str(), app.name.as_str(), app.namespace.as_str()];
        request
            .flat("q")
            .is_none_or(|q| filter::contains_any(q, &texts))
            && request
                .flat("namespace")
                .is_none_or(|n| filter::within(&app.namespace, n))
            && request.flat("flowId").is_none_or(|id| app.flow_id == id)
            && (request.flat("tags").is_none()
                || request
                    .parameters("tags")
                    .any(|tag| app.tags.iter().any(|own| own == tag)))
            && filters.iter().all(|filter| match filter.field.as_str() {
                "q" => filter.search(&texts),
                "namespace" => filter.text(&app.namespace),
                "flowId" => filter.text(&app.flow_id),
                "enabled" => filter.text(if app.disabled { "false" } else { "true" }),
                _ => app.tags.iter().any(|tag| filter.text(tag)),
            })
    });
    let bad =
        |_: &Request, field: &str| ApiError::internal(format!("Column \"{field}\" not found"));
    page.sort(
        request,
        &mut apps,
        &["id", "name", "namespace"],
        bad,
        |app, field| match field {
            "id" => app.id.clone(),
            "name" => app.name.clone(),
            _ => app.namespace.clone(),
        },
    )?;
    Ok(page.response(&apps, |app| app.row_json()))
}

fn find<'a>(world: &'a mut World, request: &Request) -> Result<&'a mut App, ApiError> {
    let uid = request.segment(0);
    world
        .apps
        .iter_mut()
        .find(|app| app.uid == uid)
        .ok_or_else(ApiError::not_found)
}

fn parse(request: &Request, uid: String) -> Result<App, ApiError> {
    let source = request.text();
    if source.is_empty() {
        return Err(ApiError::missing_body("app"));
    }
    App::read(&source, uid, request.now).map_err(|message| {
        ApiError::invalid_entity(message.clone(), vec![(message, String::new())])
    })
}

fn create(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let app = parse(request, world.ids.next())?;
    let response = Response::json(&app.json());
    world.apps.push(app);
    Ok(response)
}

fn read(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&find(world, request)?.json()))
}

fn update(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let old = find(world, request)?;
    if old.source == request.text() {
        return Ok(Response::empty(304));
    }
    let created = old.created;
    *old = App {
        created,
        ..parse(request, old.uid.clone())?
    };
    Ok(Response::json(&old.json()))
}

fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let uid = find(world, request)?.uid.clone();
    world.apps.retain(|app| app.uid != uid);
    Ok(Response::empty(204))
}

fn enable(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    switch(world, request, false)
}

fn disable(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    switch(world, request, true)
}

fn switch(world: &mut World, request: &Request, disabled: bool) -> Result<Response, ApiError> {
    let app = find(world, request)?;
    app.disabled = disabled;
    app.updated = request.now;
    Ok(Response::json(&app.json()))
}
