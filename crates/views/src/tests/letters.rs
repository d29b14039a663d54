//! What letters hold, and what nobody can add to them.

use super::gallery::gallery;
use super::markup::tags;
use crate::Views;
use crate::letters::{AccountChanged, Advice, Invitation};
use crate::text::When;
use model::language::Language;

#[test]
fn letters_hold_what_they_should() {
    let letters = gallery().letters;
    let [usual, bare, ..] = &letters[..] else { panic!("{} letters", letters.len()) };
    assert_eq!(usual.rendered.subject, "Acme CLI can now use Acme Corp as you");
    assert_eq!(bare.rendered.subject, "An app that calls itself \"R&D <kiosk>\" can now use Acme Corp as you");
    assert!(bare.rendered.text.contains("R&D <kiosk> (unverified"), "{}", bare.rendered.text);
    assert!(bare.rendered.html.contains("R&amp;D &lt;kiosk&gt;"), "{}", bare.rendered.html);
    for part in [&usual.rendered.text, &usual.rendered.html] {
        for fact in [
            "Acme CLI",
            "Acme Corp",
            "198.51.100.23",
            "near Lyon",
            "18 November 2026, 11:06 UTC",
            "https://auth.acme.example/account/connections",
        ] {
            assert!(part.contains(fact), "{fact} is not in {part}");
        }
    }
    assert!(tags(&usual.rendered.html).iter().all(|tag| tag.attribute("style").is_none() && tag.name != "img"));
}

#[test]
fn a_name_cannot_add_a_line_or_markup_to_a_letter() {
    for letter in gallery().letters {
        assert!(!letter.hostile.subject.contains(['\n', '\r', '\u{202e}']), "{}", letter.hostile.subject);
        // The letter that asks about a sign-in has such a line of its own.
        let approving = |text: &str| text.lines().filter(|line| line.starts_with("Approve Login:")).count();
        assert_eq!(approving(&letter.hostile.text), approving(&letter.rendered.text), "{}", letter.hostile.text);
        assert_eq!(letter.hostile.text.lines().count(), letter.rendered.text.lines().count());
        assert!(!letter.hostile.html.contains("<script"), "{}", letter.hostile.html);
    }
}

#[test]
fn a_letter_about_an_account_says_what_has_happened_and_what_to_do() {
    let letters = gallery().letters;
    let subjects: std::collections::BTreeSet<&str> = letters
        .iter()
        .filter(|letter| letter.values.get("change").is_some())
        .map(|letter| {
            for part in [&letter.rendered.text, &letter.rendered.html] {
                assert!(part.contains("18 November 2026, 11:06 UTC"), "{part}");
                // What can't be undone by the account's own pages names whom to write to.
                let url = letter.values["advice"]["url"].as_str();
                assert!(part.contains(url.unwrap_or("whoever runs the server")), "{part}");
                if let Some(name) = letter.values["passkey"].as_str() {
                    assert!(part.contains(name), "{name} is not in {part}");
                }
                assert_eq!(part.matches("https://").count(), usize::from(url.is_some()), "one link at most: {part}");
            }
            letter.rendered.subject.as_str()
        })
        .collect();
    assert_eq!(subjects.len(), 16, "each change has a subject of its own: {subjects:?}");
}

#[test]
fn a_name_is_no_link_in_a_letter() {
    let views = Views::new().unwrap();
    let now = model::time::Timestamp::from_seconds(1_795_000_000);
    for (name, said) in [
        ("https://evil.example/pay", "https: //evil. example/pay"),
        ("Go to www.evil.example", "Go to www. evil. example"),
        ("security@evil.example", "security@evil. example"),
        ("evil\u{3002}example", "evil\u{3002} example"),
        ("192.0.2.7/pay", "192. 0. 2. 7/pay"),
        ("Acme 2.0, Inc.", "Acme 2.0, Inc."),
        ("J. R. Hartley", "J. R. Hartley"),
    ] {
        let invitation = Invitation {
            organization: name.to_owned(),
            accent: "transparent".to_owned(),
            inviter: name.to_owned(),
            inviter_email: "ada@acme.example".to_owned(),
            role: "member".to_owned(),
            url: "https://auth.acme.example/invitations/x".to_owned(),
            until: When::coming(now, now),
            public_host: "auth.acme.example".to_owned(),
        };
        let changed = AccountChanged {
            user_name: name.to_owned(),
            change: crate::say::letter_identity_linked(),
            lead: crate::say::letter_identity_linked_lead("auth.acme.example", name),
            advice: Advice::Remove { url: "https://auth.acme.example/account/security".to_owned() },
            passkey: None,
            changed: When::past(now, now),
            ip: Some("192.0.2.7".to_owned()),
            place: None,
            program: Some("curl/8.5".to_owned()),
            public_host: "auth.acme.example".to_owned(),
        };
        for language in Language::ALL {
            let invited = views.letter(&invitation, language).unwrap();
            let linked = views.letter(&changed, language).unwrap();
            for part in [&invited.subject, &invited.text, &linked.text] {
                assert!(part.contains(said), "{said} is not in {part}");
                assert!(name == said || !part.contains(name), "{name} is in {part}");
            }
            for (letter, part) in [(&invitation.url, &invited.text), (&invitation.inviter_email, &invited.text)] {
                assert!(part.contains(letter.as_str()), "what is ours stays: {part}");
            }
            assert!(linked.text.contains("192.0.2.7") && linked.text.contains("curl/8.5"), "{}", linked.text);
        }
    }
}
