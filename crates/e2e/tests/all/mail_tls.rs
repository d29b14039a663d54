//! Letters by mail servers of all kinds, tried out as the operator does: with `doctor --mail`.

use e2e::database::Engine;
use e2e::mail::{MailServer, Mood, Tls};
use e2e::server::{Answer, Server};

const TO: &str = "ada@acme.example";

/// A server with its database, whose letters go to this URL; `trusting` the certificates of this file alone.
fn server(mail_url: &str) -> Server {
    let mut server = Server::on(Engine::Sqlite);
    server.set("MAIL_URL", mail_url);
    server.json(&["org", "create", "acme-corp"], "");
    server
}

fn doctor(server: &Server, mail: &MailServer, trusting: bool) -> Answer {
    let mut command = server.command(&["doctor", "--mail", TO]);
    if trusting {
        command.env("SSL_CERT_FILE", mail.authority());
    }
    Answer::of(command, "")
}

fn assert_refused(told: &Answer, words: &str) {
    assert!(told.status == 1 && told.stdout.contains(words), "{words}: {told:?}");
    assert!(!told.stdout.contains("ss:word") && !told.stdout.contains("p%40ss"), "{told:?}");
}

#[tokio::test]
async fn a_test_letter_arrives_by_starttls_and_by_tls_from_the_start() {
    for (tls, scheme, query, said) in [
        (Tls::Starttls, "smtp", "?tls=required", "STARTTLS: the certificate"),
        (Tls::Smtps, "smtps", "", "TLS from the start"),
    ] {
        let mail = MailServer::with(tls).await;
        let server = server(&format!("{scheme}://{}@{}{query}", MailServer::user(), mail.host()));
        let told = doctor(&server, &mail, true);
        assert_eq!(told.status, 0, "{told:?}");
        for words in
            ["answers on port", said, "User and password are accepted", "The letter is taken: 250", "is on its way"]
        {
            assert!(told.stdout.contains(words), "{tls:?}, {words}: {}", told.stdout);
        }
        let letter = mail.letter(TO, "A test letter").await;
        assert!(letter.message_id.starts_with('<') && letter.text.contains("There is nothing to do."), "{letter:?}");
    }
}

#[tokio::test]
async fn no_letter_goes_to_a_server_whose_certificate_nobody_trusts() {
    for (tls, scheme, query) in [
        (Tls::Starttls, "smtp", "?tls=required"),
        (Tls::Starttls, "smtp", "?tls=opportunistic"),
        (Tls::Smtps, "smtps", ""),
    ] {
        let mail = MailServer::with(tls).await;
        let server = server(&format!("{scheme}://{}@{}{query}", MailServer::user(), mail.host()));
        assert_refused(&doctor(&server, &mail, false), "certificate");
        assert_eq!(mail.letters().await.len(), 0);
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such() {
    let mail = MailServer::with(Tls::Starttls).await;
    let server = server(&format!("smtp://doorward:wrong@{}?tls=required", mail.host()));
    assert_refused(&doctor(&server, &mail, true), "535");
    assert_eq!(mail.letters().await.len(), 0);
}

#[tokio::test]
async fn without_starttls_nothing_goes_on_where_it_is_required() {
    let mail = MailServer::start().await;
    let required = server(&format!("smtp://{}?tls=required", mail.host()));
    assert_refused(&doctor(&required, &mail, false), "STARTTLS is not supported");
    assert_eq!(mail.letters().await.len(), 0);
    // This machine alone is spoken to in the clear without being asked for it.
    let local = server(&mail.url());
    let told = doctor(&local, &mail, false);
    assert!(told.status == 0 && told.stdout.contains("not encrypted, and is not meant to be"), "{told:?}");
    mail.letter(TO, "A test letter").await;
    let lenient = server(&format!("smtp://{}?tls=opportunistic", mail.host()));
    let told = doctor(&lenient, &mail, false);
    assert!(told.status == 0 && told.stdout.contains("offers no STARTTLS"), "{told:?}");
}

#[tokio::test]
async fn a_server_that_refuses_or_is_not_there_is_told_as_such() {
    let mut mail = MailServer::start().await;
    let server = server(&mail.url());
    mail.be(Mood::Refusing).await;
    assert_refused(&doctor(&server, &mail, false), "451");
    mail.stop();
    assert_refused(&doctor(&server, &mail, false), "refused");
}
