use super::*;

fn sentence(url: &str) -> String {
    match Transport::from_url(url) {
        Ok(transport) => panic!("{url} was taken: {transport:?}"),
        Err(problem) => problem.to_string(),
    }
}

/// Port and encryption, as `Debug` shows them.
fn shown(url: &str) -> String {
    let shown = format!("{:?}", Transport::from_url(url).unwrap_or_else(|problem| panic!("{url}: {problem}")));
    let from = shown.find("port").unwrap_or_default();
    shown[from..].trim_end_matches(", .. })").to_owned()
}

#[test]
fn starttls_is_required_unless_the_url_says_otherwise_or_stays_here() {
    for (url, expected) in [
        ("smtp://mail.acme.example", r#"port: 587, tls: "required", login: false"#),
        ("smtp://mail.acme.example:25", r#"port: 25, tls: "required", login: false"#),
        ("smtp://ada:secret@mail.acme.example?tls=required", r#"port: 587, tls: "required", login: true"#),
        ("smtp://mail.acme.example?tls=opportunistic", r#"port: 25, tls: "opportunistic", login: false"#),
        ("smtp://ada:secret@mail.acme.example:2525/?tls=none", r#"port: 2525, tls: "none", login: true"#),
        ("smtps://ada:secret@mail.acme.example", r#"port: 465, tls: "from the start", login: true"#),
        ("smtp://localhost:1025", r#"port: 1025, tls: "none", login: false"#),
        ("smtp://127.0.0.1", r#"port: 25, tls: "none", login: false"#),
        ("smtp://[::1]:2500", r#"port: 2500, tls: "none", login: false"#),
        ("smtp://localhost?tls=required", r#"port: 587, tls: "required", login: false"#),
        ("smtp://10.0.0.5", r#"port: 587, tls: "required", login: false"#),
        ("smtp://localhost.acme.example", r#"port: 587, tls: "required", login: false"#),
    ] {
        assert_eq!(shown(url), expected, "{url}");
    }
}

#[test]
fn a_bad_url_is_told_in_a_sentence_without_the_password() {
    for (url, word) in [
        ("", "can't be read"),
        ("mail.acme.example", "can't be read"),
        ("http://ada:hunter2@mail.acme.example", "smtp://"),
        ("smtp:", "no host"),
        ("smtp://ada:hunter2@", "can't be read"),
        ("smtp://ada@mail.acme.example", "both a user and a password"),
        ("smtp://:hunter2@mail.acme.example", "both a user and a password"),
        ("smtp://ada:hunter2@mail.acme.example/inbox", "after the host"),
        ("smtp://ada:12#hunter2@mail.acme.example", "after the host"),
        ("smtp://ada:hunter2@mail.acme.example?tls=maybe", "tls=required"),
        ("smtp://ada:12?hunter2@mail.acme.example", "tls=required"),
        ("smtp://ada:hunter2@mail.acme.example?tls=none&tls=required", "tls=required"),
        ("smtps://ada:hunter2@mail.acme.example?tls=none", "takes none"),
        ("smtp://ada:hunter2%zz@mail.acme.example", "%25"),
        ("smtp://ada:hunter2%0d%0a@mail.acme.example", "%25"),
        ("smtp://ada:hunter2@mail.acme.example:99999", "can't be read"),
        ("smtp://ada:hunter2/@mail.acme.example", "can't be read"),
        ("smtp://ada:hunter2@mail.acme.example?tls=opportunistic", "tls=required"),
        ("smtp://ma il.acme.example", "can't be read"),
        ("file://relative/folder", "absolute"),
        ("file:///folder?x=1", "absolute"),
        ("file://", "absolute"),
    ] {
        let sentence = sentence(url);
        assert!(sentence.contains(word), "{url}: {sentence}");
        assert!(sentence.ends_with('.'), "{url}: {sentence}");
        assert!(!sentence.contains("hunter2"), "{url}: {sentence}");
    }
}

#[test]
fn a_transport_does_not_show_its_password() {
    let transport = Transport::from_url("smtp://ada:hunter2@mail.acme.example").unwrap();
    let shown = format!("{transport:?} {transport:#?}");
    assert!(!shown.contains("hunter2") && shown.contains("mail.acme.example"), "{shown}");
}
