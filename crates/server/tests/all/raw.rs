//! Requests that no client would send.

use crate::support::TestApp;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// The answer to a GET of a target as it stands.
pub fn get(app: &TestApp, target: &str) -> String {
    send(app, format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
}

/// The answer to these bytes.
pub fn send(app: &TestApp, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
