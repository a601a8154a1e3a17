//! Schemes of redirect URIs that open an app instead of a website.

/// Schemes without a dot in the redirect URIs of MCP clients.
pub const KNOWN: &[&str] = &[
    "claude",
    "cursor",
    "raycast",
    "vscode",
    "vscode-insiders",
    "warp",
];

/// Schemes that run, show, fetch or send something, or open a part of the system, instead of opening a
/// client.
#[rustfmt::skip]
pub const FORBIDDEN: &[&str] = &[
    "about", "acap", "afp", "android-app", "app-settings", "apple-reminderkit", "applescript",
    "bitcoin", "blob", "brave", "calculator", "callto", "chrome", "chrome-extension",
    "chrome-search", "cid", "cifs", "content", "data", "dav", "devtools", "dict", "dns", "ed2k",
    "edge", "facetime", "facetime-audio", "feed", "file", "filesystem", "finger", "firefox",
    "firefox-private", "ftp", "ftps", "geo", "git", "git+ssh", "gopher", "hcp", "help", "http",
    "https", "iax", "im", "imap", "imaps", "intent", "irc", "irc6", "ircs", "iris.beep",
    "iris.lwz", "iris.xpc", "iris.xpc.lwz", "itms", "itms-apps", "itms-services", "itunes", "jar",
    "javascript", "knowledgebase", "ldap", "ldapi", "ldaps", "livescript", "magnet", "mailto",
    "maps", "market", "message", "mhtml", "mid", "mk", "mms", "mmsto", "mocha", "moz-extension",
    "mswindowsmusic", "mswindowsvideo", "news", "nfs", "nntp", "onenote", "onenote-cmd", "opera",
    "osascript", "outlookcal", "outlookmail", "pop", "prefs", "rdp", "read", "res", "resource",
    "rlogin", "rsync", "rtsp", "rtspu", "safari", "search", "search-ms", "sftp", "shell", "sip",
    "sips", "skype", "smb", "sms", "smsto", "snews", "soap.beep", "soap.beeps", "ssh", "steam",
    "stickynotes", "svn", "svn+ssh", "tel", "telnet", "teamviewer8", "teamviewerapi", "tftp",
    "tn3270", "urn", "vbscript", "view-source", "vivaldi", "vnc", "webcal", "webcals", "ws",
    "wss", "wyciwyg", "x-javascript", "x-man-page", "xmlrpc.beep", "xmlrpc.beeps", "xmpp",
    "zoommtg", "zoomus",
];

/// The beginnings of schemes that open parts of a system: settings, installers, browsers.
const OF_SYSTEMS: &[&str] = &[
    "microsoft-",
    "microsoft.",
    "ms-",
    "windows.",
    "windowsdefender",
    "x-apple",
];

/// Whether a link with that scheme does anything but open the app of a client.
pub fn is_dangerous(scheme: &str) -> bool {
    FORBIDDEN.contains(&scheme) || OF_SYSTEMS.iter().any(|start| scheme.starts_with(start))
}

/// Whether `scheme` is a domain name in reverse order, such as `com.example.app` (RFC 8252 section
/// 7.1): the owner of the domain chose it.
pub fn is_reverse_domain(scheme: &str) -> bool {
    let mut labels = scheme.split('.');
    let top = labels.next().unwrap_or_default();
    let is_top = top.starts_with("xn--")
        || (top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_lowercase()));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    is_top && is_label(top) && scheme.contains('.') && labels.all(is_label)
}

/// Whether `scheme` is a valid scheme (RFC 3986 section 3.1), in lower case.
pub fn is_plain(scheme: &str) -> bool {
    let is_next = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')
    };
    scheme.starts_with(|first: char| first.is_ascii_lowercase()) && scheme.bytes().all(is_next)
}
