//! Whose Kestra credentials the HTTP mode uses, and how far they reach.

use super::super::setting::Setting;
use super::super::words::{Administrator, CredentialMode};
use super::declare::settings;

settings! { ALL over HTTP:

KESTRA_NAME = Setting::text(
    "kestra.name", &["KESTRA_NAME"],
    "What people call this Kestra, such as `Production`, 80 characters at most. The consent page shows it, \
     also to people who have not signed in. Default: host and port of the public URL",
);
MODE = Setting::choice::<CredentialMode>(
    "kestra.credential", &["KESTRA_MCP_CREDENTIAL"],
    "Whose credential is used",
);
TOKEN_ARGUMENT = Setting::truth(
    "kestra.token_argument", &[], false, false,
    "`true`: `register_kestra_token` takes the token as an argument, which then passes through the model",
);
BASIC_WRITES = Setting::truth(
    "kestra.basic_writes", &[], false, false,
    "`true`: a user name and password may be used to change things, whether it is a person's own or the \
     shared one; otherwise they only read",
);
ADMINISTRATOR = Setting::choice::<Administrator>(
    "kestra.administrator", &[],
    "What happens to a token of an administrator, a person's own or the shared one",
);
RECHECK = Setting::number(
    "kestra.recheck_seconds", &[], (10, 86_400), 600,
    "Seconds after which Kestra Enterprise is asked again who a token belongs to. While it does not answer, \
     tokens can only read, unless tokens of administrators are accepted",
);

}
