//! The letter that tells an account's owner of an approval.

use crate::stage::Stage;
use routes::url;

const OUTBOX: &str = "SELECT letter || ' ' || state || ' ' || recipient AS value FROM outbox";

testkit::both_engines! {
    async fn an_approval_posts_one_letter_and_a_denial_none(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, member) = (&stage.app, stage.app.signed_in(stage.acme.member).await);
        let mine = "SELECT payload AS value FROM outbox WHERE recipient = 'u1@acme.example'";
        let (wanted, unwanted) = (stage.acme.cd.begin(app).await, stage.acme.cd.begin(app).await);
        let review = member.review(&stage.acme.org, &unwanted.user_code).await;
        assert_eq!(member.decide(&stage.acme.org, &review, "deny").await.status, 303);
        assert_eq!(app.texts(mine).await.len(), 0);
        let review = member.review(&stage.acme.org, &wanted.user_code).await;
        assert_eq!(member.decide(&stage.acme.org, &review, "approve").await.status, 303);
        assert_eq!(member.decide(&stage.acme.org, &review, "approve").await.status, 409);
        assert_eq!(stage.acme.cd.poll(app, &wanted.device_code).await.status, 200);
        let payload = app.texts(mine).await;
        assert_eq!(payload.len(), 1, "{payload:?}");
        let secrets = [
            wanted.device_code.clone(),
            wanted.user_code.clone(),
            wanted.user_code.replace('-', ""),
            member.cookie("doorward_session").unwrap(),
            review.field_after(&url::device_decision(&stage.acme.org), "csrf_token"),
        ];
        for secret in secrets {
            assert!(!payload[0].contains(&secret), "{payload:?}");
        }
        for told in ["Acme CLI", "acme organization", "Know who you are", "127.0.0.1"] {
            assert!(payload[0].contains(told), "{told}: {payload:?}");
        }
    }

    async fn a_lease_just_taken_is_not_renewed_for_each_letter(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let app = &stage.app;
        let before = app.db.hops();
        app.send_letters("one").await;
        assert_eq!(app.letters().len(), 2);
        assert_eq!(app.db.hops() - before, 5, "looked, taken, each noted, given back");
    }

    async fn a_letter_goes_out_once(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let app = &stage.app;
        assert_eq!(app.letters().len(), 0);
        assert_eq!(app.texts(OUTBOX).await.len(), 2, "the stage's owners each approved a device");
        let _both = tokio::join!(app.send_letters("one"), app.send_letters("another"));
        app.send_letters("one").await;
        assert_eq!(app.letters().len(), 2);
        let mut rows = app.texts(OUTBOX).await;
        rows.sort();
        assert_eq!(rows, ["device_authorized sent ada@acme.example", "device_authorized sent ben@beta.example"]);
        app.wait(86_400);
        app.send_letters("another").await;
        let letters = app.letters();
        assert_eq!(letters.len(), 2, "never again");
        let adas = letters.iter().find(|letter| letter.line("To").contains("ada@acme.example")).unwrap();
        assert_eq!(adas.line("Subject"), "Acme CLI can now use acme organization as you");
        for part in [&adas.text, &adas.html] {
            for told in ["Acme CLI", "acme organization", "Know who you are", "127.0.0.1", &app.state.config.public_url.join(url::CONNECTIONS_FROM_LETTER)] {
                assert!(part.contains(told), "{told}: {part}");
            }
            assert_eq!(part.matches("http").count(), 1, "one link: {part}");
        }
    }
}
