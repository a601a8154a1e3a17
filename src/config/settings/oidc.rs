//! The identity provider that variables describe.

use super::super::setting::Setting;
use super::declare::settings;

settings! { ALL over HTTP:

ISSUER_URL = Setting::text(
    "OIDC_ISSUER_URL", &["OIDC_ISSUER_URL"],
    "Issuer of the provider `default`, exactly as its discovery document has it; in the file \
     `[[identity_provider]]`",
).of_provider();
CLIENT_ID = Setting::text("OIDC_CLIENT_ID", &["OIDC_CLIENT_ID"], "This server's client id there")
    .of_provider();
CLIENT_SECRET = Setting::secret(&["OIDC_CLIENT_SECRET"], &CLIENT_SECRET_FILE, "The secret of that client")
    .of_provider();
CLIENT_SECRET_FILE = Setting::text(
    "OIDC_CLIENT_SECRET_FILE", &["OIDC_CLIENT_SECRET_FILE"],
    "A file that holds that secret",
).of_provider();
SCOPES = Setting::text("OIDC_SCOPES", &["OIDC_SCOPES"], "Default `openid profile email offline_access`")
    .of_provider();
REDIRECT_URI = Setting::text(
    "oauth.callback_url", &["OIDC_REDIRECT_URI"],
    "Where the first provider sends browsers back to; default `/auth/callback` below the public URL. Each \
     further one has `/auth/callback/ID`. `config check` shows them as `identity_provider.ID.callback_url`",
);
AUTHORITY = Setting::text(
    "OIDC_AUTHORITY", &["OIDC_AUTHORITY"],
    "Not needed, and not used: discovery tells it",
);
JWKS_URI = Setting::text("OIDC_JWKS_URI", &["OIDC_JWKS_URI"], "Not needed, and not used: discovery tells it");
ISSUER = Setting::text(
    "OIDC_ISSUER", &["OIDC_ISSUER"],
    "Not needed; refused when it is not `OIDC_ISSUER_URL`",
);
ENTRA_TENANT = Setting::text(
    "ENTRA_TENANT_ID", &["ENTRA_TENANT_ID"],
    "The tenant of Entra ID, instead of `OIDC_ISSUER_URL`",
).of_provider();
ENTRA_CLIENT_ID = Setting::text("ENTRA_CLIENT_ID", &["ENTRA_CLIENT_ID"], "Instead of `OIDC_CLIENT_ID`")
    .of_provider();
ENTRA_CLIENT_SECRET = Setting::secret(
    &["ENTRA_CLIENT_SECRET"], &ENTRA_CLIENT_SECRET_FILE,
    "Instead of `OIDC_CLIENT_SECRET`",
).of_provider();
ENTRA_CLIENT_SECRET_FILE = Setting::text(
    "ENTRA_CLIENT_SECRET_FILE", &["ENTRA_CLIENT_SECRET_FILE"],
    "Instead of `OIDC_CLIENT_SECRET_FILE`",
).of_provider();

}
