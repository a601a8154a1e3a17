//! Which Kestra, and as whom.

use super::super::setting::Setting;
use super::declare::settings;

settings! { ALL:

URL = Setting::text(
    "kestra.url", &["KESTRA_API_URL", "KESTRA_BASE_URL"],
    "URL of Kestra: `http` or `https`, with or without `/api/v1` or `/api/v1/TENANT` at its end. No user \
     name, password, query or fragment in it",
).flag("url", Some("URL"), "URL of Kestra");
UI_URL = Setting::text(
    "kestra.ui_url", &["KESTRA_UI_URL"],
    "Where people open Kestra, for the links in answers. Default: what Kestra says (`kestra.url` of its own \
     configuration) if that is on the host of the URL above, else answers have no links; `doctor` says which",
).flag("ui-url", Some("URL"), "URL of Kestra's UI, for links; default: what Kestra says");
TENANT = Setting::text(
    "kestra.tenant", &["KESTRA_TENANT", "KESTRA_TENANT_ID"],
    "Tenant. Default: the tenant at the end of the URL, else `main`. If both name a tenant, they must agree",
).flag("tenant", Some("TENANT"), "Tenant; default: main");
TOKEN = Setting::secret(
    &["KESTRA_API_TOKEN"], &TOKEN_FILE,
    "Sent as `Authorization: Bearer`; takes precedence over user name and password",
);
TOKEN_FILE = Setting::text("kestra.token_file", &["KESTRA_API_TOKEN_FILE"], "A file that holds the token");
USERNAME = Setting::text("kestra.username", &["KESTRA_USERNAME"], "Basic authentication");
PASSWORD = Setting::secret(&["KESTRA_PASSWORD"], &PASSWORD_FILE, "The password of that user");
PASSWORD_FILE = Setting::text(
    "kestra.password_file", &["KESTRA_PASSWORD_FILE"],
    "A file that holds the password",
);
VERIFY_SSL = Setting::truth(
    "kestra.verify_ssl", &["KESTRA_VERIFY_SSL"], true, true,
    "`false` accepts any certificate: for a test server",
).flag("verify-ssl", Some("BOOL"), "Whether to check Kestra's certificate: true or false");
CA_FILE = Setting::text(
    "kestra.ca_file", &["KESTRA_CA_FILE"],
    "PEM file of authorities to trust in addition to those of the system, for Kestra only",
).flag("ca-file", Some("FILE"), "Certificate authorities to trust in addition to those of the system (PEM)");
VERSION = Setting::text(
    "kestra.version", &["KESTRA_VERSION"],
    "Instead of asking the server, such as `1.3` or `2.0`",
).flag("kestra-version", Some("VERSION"), "Version of Kestra, instead of asking it");

}
