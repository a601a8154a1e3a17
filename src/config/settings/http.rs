//! Where the HTTP mode listens, and who may reach it.

use super::super::setting::Setting;
use super::declare::settings;

settings! { ALL over HTTP:

HOST = Setting::text(
    "http.host", &["KESTRA_MCP_HOST"],
    "Where it listens; default `127.0.0.1`. An address that others can reach needs an `https` public URL",
);
PORT = Setting::number(
    "http.port", &["KESTRA_MCP_PORT"], (0, 65_535), 8081,
    "Its port; 0 lets the system choose one",
);
PUBLIC_URL = Setting::text(
    "http.public_url", &["KESTRA_MCP_PUBLIC_URL", "AUTH_SERVER_ISSUER_URL"],
    "The URL under which clients reach it, which is also the issuer. It may have a path \
     ([http.md](http.md#an-address-with-a-path)). Default: where it listens, on loopback, under any of its \
     names there",
);
METRICS = Setting::text(
    "http.metrics", &["KESTRA_MCP_METRICS"],
    "Where `/metrics` is served; default `127.0.0.1:9464`, or `off`. It is answered under the values of \
     `Host` that the server itself is, and under that address",
);
ALLOWED_HOSTS = Setting::list(
    "http.allowed_hosts", &["KESTRA_MCP_ALLOWED_HOSTS"],
    "Additional values of the `Host` header to accept, as `host` or `host:port`",
);
ALLOWED_ORIGINS = Setting::list(
    "http.allowed_origins", &["KESTRA_MCP_ALLOWED_ORIGINS"],
    "Web pages whose scripts may use it, such as `https://app.example.com`",
);
TRUSTED_PROXIES = Setting::list(
    "http.trusted_proxies", &["KESTRA_MCP_TRUSTED_PROXIES"],
    "Addresses or networks of the reverse proxies whose `X-Forwarded-For` is trusted, for the limits per \
     address; default none",
);
MAX_BODY = Setting::number(
    "http.max_body", &[], (1024, 16 << 20), 4 << 20,
    "Bytes of a message to `/mcp`. The default is the limit over stdio: room for a file of 1 MiB in base64, \
     or as text in which most characters are escaped",
);
OTLP = Setting::text(
    "http.otlp_endpoint", &["OTEL_EXPORTER_OTLP_ENDPOINT"],
    "Collector of spans (OTLP over HTTP); default none",
);

}
