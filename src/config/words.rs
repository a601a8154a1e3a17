//! The settings that are one of a few words.

/// A type that the configuration writes as one of a few words.
pub(super) trait Words: Copy + Default + 'static {
    const ALL: &'static [(&'static str, Self)];

    /// The value that `text` names.
    fn of(text: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(word, _)| *word).collect()
    }

    fn default_name() -> &'static str;
}

/// Declares such a type, each value with its word.
macro_rules! words {
    ($(#[$of:meta])* $vis:vis $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$of])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        $vis enum $name { $($(#[$doc])* $value,)* }

        impl $name {
            /// The word of the configuration.
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
        }

        impl Words for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$value),)*];

            fn default_name() -> &'static str {
                Self::default().as_str()
            }
        }
    };
}

words! {
    /// How clients reach this server.
    pub Transport {
        /// Over HTTP, for many people; what is served without a command.
        #[default]
        Http = "http",
        /// On standard input and output, for one client.
        Stdio = "stdio",
    }
}

impl Transport {
    /// For whom it is, and the command that serves it.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Stdio => "stdio: one client, served by kestra-mcp stdio",
            Self::Http => "http: many people, served by kestra-mcp serve",
        }
    }
}

words! {
    /// Whose Kestra credentials are used.
    pub CredentialMode {
        /// Each person's own.
        #[default]
        PerUser = "per_user",
        /// The configured one, for everybody.
        Shared = "shared",
    }
}

words! {
    /// What happens to a credential of an administrator.
    pub Administrator {
        /// It is refused.
        #[default]
        Refuse = "refuse",
        /// It is accepted with a warning.
        Warn = "warn",
    }
}

words! {
    /// What happens to a sign-in when its spent refresh token is used again, long after its successor was.
    pub RefreshReuse {
        /// It ends, with all its tokens: one of the two who have the token is a thief (RFC 9700 section
        /// 4.14.2).
        #[default]
        End = "end",
        /// It goes on; only the token is refused.
        Refuse = "refuse",
    }
}

words! {
    /// Whether client metadata documents are accepted and announced.
    pub DocumentMode {
        /// Accepted and announced.
        On = "on",
        /// Neither.
        Off = "off",
        /// Always accepted, announced while one of the probed documents can be read.
        #[default]
        Probed = "probed",
    }
}

words! {
    /// When the userinfo endpoint is asked.
    pub Userinfo {
        /// When a configured claim is absent from the ID token.
        #[default]
        WhenMissing = "when_missing",
        /// Never.
        Never = "never",
        /// Always.
        Always = "always",
    }
}

words! {
    /// Where claims come from.
    pub ClaimSource {
        /// The ID token.
        #[default]
        IdToken = "id_token",
        /// The userinfo endpoint.
        Userinfo = "userinfo",
        /// The access token, if it is a JWT of the same issuer: Keycloak's default for roles.
        AccessTokenJwt = "access_token_jwt",
    }
}

words! {
    /// How the values of a rule's `map` are compared with those of a claim.
    pub(super) Comparison {
        /// The same text.
        #[default]
        Exact = "exact",
        /// The beginning.
        Prefix = "prefix",
        /// A regular expression for the whole value.
        Regex = "regex",
    }
}

words! {
    /// What happens to a person with more groups than the provider puts into the token.
    pub(super) Overage {
        /// The person is turned away: the roles cannot be determined.
        #[default]
        Deny = "deny",
    }
}
