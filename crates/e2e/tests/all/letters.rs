//! Letters through a mail server, good days and bad.

use std::time::Duration;

use e2e::acme::{Acme, EMAIL, SCOPE};
use e2e::database::Engine;
use e2e::mail::{Letter, MailServer, Mood};
use e2e::server::Server;

const SUBJECT: &str = "Acme CLI";

on_both_engines!(a_device_was_authorized);

/// Acme with a mail server, and its owner's browser, signed in.
async fn acme_with_mail(engine: Engine) -> (Acme, MailServer, e2e::form_browser::FormBrowser) {
    let mail = MailServer::start().await;
    let mut server = Server::on(engine);
    server.set("MAIL_URL", &mail.url());
    let mut acme = Acme::in_server(server);
    acme.server.start().await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    (acme, mail, browser)
}

async fn approve_one(acme: &Acme, browser: &mut e2e::form_browser::FormBrowser) {
    let code = acme.device().begin(SCOPE).await;
    acme.approve(browser, code["user_code"].as_str().expect("a user code")).await;
}

/// The letters about approvals; the sign-in before has one too.
async fn approvals(mail: &MailServer) -> Vec<Letter> {
    mail.letters().await.into_iter().filter(|letter| letter.subject.contains(SUBJECT)).collect()
}

/// The one letter, after time enough for a second one.
async fn only_letter(mail: &MailServer) -> Letter {
    let letter = mail.letter(EMAIL, SUBJECT).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(approvals(mail).await.len(), 1);
    letter
}

async fn a_device_was_authorized(engine: Engine) {
    let (mut acme, mail, mut browser) = acme_with_mail(engine).await;
    approve_one(&acme, &mut browser).await;
    let letter = only_letter(&mail).await;
    assert_eq!(letter.to, [EMAIL]);
    for part in [&letter.text, &letter.html] {
        for fact in ["Acme CLI", "Acme Corp", &format!("{}/account/connections", acme.server.url())] {
            assert!(part.contains(fact), "{fact}: {part}");
        }
    }
    // A restart sends nothing again.
    acme.server.kill();
    acme.server.start().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(approvals(&mail).await.len(), 1);
}

/// Nobody greets the server: the page is there while it waits, and the letter goes out afterwards.
#[tokio::test]
async fn case_57_no_page_waits_for_a_mail_server_that_stalls() {
    let (acme, mail, mut browser) = acme_with_mail(Engine::Sqlite).await;
    mail.be(Mood::Stalling).await;
    approve_one(&acme, &mut browser).await;
    e2e::wait::until("the letter to be under way", async || (mail.kept_waiting().await > 0).then_some(())).await;
    // Another approval, right in the middle.
    approve_one(&acme, &mut browser).await;
    assert!(mail.kept_waiting().await > 0, "the pages waited for the mail server");
    mail.be(Mood::Accepting).await;
    e2e::wait::until("both letters", async || (approvals(&mail).await.len() == 2).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let letters = approvals(&mail).await;
    assert_eq!(letters.len(), 2);
    assert_ne!(letters[0].message_id, letters[1].message_id);
}

/// It refuses every letter, then is not there at all: the letter is kept, over a restart too, and goes out once.
#[tokio::test]
async fn case_57_a_letter_outlives_a_mail_server_that_refuses_and_goes_away() {
    let (mut acme, mut mail, mut browser) = acme_with_mail(Engine::Sqlite).await;
    mail.be(Mood::Refusing).await;
    approve_one(&acme, &mut browser).await;
    let waiting = |acme: &Acme| {
        acme.server.ask(
            "SELECT count(*) FROM outbox WHERE letter = 'device_authorized' AND state = 'waiting' AND attempts > 0",
        )
    };
    e2e::wait::until("the refusal to be noted", async || (waiting(&acme) == "1").then_some(())).await;
    mail.stop();
    acme.server.kill();
    acme.server.start().await;
    mail.start_again().await;
    only_letter(&mail).await;
    assert_eq!(
        acme.server.ask("SELECT count(*) FROM outbox WHERE letter = 'device_authorized' AND state = 'sent'"),
        "1"
    );
}
