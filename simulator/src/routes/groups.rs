//! Groups (Enterprise only). There are no recordings of them.

use serde_json::Value;

use crate::{
    error::ApiError,
    filter,
    flow::text,
    group::Group,
    page::Page,
    request::Request,
    response::Response,
    route::{Route, delete, get, post},
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/groups/search", search).enterprise(),
    post("/groups", create)
        .enterprise()
        .takes("application/json"),
    get("/groups/{}", read).enterprise(),
    delete("/groups/{}", remove).enterprise(),
];

/// 1.3 honours `q`, 2.0 filters.
fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let page = Page::read(request, "searchGroups")?;
    let filters = if request.dialect.is_v2() && !world.settings.ignore_filters {
        filter::read(request, filter::GROUP)?
    } else {
        Vec::new()
    };
    let mut groups: Vec<&Group> = world.groups.iter().collect();
    groups.retain(|group| {
        request
            .flat("q")
            .is_none_or(|q| filter::contains_any(q, &[&group.name]))
            && filters.iter().all(|filter| filter.search(&[&group.name]))
    });
    let bad =
        |_: &Request, field: &str| ApiError::internal(format!("Column \"{field}\" not found"));
    page.sort(
        request,
        &mut groups,
        &["id", "name"],
        bad,
        |group, field| match field {
            "id" => group.id.clone(),
            _ => group.name.clone(),
        },
    )?;
    Ok(page.response(&groups, |group| group.row_json()))
}

fn create(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let body = request.json()?;
    let name = text(&body, "name");
    if name.is_empty() {
        let path = "createGroup.groupRequest.name";
        let message = "must not be blank";
        let errors = vec![(message.to_owned(), path.to_owned())];
        return Err(ApiError::invalid_entity(
            format!("{path}: {message}"),
            errors,
        ));
    }
    let description = body.get("description").and_then(Value::as_str);
    let group = Group {
        id: world.ids.next(),
        name: name.to_owned(),
        description: description.map(str::to_owned),
    };
    let response = Response::json(&group.json());
    world.groups.push(group);
    Ok(response)
}

fn find(world: &World, request: &Request) -> Result<usize, ApiError> {
    let position = world
        .groups
        .iter()
        .position(|group| group.id == request.segment(0));
    position.ok_or_else(ApiError::not_found)
}

fn read(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let group = world.groups.get(find(world, request)?);
    Ok(Response::json(
        &group.ok_or_else(ApiError::not_found)?.json(),
    ))
}

fn remove(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let at = find(world, request)?;
    world.groups.remove(at);
    Ok(Response::empty(204))
}
