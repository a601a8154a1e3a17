//! Trigger searches.

use crate::{
    error::ApiError,
    filter::{self, Filter},
    page::Page,
    request::Request,
    response::Response,
    route::{Route, get},
    trigger::Trigger,
    world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    get("/triggers/search", search),
    get("/triggers/{}/{}", of_flow),
];

fn matches(trigger: &Trigger, filter: &Filter) -> Result<bool, ApiError> {
    Ok(match filter.field.as_str() {
        "q" => filter.search(&[trigger.id(), &trigger.flow_id, &trigger.namespace]),
        "scope" => super::flow_search::matches_scope(filter, &trigger.namespace),
        "namespace" => filter.text(&trigger.namespace),
        "flowId" => filter.text(&trigger.flow_id),
        "triggerId" => filter.text(trigger.id()),
        "triggerState" => filter.text(if trigger.disabled {
            "DISABLED"
        } else {
            "ENABLED"
        }),
        "startDate" | "endDate" => filter.date(trigger.next)?,
        _ => filter.optional(None),
    })
}

fn search(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let page = Page::read(request, "searchTriggers")?;
    let filters = filter::read(request, filter::TRIGGER)?;
    let mut found = Vec::new();
    for trigger in &world.triggers.0 {
        let texts = [
            trigger.id(),
            trigger.flow_id.as_str(),
            trigger.namespace.as_str(),
        ];
        let mut fits = request
            .flat("q")
            .is_none_or(|q| filter::contains_any(q, &texts))
            && request
                .flat("namespace")
                .is_none_or(|n| filter::within(&trigger.namespace, n))
            && request
                .flat("flowId")
                .is_none_or(|id| trigger.flow_id == id);
        for filter in &filters {
            fits = fits && matches(trigger, filter)?;
        }
        if fits {
            found.push(trigger);
        }
    }
    let next = if request.dialect.is_v2() {
        "nextEvaluationDate"
    } else {
        "nextExecutionDate"
    };
    let known = ["flowId", "namespace", "triggerId", next];
    let bad =
        |_: &Request, field: &str| ApiError::internal(format!("Column \"{field}\" not found"));
    page.sort(
        request,
        &mut found,
        &known,
        bad,
        |trigger, field| match field {
            "flowId" => trigger.flow_id.clone(),
            "namespace" => trigger.namespace.clone(),
            "triggerId" => trigger.id().to_owned(),
            _ => format!("{:020}", trigger.next.unwrap_or(u64::MAX)),
        },
    )?;
    Ok(page.response(&found, |trigger| trigger.row_json(request.dialect, &tenant)))
}

fn of_flow(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    let tenant = world.settings.tenant.clone();
    let page = Page::read(request, "searchTriggersForFlow")?;
    let found: Vec<&Trigger> = world
        .triggers
        .0
        .iter()
        .filter(|t| t.namespace == request.segment(0) && t.flow_id == request.segment(1))
        .filter(|t| {
            request
                .parameter("q")
                .is_none_or(|q| filter::contains_any(q, &[t.id()]))
        })
        .collect();
    Ok(page.response(&found, |trigger| {
        trigger.state_json(request.dialect, &tenant)
    }))
}
