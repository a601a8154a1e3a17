//! The authorization server: lifetimes, and which clients it knows.

use super::super::setting::Setting;
use super::super::words::{DocumentMode, RefreshReuse};
use super::declare::settings;

settings! { ALL over HTTP:

ACCESS_TTL = Setting::number(
    "oauth.access_token_seconds", &["ACCESS_TOKEN_TTL_SECONDS"], (60, 86_400), 900,
    "Lifetime of an access token in seconds. Some clients refresh 5 minutes ahead, so that with 300 they \
     refresh before every call. Values above 900 are lowered to 900",
);
REFRESH_GRACE = Setting::number(
    "oauth.refresh_grace_seconds", &[], (0, 300), 300,
    "A refresh token that was exchanged already gives the same new token until that one is used. Then the \
     old token is refused, and more than this many seconds after its exchange it ends the whole sign-in, with \
     a warning in the log; `0`: a second use ends the sign-in at once",
);
REFRESH_REUSE = Setting::choice::<RefreshReuse>(
    "oauth.refresh_reuse", &[],
    "What happens if a refresh token is used again after that: `end` ends the sign-in; with `refuse` only \
     the token is refused, and the sign-in goes on",
);
GRANT_DAYS = Setting::number(
    "oauth.grant_days", &[], (1, 365), 30,
    "Days until people must connect a client again",
);
REGISTRATION = Setting::truth(
    "oauth.client_registration", &["KESTRA_MCP_CLIENT_REGISTRATION"], true, false,
    "Whether clients may register themselves",
);
REGISTRATION_TOKEN = Setting::secret(
    &["KESTRA_MCP_REGISTRATION_TOKEN"], &REGISTRATION_TOKEN_FILE,
    "A bearer token that clients must present to register",
);
REGISTRATION_TOKEN_FILE = Setting::text("oauth.registration_token_file", &[], "A file that holds that token");
CLIENT_DOCUMENTS = Setting::choice::<DocumentMode>(
    "oauth.client_documents", &["KESTRA_MCP_CLIENT_DOCUMENTS"],
    "Whether a client id may be the URL of a metadata document: `on` (accepted and announced), `off` \
     (neither), or `probed`: accepted, and announced while one of `oauth.metadata_probe` can be read",
);
METADATA_HOSTS = Setting::list(
    "oauth.client_metadata_hosts", &[],
    "The only hosts from which such documents are accepted; default all",
);
METADATA_PROBE = Setting::list(
    "oauth.metadata_probe", &[],
    "Documents that are fetched at the start and every hour to check that fetching works, 16 at most; \
     default those of Claude Code and VS Code, as far as `oauth.client_metadata_hosts` allows; `[]`: no \
     check, and documents are announced",
);
METADATA_PROXY = Setting::text(
    "oauth.metadata_proxy", &["KESTRA_MCP_METADATA_PROXY"],
    "A proxy (`http` or `https`; a login in its URL is kept secret) that is used only to fetch documents of \
     clients. It must refuse private addresses: see [http.md](http.md#clients-that-publish-who-they-are). \
     Default none; proxies of the environment are not used for documents",
).hidden();
REDIRECT_SCHEMES = Setting::list(
    "oauth.redirect_schemes", &["KESTRA_MCP_REDIRECT_SCHEMES"],
    "Schemes without a dot that redirect URIs of client apps may have; default `claude`, `cursor`, \
     `raycast`, `vscode`, `vscode-insiders`, `warp`. `+windsurf` adds one; names without `+` replace the \
     default",
);

}
