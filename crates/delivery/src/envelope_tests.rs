use super::*;

fn envelope() -> Envelope {
    Envelope {
        message_id: MessageId::new("019a0000-0000-7000-8000-000000000001".parse().unwrap(), "login.acme.example"),
        date: Timestamp::from_seconds(1_793_631_600),
        from: Mailbox::parse("Doorward <no-reply@login.acme.example>").unwrap(),
        to: Mailbox::address("ada@acme.example").unwrap(),
        subject: "You authorized Acme CLI".to_owned(),
        text: "Hello Ada\n".to_owned(),
        html: "<p>Hello Ada</p>".to_owned(),
    }
}

fn written(envelope: &Envelope) -> String {
    String::from_utf8(envelope.message().unwrap().formatted()).unwrap()
}

fn headers(envelope: &Envelope) -> String {
    written(envelope).split_once("\r\n\r\n").unwrap().0.to_owned()
}

#[test]
fn a_message_holds_what_programs_look_for() {
    let text = written(&envelope());
    let lines: Vec<_> = text.split("\r\n").collect();
    for expected in [
        "Message-ID: <019a0000-0000-7000-8000-000000000001@login.acme.example>",
        "Date: Mon, 02 Nov 2026 15:00:00 +0000",
        "From: Doorward <no-reply@login.acme.example>",
        "To: ada@acme.example",
        "Subject: You authorized Acme CLI",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Hello Ada",
        "Content-Type: text/html; charset=utf-8",
        "<p>Hello Ada</p>",
    ] {
        assert!(lines.contains(&expected), "{expected} in {text}");
    }
    assert!(text.contains("Content-Type: multipart/alternative;"), "{text}");
    assert!(text.find("text/plain") < text.find("text/html"), "the part that is preferred comes last");
}

#[test]
fn a_letter_is_the_same_bytes_each_time() {
    assert_eq!(written(&envelope()), written(&envelope()));
}

#[test]
fn nothing_in_a_letter_adds_a_header() {
    let usual = headers(&envelope()).lines().count();
    let hostile = Envelope {
        message_id: MessageId::new(envelope().message_id.letter(), "login.acme.example>\r\nBcc: eve@evil.example"),
        from: Mailbox::parse("Door\r\nBcc: eve@evil.example <no-reply@acme.example>").unwrap(),
        subject: "Hello\r\nBcc: eve@evil.example\r\n\r\nbody".to_owned(),
        ..envelope()
    };
    let headers = headers(&hostile);
    assert!(headers.lines().all(|line| !line.starts_with("Bcc")), "{headers}");
    assert!(headers.lines().count() <= usual + 2, "but for folded lines: {headers}");
    let message = hostile.message().unwrap();
    assert_eq!(message.envelope().to().len(), 1);
}

#[test]
fn only_one_plain_address_is_an_address() {
    for bad in [
        "",
        "ada",
        "ada@",
        "@acme.example",
        "ada@acme.example, eve@evil.example",
        "ada@acme.example\r\nRCPT TO:<eve@evil.example>",
        "ada@acme.example>\r\n",
        "Ada <ada@acme.example>",
        "\"a\r\nb\"@acme.example",
        "ada @acme.example",
        "ada@acme .example",
    ] {
        assert_eq!(Mailbox::address(bad), Err(NotAMailbox), "{bad:?}");
    }
    for good in ["ada@acme.example", "ada+cli@acme.example", "no-reply@localhost"] {
        assert_eq!(Mailbox::address(good).unwrap().0.email.to_string(), good);
    }
}

#[test]
fn an_international_domain_is_written_in_ascii() {
    assert_eq!(Mailbox::address("ada@bücher.example").unwrap().0.email.to_string(), "ada@xn--bcher-kva.example");
}

#[test]
fn operators_write_names_too() {
    let named = Mailbox::parse("\"Acme, Inc.\" <no-reply@acme.example>").unwrap();
    let headers = headers(&Envelope { from: named, ..envelope() });
    // A comma would part two mailboxes, so the name is an encoded word (RFC 2047).
    assert!(headers.contains("From: =?utf-8?b?QWNtZSwgSW5jLg==?= <no-reply@acme.example>"), "{headers}");
    assert!(Mailbox::parse("no-reply@acme.example").is_ok());
    assert_eq!(Mailbox::parse("Acme <nobody>"), Err(NotAMailbox));
    assert_eq!(Mailbox::parse("no-reply@acme.example>"), Err(NotAMailbox));
}

#[test]
fn a_date_that_no_header_can_tell_is_no_panic() {
    for millis in [i64::MIN, -1, i64::MAX] {
        assert!(envelope().message().is_ok());
        let extreme = Envelope { date: Timestamp::from_millis(millis), ..envelope() };
        assert!(headers(&extreme).contains("Date: "));
    }
}
