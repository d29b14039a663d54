//! Names that strangers choose are text, wherever they are shown.

use crate::page_form::PageForm;
use crate::stage::path;
use crate::stage::{PASSWORD, Stage};
use crate::support::{App, Browser};
use model::application::ClientKind;
use model::org::Role;
use routes::{Method, TABLE, url};

const NAME: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}";
const ESCAPED: &str = "&lt;script&gt;alert(1)&lt;";

/// That a page shows the name as it is.
fn assert_escaped(text: &str, what: &str) {
    assert!(
        !text.contains("<script>alert") && !text.contains("<img src=x") && !text.contains("\"'><img"),
        "{what}: {text}"
    );
    assert!(!text.contains("> 49") && !text.contains(">49"), "{what}: {text}");
}

async fn renamed(stage: &Stage) -> App {
    // The organization and the user are called so too.
    stage
        .app
        .write(move |conn| {
            let quoted = NAME.replace('\'', "''");
            conn.execute_sql(&format!("UPDATE organizations SET name = '{quoted}'; UPDATE users SET name = '{quoted}'"))
        })
        .await;
    stage.app.app(&stage.acme.org, ClientKind::Public, |settings| NAME.clone_into(&mut settings.name)).await
}

async fn get(browser: &Browser<'_>, path: &str, shows_it: bool) -> String {
    let answer = browser.get(path).await;
    assert_escaped(&answer.text, path);
    assert_eq!(answer.text.contains(ESCAPED), shows_it, "{path}: {} {}", answer.status, answer.text);
    answer.text
}

testkit::both_engines! {
    async fn case_50_a_name_is_text_on_every_page_and_in_the_letter(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme.org);
        let cd = renamed(&stage).await;
        let ada = stage.ada().await;
        app.send_letters("before").await;
        let sent = app.letters().len();

        let codes = cd.begin(app).await;
        let review = ada.review(acme, &codes.user_code).await;
        assert_escaped(&review.text, "review");
        assert_eq!(review.text.matches(ESCAPED).count(), 4, "title, mark, app and organization: {}", review.text);
        let without_tick = ada.submit(&PageForm::to(&review, &url::device_decision(acme)).with("decision", "approve")).await;
        assert!(without_tick.status == 400 && without_tick.text.contains(ESCAPED));
        assert_escaped(&without_tick.text, "review again");
        let decided = ada.decide(acme, &review, "approve").await;
        get(&ada, decided.location(), true).await;
        assert_eq!(cd.poll(app, &codes.device_code).await.status, 200);
        let live = cd.begin(app).await;
        let review = ada.review(acme, &live.user_code).await;
        let denied = ada.decide(acme, &review, "deny").await;
        get(&ada, denied.location(), true).await;
        cd.begin(app).await;

        for (path, shows_it) in [
            (url::CONNECTIONS.to_owned(), true),
            (url::ORGANIZATIONS.to_owned(), true),
            (url::device(acme), true),
            (url::device_with_code(acme, NAME), true),
            (url::portal_applications(acme), true),
            (url::portal_new_application(acme), true),
            (url::portal_application(acme, cd.id), true),
            (url::portal_devices(acme), true),
        ] {
            get(&ada, &path, shows_it).await;
        }
        let guest = app.browser();
        get(&guest, &url::device(acme), true).await;
        get(&guest, &url::login_to(&url::device(acme)), true).await;
        get(&guest, &url::login_to(&format!("/orgs/acme/{}", NAME.replace(' ', "+"))), true).await;
        let typed = guest.sign_in(NAME, PASSWORD).await;
        assert_escaped(&typed.text, "what was typed as an address");
        assert!(typed.text.contains(ESCAPED), "{}", typed.text);
        // Every other page that there is.
        for spec in TABLE.iter().filter(|spec| spec.method == Method::Get && spec.html) {
            assert_escaped(&ada.get(&path(spec, acme, &stage.acme)).await.text, spec.pattern);
        }

        app.send_letters("after").await;
        let letters = app.letters();
        assert_eq!(letters.len(), sent + 1);
        let letter = letters.iter().find(|letter| letter.text.contains("alert(1)")).unwrap();
        assert_escaped(&letter.html, "the letter");
        assert!(letter.html.matches(ESCAPED).count() >= 3, "app, organization and user: {}", letter.html);
        assert!(letter.text.contains(NAME), "plain text is as it is: {}", letter.text);
    }

    async fn a_name_never_breaks_out_of_a_letters_header(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        stage.app.write(|conn| {
            conn.execute_sql("UPDATE organizations SET name = 'Acme\r\nBcc: eve@evil.example\r\n\r\n<b>'")
        }).await;
        stage.app.send_letters("before").await;
        let before = stage.app.letters().len();
        let user = stage.app.user("new@acme.example", &[(&stage.acme.org, Role::Member)]).await;
        let browser = stage.app.signed_in(user).await;
        browser.approve(&stage.acme.org, &stage.acme.cd.begin(&stage.app).await.user_code).await;
        stage.app.send_letters("after").await;
        let letters = stage.app.letters();
        assert_eq!(letters.len(), before + 1);
        for letter in letters {
            assert!(!letter.header.contains("\nBcc"), "{}", letter.header);
        }
    }
}
