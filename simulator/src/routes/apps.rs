//! Apps, of Enterprise only. No recording shows them.

use crate::{
    answer::Answer,
    app::App,
    call::Call,
    error::Refusal,
    filter,
    page::Page,
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

fn search(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let page = Page::read(call, "searchApps")?;
    let filters = if call.dialect.is_v2() && !world.settings.ignore_filters {
        filter::read(call, filter::APP)?
    } else {
        Vec::new()
    };
    let mut apps: Vec<&App> = world.apps.iter().collect();
    apps.retain(|app| {
        let texts = [app.id.as_str(), app.name.as_str(), app.namespace.as_str()];
        call.flat("q")
            .is_none_or(|q| filter::contains_any(q, &texts))
            && call
                .flat("namespace")
                .is_none_or(|n| filter::within(&app.namespace, n))
            && call.flat("flowId").is_none_or(|id| app.flow_id == id)
            && (call.flat("tags").is_none()
                || call
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
    let bad = |_: &Call, field: &str| Refusal::internal(format!("Column \"{field}\" not found"));
    page.sort(
        call,
        &mut apps,
        &["id", "name", "namespace"],
        bad,
        |app, field| match field {
            "id" => app.id.clone(),
            "name" => app.name.clone(),
            _ => app.namespace.clone(),
        },
    )?;
    Ok(page.answer(&apps, |app| app.row()))
}

fn find<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut App, Refusal> {
    let uid = call.segment(0);
    world
        .apps
        .iter_mut()
        .find(|app| app.uid == uid)
        .ok_or_else(Refusal::not_found)
}

fn parse(call: &Call, uid: String) -> Result<App, Refusal> {
    let source = call.text();
    if source.is_empty() {
        return Err(Refusal::no_body("app"));
    }
    App::read(&source, uid, call.now)
        .map_err(|message| Refusal::invalid_entity(message.clone(), vec![(message, String::new())]))
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let app = parse(call, world.ids.next())?;
    let answer = Answer::json(&app.shown());
    world.apps.push(app);
    Ok(answer)
}

fn read(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(&find(world, call)?.shown()))
}

fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let old = find(world, call)?;
    if old.source == call.text() {
        return Ok(Answer::empty(304));
    }
    let created = old.created;
    *old = App {
        created,
        ..parse(call, old.uid.clone())?
    };
    Ok(Answer::json(&old.shown()))
}

fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let uid = find(world, call)?.uid.clone();
    world.apps.retain(|app| app.uid != uid);
    Ok(Answer::empty(204))
}

fn enable(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    switch(world, call, false)
}

fn disable(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    switch(world, call, true)
}

fn switch(world: &mut World, call: &Call, disabled: bool) -> Result<Answer, Refusal> {
    let app = find(world, call)?;
    app.disabled = disabled;
    app.updated = call.now;
    Ok(Answer::json(&app.shown()))
}
