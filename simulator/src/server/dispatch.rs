//! From a request to its route: credentials, tenant, media types.

use super::{Inner, lock};
use crate::{
    answer::Answer,
    call::Call,
    error::Refusal,
    received::Received,
    route::Route,
    router::{self, Match},
    settings::{Auth, Edition},
    wire,
    world::World,
};

impl Inner {
    /// Performs a request at the time of the clock.
    pub(super) fn perform(&self, received: &Received, target: &str) -> Answer {
        let mut world = lock(&self.world);
        let now = world.settings.clock.now_ms();
        world.run_until(now);
        let (dialect, edition) = (world.settings.dialect, world.settings.edition);
        let result = self.dispatch(&mut world, received, now);
        let mut answer = match result {
            Ok(answer) => answer,
            Err(refusal) if refusal.status == 401 && !dialect.is_ga() => Answer::empty(401),
            Err(refusal) => refusal.answer(dialect, edition, target),
        };
        if answer.status == 401 {
            let scheme = match &world.settings.auth {
                Auth::Basic { .. } => "Basic",
                Auth::Bearer { .. } | Auth::People(_) => "Bearer",
            };
            answer = answer.with_header("www-authenticate", scheme);
        }
        answer
    }

    fn dispatch(
        &self,
        world: &mut World,
        received: &Received,
        now: u64,
    ) -> Result<Answer, Refusal> {
        let (dialect, edition) = (world.settings.dialect, world.settings.edition);
        let path = received.path.as_str();
        let found = router::find(&received.method, path, dialect, edition);
        let open = matches!(&found, Match::Found { route, .. } if route.open.contains(&dialect));
        if !open && !authorized(&world.settings.auth, received.header("authorization")) {
            return Err(Refusal::unauthorized("Unauthorized"));
        }
        let (route, segments, tenant) = match found {
            Match::Found {
                route,
                segments,
                tenant,
            } => (route, segments, tenant),
            _ if edition == Edition::Enterprise => return Err(Refusal::forbidden(dialect)),
            Match::Nothing => return Err(Refusal::no_route()),
            Match::Methods(methods) => {
                return Err(Refusal::method_not_allowed(
                    &received.method,
                    path,
                    &methods,
                ));
            }
        };
        if let Some(tenant) = tenant.filter(|tenant| *tenant != world.settings.tenant) {
            return Err(match edition {
                Edition::OpenSource => {
                    Refusal::bad_request("Tenant must be 'main' for OSS version")
                }
                Edition::Enterprise => Refusal::forbidden_tenant(&tenant),
            });
        }
        let call = Call {
            dialect,
            query: received.query.clone(),
            headers: received.headers.clone(),
            body: received.body.clone(),
            now,
            base: self.base.clone(),
            segments,
        };
        negotiate(route, &call, edition)?;
        let answer = (route.handler)(world, &call);
        // What the request set off at this very moment has happened when it is answered.
        world.run_until(now);
        answer
    }
}

/// Media types: 415 for the body, 406 for the answer.
fn negotiate(route: &Route, call: &Call, edition: Edition) -> Result<(), Refusal> {
    if let (Some(takes), Some(given)) = (route.takes, call.media_type())
        && !given.is_empty()
        && given != takes
    {
        return Err(Refusal::unsupported_media_type(&given, takes));
    }
    let Some(accept) = call.header("accept") else {
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
        Edition::Enterprise => Refusal::forbidden(call.dialect),
        Edition::OpenSource => Refusal::not_acceptable(accept, route.gives),
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
