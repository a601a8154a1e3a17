//! The files that settings are read from.

use super::super::setting::Setting;
use super::declare::settings;

settings! { ALL:

CONFIG = Setting::text("KESTRA_MCP_CONFIG", &["KESTRA_MCP_CONFIG"], "The configuration file")
    .flag("config", Some("FILE"), "Configuration file (TOML)");
ENV_FILE = Setting::text("--env-file", &[], "A file of `VARIABLE=value` lines")
    .flag("env-file", Some("FILE"), "File of VARIABLE=value lines; the environment wins over it");

}
