//! The tests' own mail server, as a check of the harness: letters arrive, and its moods are felt.

use std::time::Duration;

use e2e::mail::{MailServer, Mood};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use url::Url;

/// Brings a letter by hand; the answer to the last thing said.
async fn bring(mail: &MailServer) -> String {
    let url = Url::parse(&mail.url()).expect("an address");
    let stream = TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).await.expect("a connection");
    let mut stream = BufReader::new(stream);
    let mut answer = String::new();
    stream.read_line(&mut answer).await.expect("a greeting");
    let letter = "Subject: =?utf-8?q?Caf=C3=A9?=\r\nMessage-ID: <1@doorward>\r\n\r\nApprove Login: here\r\n.";
    for line in ["HELO test", "EHLO test", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA", letter] {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.expect("a connection");
        answer.clear();
        // An answer's last line has a space after its number.
        while answer.as_bytes().get(3) != Some(&b' ') {
            answer.clear();
            assert!(stream.read_line(&mut answer).await.expect("an answer") > 0, "hung up after {line}");
        }
    }
    answer
}

#[tokio::test]
async fn keeps_letters_and_has_moods() {
    let mut mail = MailServer::start().await;
    assert!(bring(&mail).await.starts_with("250"));
    let letter = mail.letter("c@d.example", "Café").await;
    assert_eq!((letter.from.as_str(), letter.message_id.as_str()), ("a@b.example", "<1@doorward>"));
    assert!(letter.text.contains("Approve Login: here"), "{letter:?}");

    mail.be(Mood::Refusing).await;
    assert!(bring(&mail).await.starts_with("451"));

    mail.be(Mood::Stalling).await;
    assert!(tokio::time::timeout(Duration::from_millis(500), bring(&mail)).await.is_err());
    mail.be(Mood::Accepting).await;
    assert!(bring(&mail).await.starts_with("250"));
    assert_eq!(mail.letters().await.len(), 2);

    mail.stop();
    let url = Url::parse(&mail.url()).expect("an address");
    assert!(TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).await.is_err());
    mail.start_again().await;
    assert!(mail.letters().await.is_empty());
}
