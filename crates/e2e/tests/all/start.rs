//! A server that can't start says why, in a sentence.

use e2e::database::Engine;
use e2e::server::{Answer, Server};

/// One line, no trace, no log, exit code 1.
fn sentence(answer: &Answer) -> &str {
    assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{answer:?}");
    let mut lines = answer.stderr.lines();
    let sentence = lines.next().expect("a sentence");
    assert_eq!(lines.next(), None, "{answer:?}");
    assert!(sentence.ends_with('.') && !sentence.contains("panicked"), "{answer:?}");
    sentence
}

#[test]
fn no_folder_for_its_data() {
    // Root may write everywhere: a folder below a file can't be made, and below /proc no file.
    for folder in ["/dev/null/data", "/proc"] {
        let mut server = Server::on(Engine::Sqlite);
        server.set("DATA_DIR", folder);
        let answer = server.run(&["serve"], "");
        assert!(sentence(&answer).contains(folder), "{answer:?}");
    }
}

#[test]
fn a_setting_that_does_not_exist() {
    let server = Server::on(Engine::Sqlite);
    std::fs::write(server.folder().join("doorward.toml"), "listne = \"127.0.0.1:1\"\n").expect("a file");
    let answer = server.run(&["serve"], "");
    let said = sentence(&answer);
    assert!(said.contains("listne") && said.contains("doorward.toml"), "{said}");
    assert!(!server.data().exists(), "something was made all the same");
}

#[test]
fn a_setting_that_can_not_be() {
    let mut server = Server::on(Engine::Sqlite);
    server.set("LISTEN", "everywhere");
    let answer = server.run(&["serve"], "");
    assert!(sentence(&answer).contains("DOORWARD_LISTEN"), "{answer:?}");
}

#[test]
fn a_file_of_places_that_is_none() {
    let mut server = Server::on(Engine::Sqlite);
    let file = server.folder().join("places.mmdb");
    server.set("GEOIP_FILE", &file.display().to_string());
    for _ in 0..2 {
        let answer = server.run(&["serve"], "");
        let said = sentence(&answer);
        assert!(said.contains("places.mmdb") && said.contains("DOORWARD_GEOIP_FILE"), "{said}");
        let ill = server.run(&["doctor"], "");
        assert!(ill.status == 1 && ill.stdout.contains("places.mmdb"), "{ill:?}");
        // Missing the first time, nonsense the second.
        std::fs::write(&file, "Lyon").expect("a file");
    }
}

/// The master key's file is gone, with data under it present: no new one is made.
#[test]
fn the_master_key_is_gone() {
    let server = Server::on(Engine::Sqlite);
    server.json(&["org", "create", "acme"], "");
    std::fs::remove_file(server.data().join("master.key")).expect("it was made");
    let answer = server.run(&["serve"], "");
    assert!(sentence(&answer).contains("master.key"), "{answer:?}");
    assert!(!server.data().join("master.key").exists());
}

/// Whatever a stranger sends that is no request, the log stays as long as it was.
#[tokio::test]
async fn what_is_no_request_leaves_no_line_in_the_log() {
    use std::io::{Read as _, Write as _};
    let mut server = Server::on(Engine::Sqlite);
    server.set("LOG", "info,actix_http=off");
    server.start().await;
    let address = server.address().trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let lines = || server.log().lines().count();
    let before = lines();
    let endless = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(200_000));
    for noise in [
        "\u{16}\u{3}\u{1}hello",
        "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        endless.as_str(),
    ] {
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
        // The server may hang up before it has read all of it.
        let _sent = stream.write_all(noise.as_bytes());
        let _answer = stream.read_to_end(&mut Vec::new());
    }
    assert_eq!(lines(), before, "{}", server.log());
}

#[tokio::test]
async fn its_port_is_taken() {
    let mut first = Server::on(Engine::Sqlite);
    first.start().await;
    let mut second = Server::on(Engine::Sqlite);
    second.set("LISTEN", first.address().trim_start_matches("http://").replace("localhost", "127.0.0.1").as_str());
    // A new database and a new key are worth a line in the log.
    second.set("LOG", "warn");
    let answer = second.run(&["serve"], "");
    assert!(sentence(&answer).contains("listens on"), "{answer:?}");
}
