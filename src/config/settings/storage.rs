//! The database of the HTTP mode, and the keys that encrypt what is in it.

use super::super::setting::Setting;
use super::declare::settings;

settings! { ALL over HTTP:

STORE = Setting::text(
    "http.store", &["KESTRA_TOKEN_STORE"],
    "The SQLite file; default `kestra-mcp.db` in the data folder. An old `.json` store stays untouched: a \
     database is made beside it",
);
KEYS = Setting::secret(
    &["ENCRYPTION_KEYS"], &KEYS_FILE,
    "The key ring, `id:key` separated by commas; the first one encrypts",
);
KEYS_FILE = Setting::text(
    "http.encryption_keys_file", &["ENCRYPTION_KEYS_FILE"],
    "A file that holds the key ring",
);
OLD_KEY = Setting::secret(
    &["ENCRYPTION_KEY"], &OLD_KEY_FILE,
    "One key of 32 bytes in base64, the last of the ring",
);
OLD_KEY_FILE = Setting::text("ENCRYPTION_KEY_FILE", &["ENCRYPTION_KEY_FILE"], "A file that holds that key");

}
