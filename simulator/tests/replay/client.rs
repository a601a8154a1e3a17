//! A client that sends paths unchanged: others normalize `%2e%2e`.

use std::{collections::BTreeMap, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use simulator::{PASSWORD, USERNAME};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer of the simulator.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Sends a recorded request, with recorded ids replaced by those of this replay.
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
        Value::Object(form) if form.contains_key("left out") => stand_in(form),
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
    let mut body = Vec::new();
    for part in parts.as_array().unwrap() {
        let name = part[0].as_str().unwrap();
        let (filename, content) = match &part[1] {
            Value::String(text) => (String::new(), text.clone().into_bytes()),
            file => (
                format!("; filename=\"{}\"", file["filename"].as_str().unwrap()),
                match &file["base64"] {
                    Value::String(coded) => STANDARD.decode(coded).unwrap(),
                    _ => file["content"].as_str().unwrap().as_bytes().to_vec(),
                },
            ),
        };
        let disposition = format!("Content-Disposition: form-data; name=\"{name}\"{filename}");
        body.extend(format!("--B\r\n{disposition}\r\n\r\n").into_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--B--\r\n");
    body
}

/// A body as large as the one that the recordings omit.
fn stand_in(left_out: &serde_json::Map<String, Value>) -> Vec<u8> {
    let size = usize::try_from(left_out["bytes"].as_u64().unwrap()).unwrap();
    if left_out["what"].as_str().unwrap().starts_with("multipart") {
        let content = "x".repeat(size);
        return multipart(&json!([["fileContent", {"filename": "f", "content": content}]]));
    }
    format!("\"{}\"", "v".repeat(size - 2)).into_bytes()
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

/// The credentials that the recordings call right, which are fixed test credentials.
pub(crate) fn credentials(kind: &str) -> Option<String> {
    match kind {
        "right" => Some(basic(USERNAME, PASSWORD)),
        "wrong" => Some(basic(USERNAME, "Wrong-password-1")),
        "bearer" => Some("Bearer some-token".to_owned()),
        _ => None,
    }
}
