//! Which Kestra, and as whom.

use super::super::setting::Setting;
use super::declare::settings;

settings! { ALL:

URL = Setting::text(
    "kestra.url",
    "URL of Kestra: `http` or `https`, with or without `/api/v1` or `/api/v1/TENANT` at its end. No user \
     name, password, query or fragment in it",
)
.env(&["KESTRA_API_URL", "KESTRA_BASE_URL"])
.flag("url", Some("URL"), "URL of Kestra");

UI_URL = Setting::text(
    "kestra.ui_url",
    "Where people open Kestra, for the links in answers. Default: what Kestra says (`kestra.url` of its own \
     configuration) if that is on the host of the URL above, else answers have no links; `doctor` says which",
)
.env(&["KESTRA_UI_URL"])
.flag("ui-url", Some("URL"), "URL of Kestra's UI, for links; default: what Kestra says");

TENANT = Setting::text(
    "kestra.tenant",
    "Tenant. Default: the tenant at the end of the URL, else `main`. If both name a tenant, they must agree",
)
.env(&["KESTRA_TENANT", "KESTRA_TENANT_ID"])
.flag("tenant", Some("TENANT"), "Tenant; default: main");

TOKEN = Setting::secret(
    &["KESTRA_API_TOKEN"],
    &TOKEN_FILE,
    "Sent as `Authorization: Bearer`; takes precedence over user name and password",
);

TOKEN_FILE = Setting::text("kestra.token_file", "A file that holds the token").env(&["KESTRA_API_TOKEN_FILE"]);

USERNAME = Setting::text("kestra.username", "Basic authentication").env(&["KESTRA_USERNAME"]);

PASSWORD = Setting::secret(&["KESTRA_PASSWORD"], &PASSWORD_FILE, "The password of that user");

PASSWORD_FILE = Setting::text("kestra.password_file", "A file that holds the password")
    .env(&["KESTRA_PASSWORD_FILE"]);

VERIFY_SSL = Setting::truth(
    "kestra.verify_ssl",
    true,
    true,
    "`false` accepts any certificate: for a test server",
)
.env(&["KESTRA_VERIFY_SSL"])
.flag("verify-ssl", Some("BOOL"), "Whether to check Kestra's certificate: true or false");

CA_FILE = Setting::text(
    "kestra.ca_file",
    "PEM file of authorities to trust in addition to those of the system, for Kestra only",
)
.env(&["KESTRA_CA_FILE"])
.flag("ca-file", Some("FILE"), "Certificate authorities to trust in addition to those of the system (PEM)");

VERSION = Setting::text("kestra.version", "Instead of asking the server, such as `1.3` or `2.0`")
    .env(&["KESTRA_VERSION"])
    .flag("kestra-version", Some("VERSION"), "Version of Kestra, instead of asking it");

}
