//! Why no connection came about, in words for a person.

use std::error::Error as _;
use std::io::ErrorKind;

/// The cause of `error` without addresses: what is wrong and, where it can be said, what to do.
pub fn in_words(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            match io.kind() {
                ErrorKind::ConnectionRefused => {
                    return "the connection was refused: nothing listens there".to_owned();
                }
                ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => {
                    return "the connection was closed before an answer".to_owned();
                }
                _ => {}
            }
        }
        texts.push(cause.to_string());
        next = cause.source();
    }
    let all = texts.join(": ").to_lowercase();
    let says = |word: &str| all.contains(word);
    let words = if says("certificate") || says("unknownissuer") || says("notvalidforname") {
        "its certificate is not trusted: name its authority in KESTRA_CA_FILE"
    } else if says("tls") || says("corrupt message") || says("handshake") {
        "it does not speak TLS: check http or https in the address"
    } else if says("dns") || says("lookup address") {
        "the name of the host does not resolve"
    } else if error.is_timeout() || says("timed out") {
        "no answer in time"
    } else {
        "the connection failed"
    };
    words.to_owned()
}
