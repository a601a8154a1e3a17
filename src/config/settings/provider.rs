//! The keys of `[[identity_provider]]`, and of the tables within.

use super::super::setting::{Kind, Setting};
use super::super::words::{ClaimSource, Comparison, Overage, Userinfo, Words as _};
use super::declare::settings;

const CLAIM: &str = "write a path to a claim, such as \"/roles\" or [\"realm_access\", \"roles\"]";

settings! { REQUIRE:

CLAIM_PATH = Setting::of(Kind::Claim, "claim", "The claim").required(CLAIM);
EQUALS = Setting::of(Kind::Scalar, "equals", "The value that it must have")
    .required("write the value that it must have");

}

settings! { ROLE_RULE:

RULE_PATH = Setting::of(Kind::Claim, "path", "The claim: JSON Pointer or list of names").required(CLAIM);
SHAPE = Setting::of(
    Kind::Shape, "shape",
    "How the values stand in the claim: `auto` (default), `array`, `string`, `space`, `comma`, `keys` or \
     `field:NAME`",
);
MATCH = Setting::of(
    Kind::choice::<Comparison>(), "match",
    "How values are compared with those of `map`; `regex` is of the whole value",
);
MAP = Setting::of(
    Kind::Map, "map",
    "From values to roles. Without it a value that is the name of a role gives that role",
);

}

settings! { PROVIDER:

ID = Setting::of(
    Kind::Text, "id",
    "Your name for it; default `default`. Letters, digits, and `-` `_` `.` between them, 100 at most: its \
     callback ends in it",
);
ISSUER = Setting::of(Kind::Text, "issuer", "As its discovery document writes it, byte for byte")
    .required("set it to the issuer URL of the provider, as it writes it");
CLIENT_ID = Setting::of(Kind::Text, "client_id", "This server's client id there")
    .required("set it to this server's client id at the provider");
CLIENT_SECRET_ENV = Setting::of(
    Kind::Text, "client_secret_env",
    "The variable that holds the secret of that client, which is never written here",
);
CLIENT_SECRET_FILE = Setting::of(
    Kind::Text, "client_secret_file",
    "Or the file that holds it; a relative path starts at the folder of the configuration file",
);
SCOPES = Setting::of(
    Kind::List, "scopes",
    "Default `openid profile email offline_access`. `offline_access` is left out where the provider lists \
     its scopes without it. Without a refresh token of the provider people sign in again after 8 hours",
);
TRUSTED_AUDIENCES = Setting::of(
    Kind::List, "trusted_audiences",
    "Other clients of the provider that an ID token may name beside this server, if its `azp` is this \
     server; default none. The log names the audiences of a token that is refused",
);
AUTHORIZE_PARAMS = Setting::of(
    Kind::Map, "authorize_params",
    "More parameters of the sign-in, such as `{ prompt = \"consent\" }`",
);
SUBJECT = Setting::of(
    Kind::Claim, "subject",
    "The claim that identifies the person permanently; default `/sub`",
);
REQUIREMENTS = Setting::of(
    Kind::Tables(REQUIRE), "require",
    "`[{ claim = \"/tid\", equals = \"…\" }]`: otherwise the sign-in is refused",
);
RULES = Setting::of(
    Kind::Tables(ROLE_RULE), "role_rule",
    "From claims to roles: a list of rules; default `[{ path = \"/roles\" }]`",
);
SOURCES = Setting::of(
    Kind::Choices(ClaimSource::names), "sources",
    "`id_token`, `userinfo`, `access_token_jwt`, in the order in which they count: the first that has a \
     claim says it. Default the first two",
);
USERINFO = Setting::of(Kind::choice::<Userinfo>(), "userinfo", "When the userinfo endpoint is asked");
OVERAGE = Setting::of(
    Kind::choice::<Overage>(), "overage",
    "What happens to a person with more groups than the provider puts into the token: the person is turned \
     away, since the roles cannot be determined",
);

}
