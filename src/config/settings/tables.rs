//! The keys of `[role.NAME]` and `[[client]]`.

/// A role.
pub(in crate::config) mod role {
    use super::super::super::setting::Kind;
    use super::super::super::setting::Setting;
    use super::super::declare::settings;

    settings! { ALL:

    INHERITS = Setting::of(Kind::List, "inherits", "Roles whose permissions it has too");
    ALLOW = Setting::of(Kind::List, "allow", "Permissions or tools");
    DENY = Setting::of(
        Kind::List, "deny",
        "Permissions or tools that it takes away from everybody who has the role",
    );

    }
}

/// A client that the operator registers.
pub(in crate::config) mod client {
    use super::super::super::setting::Kind;
    use super::super::super::setting::Setting;
    use super::super::declare::settings;

    settings! { ALL:

    ID = Setting::of(Kind::Text, "id", "The `client_id`").required("set it to the client_id");
    NAME = Setting::of(Kind::Text, "name", "Its name for people; default the id");
    SECRET_ENV = Setting::of(
        Kind::Text, "secret_env",
        "For a confidential client: the variable that holds its secret of at least 16 characters",
    );
    REDIRECT_URIS = Setting::of(
        Kind::List, "redirect_uris",
        "The redirect URIs of the client, byte for byte",
    ).required("list the redirect URIs of the client");

    }
}
