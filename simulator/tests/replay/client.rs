//! A client that sends paths as they are: others tidy `%2e%2e` away.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;
use simulator::{PASSWORD, USERNAME};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Sends a recorded request, with recorded ids replaced by those of this visit.
pub(crate) async fn send(base: &str, request: &Value, ids: &BTreeMap<String, String>) -> Answer {
    let swap = |text: &str| {
        ids.iter().fold(text.to_owned(), |text, (old, new)| {
            text.replace(old.as_str(), new)
        })
    };
    let mut target = swap(request["path"].as_str().unwrap());
    for (at, pair) in request["query"].as_array().unwrap().iter().enumerate() {
        let (key, value) = (pair[0].as_str().unwrap(), swap(pair[1].as_str().unwrap()));
        let mark = if at == 0 { '?' } else { '&' };
        write!(target, "{mark}{}={}", encode(key), encode(&value)).unwrap();
    }
    let body = match &request["body"] {
        Value::Null => Vec::new(),
        Value::String(text) => swap(text).into_bytes(),
        Value::Object(form) if form.contains_key("multipart") => multipart(&form["multipart"]),
        json => swap(&json.to_string()).into_bytes(),
    };
    let mut head = format!(
        "{} {target} HTTP/1.1\r\n",
        request["method"].as_str().unwrap()
    );
    let address = base.strip_prefix("http://").unwrap();
    write!(
        head,
        "Host: {address}\r\nConnection: close\r\nAccept-Encoding: identity\r\n"
    )
    .unwrap();
    head.push_str("User-Agent: replay\r\n");
    let mut accept = "*/*".to_owned();
    for (name, value) in request["headers"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        match name.to_ascii_lowercase().as_str() {
            "accept" => value.clone_into(&mut accept),
            "content-type" if value.starts_with("multipart/") => {
                head.push_str("Content-Type: multipart/form-data; boundary=B\r\n");
            }
            _ => write!(head, "{name}: {value}\r\n").unwrap(),
        }
    }
    write!(head, "Accept: {accept}\r\n").unwrap();
    if let Some(credentials) = credentials(request["credential"].as_str().unwrap()) {
        write!(head, "Authorization: {credentials}\r\n").unwrap();
    }
    write!(head, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await.unwrap();
    read(&raw)
}

fn read(raw: &[u8]) -> Answer {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let content_type = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type")
            .then(|| value.trim().to_owned())
    });
    Answer {
        status,
        content_type,
        body: raw[end + 4..].to_vec(),
    }
}

fn multipart(parts: &Value) -> Vec<u8> {
    let mut body = String::new();
    for part in parts.as_array().unwrap() {
        let name = part[0].as_str().unwrap();
        let (filename, content) = match &part[1] {
            Value::String(text) => (String::new(), text.as_str()),
            file => (
                format!("; filename=\"{}\"", file["filename"].as_str().unwrap()),
                file["content"].as_str().unwrap(),
            ),
        };
        let disposition = format!("Content-Disposition: form-data; name=\"{name}\"{filename}");
        write!(body, "--B\r\n{disposition}\r\n\r\n{content}\r\n").unwrap();
    }
    body.push_str("--B--\r\n");
    body.into_bytes()
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
        encoded
    })
}

/// The value of an `Authorization` header.
fn basic(username: &str, password: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("{username}:{password}");
    let mut coded = String::from("Basic ");
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap();
            coded.push(if at > chunk.len() {
                '='
            } else {
                char::from(ALPHABET[digit])
            });
        }
    }
    coded
}

/// What the recordings call right, and the fixed test credentials.
pub(crate) fn credentials(kind: &str) -> Option<String> {
    match kind {
        "right" => Some(basic(USERNAME, PASSWORD)),
        "wrong" => Some(basic(USERNAME, "Wrong-password-1")),
        "bearer" => Some("Bearer some-token".to_owned()),
        _ => None,
    }
}
