use super::*;
use crate::{Envelope, Mailbox, MessageId};
use model::time::Timestamp;
use scripted::{Line, Scripted};
use std::fmt::Write as _;
use std::sync::Arc;

#[path = "scripted.rs"]
mod scripted;

fn message() -> Message {
    let envelope = Envelope {
        message_id: MessageId::new("019a0000-0000-7000-8000-000000000001".parse().unwrap(), "login.acme.example"),
        date: Timestamp::from_seconds(1_793_631_600),
        from: Mailbox::parse("Doorward <no-reply@acme.example>").unwrap(),
        to: Mailbox::address("ada@acme.example").unwrap(),
        subject: "Hello".to_owned(),
        text: "first\n.a line with a dot\n".to_owned(),
        html: "<p>second</p>".to_owned(),
    };
    envelope.message().unwrap()
}

fn smtp(server: &Scripted) -> Smtp {
    let server = Server { host: "127.0.0.1".to_owned(), port: server.port(), tls: Tls::None, login: None };
    let short = Duration::from_millis(300);
    let patience = Patience { connect: short, command: short, hand_over: short, farewell: Duration::from_millis(50) };
    Smtp { patience, ..Smtp::new(server) }
}

fn tls_required() -> Tls {
    Tls::Required(lettre::transport::smtp::client::TlsParameters::new("127.0.0.1".to_owned()).unwrap())
}

fn problem(script: &[(&'static str, Line)]) -> SendProblem {
    smtp(&Scripted::start(script)).send(&message()).expect_err("a problem")
}

#[test]
fn a_letter_arrives_as_it_was_written() {
    let server = Scripted::start(&[]);
    smtp(&server).send(&message()).unwrap();
    let seen = server.seen();
    assert!(seen[0].starts_with("EHLO "), "{seen:?}");
    assert_eq!(seen[1..4], ["MAIL FROM:<no-reply@acme.example>", "RCPT TO:<ada@acme.example>", "DATA"]);
    assert_eq!(seen[4].replace("\n..", "\n.").trim_end(), String::from_utf8(message().formatted()).unwrap().trim_end());
    assert!(seen[4].contains("\n..a line with a dot"), "a line's first dot is doubled: {}", seen[4]);
}

#[test]
fn who_is_to_blame_decides_whether_to_try_again() {
    // What the server says to which step → permanent, server-wide.
    for (step, answer, permanent, server_wide) in [
        ("RCPT", "550 5.1.1 no such mailbox", true, false),
        ("RCPT", "551 not here", true, false),
        ("RCPT", "451 4.7.1 greylisted, come again", false, false),
        ("RCPT", "452 mailbox full", false, false),
        ("RCPT", "421 closing", false, true),
        ("RCPT", "530 authentication required", false, true),
        ("RCPT", "554 5.7.1 relay access denied", false, true),
        ("MAIL", "550 sender refused", false, true),
        ("MAIL", "451 later", false, true),
        ("DATA", "554 no valid recipients", true, false),
        (".", "554 5.6.0 content refused", true, false),
        (".", "451 can't store it", false, false),
        ("greeting", "554 no service here", false, true),
        ("EHLO", "550 not you", false, true),
    ] {
        let problem = problem(&[(step, Line::Say(answer))]);
        assert_eq!((problem.permanent, problem.server_wide), (permanent, server_wide), "{step} {answer}: {problem:?}");
        assert!(problem.what.contains(answer.get(..3).unwrap()), "{step} {answer}: {problem:?}");
    }
}

#[test]
fn a_server_that_stalls_or_hangs_up_is_tried_again() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for line in [Line::Stall, Line::HangUp] {
            let problem = problem(&[(step, line)]);
            assert_eq!((problem.permanent, problem.server_wide), (false, true), "{step} {line:?}: {problem:?}");
        }
    }
}

#[test]
fn nobody_listens() {
    let server = Scripted::start(&[]);
    let smtp = smtp(&server);
    server.stop();
    let problem = smtp.send(&message()).unwrap_err();
    assert_eq!((problem.permanent, problem.server_wide), (false, true), "{problem:?}");
}

#[test]
fn without_starttls_nothing_is_told() {
    let server = Scripted::start(&[("EHLO", Line::Say("250-mail.test\r\n250 AUTH PLAIN LOGIN"))]);
    let mut smtp = smtp(&server);
    smtp.server.tls = tls_required();
    smtp.server.login = Some(Credentials::new("ada".to_owned(), "hunter2".to_owned()));
    let problem = smtp.send(&message()).unwrap_err();
    assert_eq!((problem.permanent, problem.server_wide), (false, true), "{problem:?}");
    assert!(problem.what.contains("STARTTLS"), "{problem:?}");
    assert!(server.seen().iter().all(|line| line.starts_with("EHLO ") || line == "QUIT"), "{:?}", server.seen());
}

#[test]
fn after_a_starttls_that_leads_to_no_tls_nothing_is_told() {
    let server = Scripted::start(&[
        ("EHLO", Line::Say("250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN")),
        ("STARTTLS", Line::Say("220 go on")),
    ]);
    let mut smtp = smtp(&server);
    smtp.server.tls = tls_required();
    smtp.server.login = Some(Credentials::new("ada".to_owned(), "hunter2".to_owned()));
    let problem = smtp.send(&message()).unwrap_err();
    assert_eq!((problem.permanent, problem.server_wide), (false, true), "{problem:?}");
    let told = server.seen();
    assert!(!told.iter().any(|line| line.contains("AUTH") || line.contains("MAIL")), "{told:?}");
}

#[test]
fn a_refused_password_is_no_fault_of_the_letter() {
    let server = Scripted::start(&[
        ("EHLO", Line::Say("250-mail.test\r\n250 AUTH PLAIN")),
        ("AUTH", Line::Say("535 5.7.8 wrong")),
    ]);
    let mut smtp = smtp(&server);
    smtp.server.login = Some(Credentials::new("ada".to_owned(), "hunter2".to_owned()));
    let problem = smtp.send(&message()).unwrap_err();
    assert_eq!((problem.permanent, problem.server_wide), (false, true), "{problem:?}");
    // RFC 4616: nothing, NUL, user, NUL, password.
    assert!(server.seen().contains(&"AUTH PLAIN AGFkYQBodW50ZXIy".to_owned()), "{:?}", server.seen());
}

#[test]
fn whoever_watches_is_told_each_step_and_no_secret() {
    let script = [
        ("EHLO", Line::Say("250-mail.test\r\n250 AUTH PLAIN")),
        ("AUTH", Line::Say("235 welcome")),
        (".", Line::Say("250-2.0.0 queued\r\n250 as 4711")),
    ];
    let server = Scripted::start(&script);
    let mut smtp = smtp(&server);
    smtp.server.login = Some(Credentials::new("ada".to_owned(), "hunter2".to_owned()));
    let mut steps = Vec::new();
    smtp.send_telling(&message(), &mut |step| steps.push(step)).unwrap();
    let expected = [
        &format!("127.0.0.1 answers on port {} and greets.", server.port()),
        "The connection is not encrypted, and is not meant to be.",
        "User and password are accepted.",
        "The sender no-reply@acme.example is accepted.",
        "The recipient ada@acme.example is accepted.",
        "The letter is taken: 250 2.0.0 queued as 4711",
    ];
    assert_eq!(steps, expected);
    let refusing = Scripted::start(&[("RCPT", Line::Say("550 5.1.1 no such mailbox"))]);
    let mut steps = Vec::new();
    let problem = self::smtp(&refusing).send_telling(&message(), &mut |step| steps.push(step)).unwrap_err();
    assert!(steps.len() == 3 && steps[2].contains("sender"), "{steps:?}");
    assert!(problem.what.contains("no such mailbox"), "{problem:?}");
}

#[test]
fn a_connection_serves_several_letters_until_it_is_closed() {
    let server = Scripted::start(&[]);
    let smtp = smtp(&server);
    for _ in 0..3 {
        smtp.send(&message()).unwrap();
    }
    assert_eq!(server.connections(), 1);
    smtp.rest();
    assert_eq!(server.seen().last().map(String::as_str), Some("QUIT"));
    smtp.send(&message()).unwrap();
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_the_server_has_closed_is_opened_again() {
    let server = Scripted::start(&[("NOOP", Line::HangUp)]);
    let smtp = smtp(&server);
    smtp.send(&message()).unwrap();
    smtp.send(&message()).unwrap();
    assert_eq!(server.connections(), 2);
}

#[derive(Clone, Default)]
struct Overheard(Arc<Mutex<String>>);

impl tracing::Subscriber for Overheard {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut log = self.0.lock().unwrap();
        event.record(&mut |field: &tracing::field::Field, value: &dyn fmt::Debug| {
            write!(log, "{field}={value:?} ").unwrap();
        });
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn the_log_holds_neither_passwords_nor_letters() {
    let overheard = Overheard::default();
    let server =
        Scripted::start(&[("EHLO", Line::Say("250-mail.test\r\n250 AUTH PLAIN")), ("AUTH", Line::Say("235 welcome"))]);
    let mut smtp = smtp(&server);
    smtp.server.login = Some(Credentials::new("ada".to_owned(), "hunter2".to_owned()));
    dispatcher::with_default(&Dispatch::new(overheard.clone()), || {
        tracing::debug!("the log is open");
        smtp.send(&message()).unwrap();
        smtp.rest();
    });
    assert!(server.seen().contains(&"DATA".to_owned()), "a letter was sent");
    assert_eq!(*overheard.0.lock().unwrap(), "message=the log is open ");
}
