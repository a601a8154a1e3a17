//! Dispatches requests to routes: credentials, tenant, content negotiation.

use super::{Inner, lock};
use crate::{
    error::ApiError,
    received::Received,
    request::Request,
    response::Response,
    route::Route,
    router::{self, Match},
    settings::{Auth, Edition},
    wire,
    world::World,
};

impl Inner {
    /// Performs a request at the current time of the clock.
    pub(super) fn perform(&self, received: &Received, target: &str) -> Response {
        let mut world = lock(&self.world);
        let now = world.settings.clock.now_ms();
        world.run_until(now);
        let (dialect, edition) = (world.settings.dialect, world.settings.edition);
        let result = self.dispatch(&mut world, received, now);
        let mut response = match result {
            Ok(response) => response,
            Err(error) if error.status == 401 && !dialect.is_ga() => Response::empty(401),
            Err(error) => error.response(dialect, edition, target),
        };
        if response.status == 401 {
            let scheme = match &world.settings.auth {
                Auth::Basic { .. } => "Basic",
                Auth::Bearer { .. } | Auth::People(_) => "Bearer",
            };
            response = response.with_header("www-authenticate", scheme);
        }
        response
    }

    fn dispatch(
        &self,
        world: &mut World,
        received: &Received,
        now: u64,
    ) -> Result<Response, ApiError> {
        let (dialect, edition) = (world.settings.dialect, world.settings.edition);
        let path = received.path.as_str();
        let found = router::find(&received.method, path, dialect, edition);
        let open = matches!(&found, Match::Found { route, .. } if route.open.contains(&dialect));
        if !open && !authorized(&world.settings.auth, received.header("authorization")) {
            return Err(ApiError::unauthorized("Unauthorized"));
        }
        let (route, segments, tenant) = match found {
            Match::Found {
                route,
                segments,
                tenant,
            } => (route, segments, tenant),
            _ if edition == Edition::Enterprise => return Err(ApiError::forbidden(dialect)),
            Match::Nothing => return Err(ApiError::no_route()),
            Match::Methods(methods) => {
                return Err(ApiError::method_not_allowed(
                    &received.method,
                    path,
                    &methods,
                ));
            }
        };
        if let Some(tenant) = tenant.filter(|tenant| *tenant != world.settings.tenant) {
            return Err(match edition {
                Edition::OpenSource => {
                    ApiError::bad_request("Tenant must be 'main' for OSS version")
                }
                Edition::Enterprise => ApiError::forbidden_tenant(&tenant),
            });
        }
        let request = Request {
            dialect,
            query: received.query.clone(),
            headers: received.headers.clone(),
            body: received.body.clone(),
            now,
            base: self.base.clone(),
            segments,
        };
        negotiate(route, &request, edition)?;
        let response = (route.handler)(world, &request);
        // Events that the request caused for this very moment happen before the response.
        world.run_until(now);
        response
    }
}

/// Checks media types: 415 for the body, 406 for the response.
fn negotiate(route: &Route, request: &Request, edition: Edition) -> Result<(), ApiError> {
    if let (Some(takes), Some(given)) = (route.takes, request.media_type())
        && !given.is_empty()
        && given != takes
    {
        return Err(ApiError::unsupported_media_type(&given, takes));
    }
    let Some(accept) = request.header("accept") else {
        return Ok(());
    };
    let accepted = accept
        .split(',')
        .map(|one| one.split(';').next().unwrap_or("").trim())
        .any(|one| {
            let family = route.gives.split('/').next().unwrap_or_default();
            one.is_empty() || one == "*/*" || one == route.gives || one == format!("{family}/*")
        });
    if accepted {
        return Ok(());
    }
    Err(match edition {
        Edition::Enterprise => ApiError::forbidden(request.dialect),
        Edition::OpenSource => ApiError::not_acceptable(accept, route.gives),
    })
}

fn authorized(auth: &Auth, header: Option<&str>) -> bool {
    let expected = match auth {
        Auth::Basic { username, password } => {
            format!(
                "Basic {}",
                wire::base64(format!("{username}:{password}").as_bytes())
            )
        }
        Auth::Bearer { token } => format!("Bearer {token}"),
        Auth::People(_) => return auth.holder(header).is_some(),
    };
    header == Some(expected.as_str())
}
