//! Groups, of Enterprise only. No recording shows them.

use serde_json::Value;

use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    filter,
    flow::text,
    group::Group,
    page::Page,
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

/// 1.3 reads `q`, 2.0 filters.
fn search(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let page = Page::read(call, "searchGroups")?;
    let filters = if call.dialect.is_v2() && !world.settings.ignore_filters {
        filter::read(call, filter::GROUP)?
    } else {
        Vec::new()
    };
    let mut groups: Vec<&Group> = world.groups.iter().collect();
    groups.retain(|group| {
        call.flat("q")
            .is_none_or(|q| filter::contains_any(q, &[&group.name]))
            && filters.iter().all(|filter| filter.search(&[&group.name]))
    });
    let bad = |_: &Call, field: &str| Refusal::internal(format!("Column \"{field}\" not found"));
    page.sort(
        call,
        &mut groups,
        &["id", "name"],
        bad,
        |group, field| match field {
            "id" => group.id.clone(),
            _ => group.name.clone(),
        },
    )?;
    Ok(page.answer(&groups, |group| group.row()))
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.json()?;
    let name = text(&body, "name");
    if name.is_empty() {
        let path = "createGroup.groupRequest.name";
        let message = "must not be blank";
        let errors = vec![(message.to_owned(), path.to_owned())];
        return Err(Refusal::invalid_entity(
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
    let answer = Answer::json(&group.shown());
    world.groups.push(group);
    Ok(answer)
}

fn find(world: &World, call: &Call) -> Result<usize, Refusal> {
    let position = world
        .groups
        .iter()
        .position(|group| group.id == call.segment(0));
    position.ok_or_else(Refusal::not_found)
}

fn read(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let group = world.groups.get(find(world, call)?);
    Ok(Answer::json(&group.ok_or_else(Refusal::not_found)?.shown()))
}

fn remove(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let at = find(world, call)?;
    world.groups.remove(at);
    Ok(Answer::empty(204))
}
