//! What people do with their own accounts: where they are signed in, which browsers are known, name, address, the end.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{PASSWORD, invited};
use crate::support::{App, Browser, TestApp};
use model::id::{OrgId, UserId};
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use routes::url;
use serde_json::Value;
use testkit::Scratch;

const ADA: &str = "ada@acme.example";
const BEN: &str = "ben@acme.example";
const NEW: &str = "ada@new.example";

struct Scene {
    app: TestApp,
    acme: OrgId,
    cd: App,
    ada: UserId,
}

async fn scene(engine: Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
    app.user_with_password(BEN, PASSWORD, &[(&acme, Role::Owner)]).await;
    let cd = app.device_app(&acme).await;
    Scene { app, acme, cd, ada }
}

/// The form of a page that posts there.
async fn form(browser: &Browser<'_>, page: &str, action: &str) -> PageForm {
    PageForm::to(&browser.get(page).await, action)
}

/// Asks for a letter to another address, and gives the path that it leads to.
async fn ask(app: &TestApp, browser: &Browser<'_>, email: &str) -> String {
    app.wait(1);
    let asked = browser.submit(&form(browser, url::PROFILE, url::PROFILE_EMAIL).await.with("email", email)).await;
    assert_eq!(asked.location(), url::after(url::PROFILE, "letter"), "{}", asked.text);
    app.letter_to(email).await.link(app, "Use this address")
}

fn page_of(link: &str) -> &str {
    link.strip_suffix("?from=letter").unwrap()
}

testkit::both_engines! {
    async fn sessions_are_listed_and_end_at_once(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let (here, phone, television) = (app.signed_in(ada).await, app.signed_in(ada).await, app.signed_in(ada).await);
        let ben = app.browser();
        assert_eq!(ben.sign_in(BEN, PASSWORD).await.status, 303);
        let page = here.get(url::SESSIONS).await;
        assert_eq!(page.text.matches("Test browser").count(), 3, "{}", page.text);
        assert_eq!(page.text.matches("this browser").count(), 1);
        // Somebody else's form is none of theirs, and their session none of this account.
        let ends: Vec<_> = PageForm::all(&page.text).into_iter().filter(|form| form.action.ends_with("/end")).collect();
        let one = ends.iter().find(|form| form.action != url::END_OTHER_SESSIONS).unwrap();
        assert_eq!(ben.submit(one).await.status, 403);
        let now = app.clock.moment().now();
        let bens = app
            .write(move |conn| {
                let (user, _) = store::tables::users::by_email(conn, BEN)?.unwrap();
                store::tables::sessions::of_user(conn, user.id, now)
            })
            .await;
        let id = bens[0].session.id;
        let theirs = PageForm {
            action: url::end_session(id),
            fields: vec![("csrf_token".to_owned(), here.token_for(("session-end", &id.to_string())))],
        };
        assert_eq!(here.submit(&theirs).await.location(), url::after(url::SESSIONS, "0"));
        assert!(ben.is_signed_in().await);
        let ended = here.submit(one).await;
        assert_eq!(ended.location(), url::after(url::SESSIONS, "1"));
        assert!(here.get(ended.location()).await.text.contains("1 session is ended."));
        let left = [phone.is_signed_in().await, television.is_signed_in().await];
        assert_eq!(left.iter().filter(|left| **left).count(), 1, "one of them, and the other stays");
        let all = here.submit(&form(&here, url::SESSIONS, url::END_OTHER_SESSIONS).await).await;
        assert!(here.get(all.location()).await.text.contains("You are signed out everywhere else, and all apps and devices"));
        assert!(!phone.is_signed_in().await && !television.is_signed_in().await && here.is_signed_in().await);
        let none = here.submit(&form(&here, url::SESSIONS, url::END_OTHER_SESSIONS).await).await;
        assert_eq!(none.location(), all.location(), "nothing is left to end, and it is no other sentence");
        assert!(ben.is_signed_in().await);
    }

    async fn a_forgotten_browser_is_signed_out_and_has_to_be_approved_again(engine: Scratch) {
        let Scene { app, .. } = scene(engine).await;
        let (here, other) = (app.browser(), app.browser());
        assert_eq!(here.sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS);
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        app.wait(1);
        assert_eq!(other.sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS);
        app.set_new_device_policy(NewDevicePolicy::Unknown).await;
        let page = here.get(url::KNOWN_DEVICES).await;
        assert_eq!(page.text.matches("this browser").count(), 1, "{}", page.text);
        let one = |form: &PageForm| form.action.ends_with("/forget") && form.action != url::FORGET_DEVICES;
        let forms: Vec<_> = PageForm::all(&page.text).into_iter().filter(one).collect();
        assert_eq!(forms.len(), 2);
        // Those used last come first: the other one.
        assert_eq!(here.submit(&forms[0]).await.location(), url::after(url::KNOWN_DEVICES, "1"));
        assert!(here.is_signed_in().await && !other.is_signed_in().await);
        assert_eq!(here.submit(&forms[0]).await.location(), url::after(url::KNOWN_DEVICES, "0"), "once");
        assert_eq!(other.sign_in(ADA, PASSWORD).await.location(), url::NEW_DEVICE);
        // All of them, and the rule of the first browser does not come back.
        let all = form(&here, url::KNOWN_DEVICES, url::FORGET_DEVICES).await;
        assert_eq!(here.submit(&all).await.location(), url::after(url::KNOWN_DEVICES, "1"));
        assert!(here.is_signed_in().await, "never the browser that says so");
        assert!(here.get(url::KNOWN_DEVICES).await.text.contains("No browser is known"));
        let leave = form(&here, url::SESSIONS, url::LOGOUT).await;
        assert_eq!(here.submit(&leave).await.status, 303);
        assert_eq!(here.sign_in(ADA, PASSWORD).await.location(), url::NEW_DEVICE);
    }

    async fn name_and_language_are_the_accounts(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let profile = form(&browser, url::PROFILE, url::PROFILE).await;
        for (name, sentence) in [("  ", "Enter your name."), ("A\u{202e}da", "The name holds characters that can&#39;t be seen. Type it anew.")] {
            let answer = browser.submit(&profile.clone().with("name", name)).await;
            assert_eq!(answer.status, 400);
            assert!(answer.text.contains(sentence), "{}", answer.text);
        }
        let saved = browser.submit(&profile.clone().with("name", "<b>Ada</b>").with("language", "de")).await;
        assert_eq!(saved.location(), url::after(url::PROFILE, "saved"));
        let page = browser.get(saved.location()).await;
        assert!(page.text.contains("Ihr Profil ist gespeichert.") && page.text.contains("&lt;b&gt;Ada"), "{}", page.text);
        let row = "SELECT name || ' ' || language AS value FROM users WHERE email = 'ada@acme.example'";
        assert_eq!(app.texts(row).await, ["<b>Ada</b> de"]);
        // What is not spoken here is left to the browser.
        browser.submit(&profile.with("name", "Ada").with("language", "tlh")).await;
        assert!(browser.get(url::PROFILE).await.text.contains("Your e-mail") || browser.get(url::PROFILE).await.text.contains("Profile"));
        assert_eq!(app.numbers("SELECT count(*) AS value FROM users WHERE language IS NOT NULL").await, [0]);
    }

    async fn another_address_is_proven_by_its_letter_and_both_are_told(engine: Scratch) {
        let Scene { app, .. } = scene(engine).await;
        let browser = app.browser();
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS);
        let ben = app.browser();
        assert_eq!(ben.sign_in(BEN, PASSWORD).await.status, 303);
        // A way in that the old address has: it ends with it.
        let reset = app.browser();
        app.wait(1);
        reset.ask(url::RESET, url::RESET, ADA).await;
        let old_link = app.letter_to(ADA).await.link(&app, "New password");
        let link = ask(&app, &browser, NEW).await;
        assert!(browser.get(url::PROFILE).await.text.contains(NEW), "it says which letter is under way");
        let rows = Rows::of(&app).await;
        for reader in [&app.browser(), &ben, &browser] {
            reader.get(&link).await;
            reader.get(page_of(&link)).await;
        }
        rows.assert_unchanged(&app, "looking at the link").await;
        // Whoever reads the letter and is somebody else has nothing of it.
        assert_eq!(ben.get(page_of(&link)).await.status, 410);
        assert_eq!(app.browser().get(page_of(&link)).await.location(), url::login_to(page_of(&link)));
        let button = form(&browser, page_of(&link), page_of(&link)).await;
        let token = page_of(&link).rsplit('/').next().unwrap();
        let forged = PageForm {
            action: page_of(&link).to_owned(),
            fields: vec![("csrf_token".to_owned(), ben.token_for(("email-change-confirm", token)))],
        };
        assert_eq!(ben.submit(&forged).await.status, 410);
        app.wait(1);
        assert_eq!(browser.submit(&button).await.location(), url::after(url::PROFILE, "email"));
        assert_eq!(browser.submit(&button).await.status, 410, "once");
        assert!(browser.is_signed_in().await);
        for address in [ADA, NEW] {
            let told = app.letter_to(address).await;
            assert!(told.text.contains(NEW) && told.text.contains("another address now"), "{}", told.text);
        }
        assert_eq!(app.browser().get(page_of(&old_link)).await.status, 410);
        // The browser is known by the new address, and nobody is by the old one.
        let leave = form(&browser, url::SESSIONS, url::LOGOUT).await;
        browser.submit(&leave).await;
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 400);
        assert_eq!(browser.sign_in(NEW, PASSWORD).await.location(), url::ORGANIZATIONS);
        assert_eq!(app.numbers("SELECT count(*) AS value FROM known_devices d JOIN users u ON u.id = d.user_id WHERE u.email = 'ada@new.example'").await, [1]);
    }

    async fn an_address_with_an_account_can_not_be_taken_and_is_not_told(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let mut answers = Vec::new();
        for address in [BEN, NEW] {
            let profile = form(&browser, url::PROFILE, url::PROFILE_EMAIL).await;
            let answer = browser.submit(&profile.with("email", address)).await;
            answers.push((answer.status, answer.location().to_owned()));
        }
        assert_eq!(answers[0], answers[1]);
        let letter = app.letter_to(BEN).await;
        assert!(letter.text.contains("account of its own already") && !letter.text.contains("http"), "{}", letter.text);
        let own = form(&browser, url::PROFILE, url::PROFILE_EMAIL).await.with("email", ADA);
        assert!(browser.submit(&own).await.text.contains("your address already"));
        // Free when it was asked for, and not any more when it is to be used.
        let link = app.letter_to(NEW).await.link(&app, "Use this address");
        app.user(NEW, &[]).await;
        let button = form(&browser, page_of(&link), page_of(&link)).await;
        let answer = browser.submit(&button).await;
        assert_eq!(answer.status, 409);
        assert!(answer.text.contains("another account"), "{}", answer.text);
        // A letter that was asked for later leaves the earlier one worth nothing, and an hour ends both.
        let first = ask(&app, &browser, "one@new.example").await;
        let second = ask(&app, &browser, "two@new.example").await;
        assert_eq!(browser.get(page_of(&first)).await.status, 410);
        assert_eq!(browser.get(page_of(&second)).await.status, 200);
        app.wait(60 * 60);
        assert_eq!(browser.get(page_of(&second)).await.status, 410);
    }

    async fn an_account_is_deleted_by_its_owner_with_all_that_it_let_in(engine: Scratch) {
        let Scene { app, acme, cd, ada } = scene(engine).await;
        let ben = app.browser();
        assert_eq!(ben.sign_in(BEN, PASSWORD).await.status, 303);
        let only = ben.get(url::DELETE_ACCOUNT).await;
        assert!(only.text.contains("no other owner") && !only.text.contains("csrf_token\" value=\"\""), "{}", only.text);
        let forged = PageForm {
            action: url::DELETE_ACCOUNT.to_owned(),
            fields: vec![
                ("csrf_token".to_owned(), ben.token_for(("account-delete", ""))),
                ("email".to_owned(), BEN.to_owned()),
            ],
        };
        let rows = Rows::of(&app).await;
        assert_eq!(ben.submit(&forged).await.status, 409);
        rows.assert_unchanged(&app, "an organization keeps its owner").await;
        let beta = app.org("beta").await;
        let (_, invitation) = invited(&app, &beta, ADA).await;
        let browser = app.signed_in(ada).await;
        let tokens = cd.log_in(&app, &browser).await;
        assert!(app.number("SELECT count(*) AS value FROM outbox WHERE recipient = 'ada@acme.example'").await > 0);
        let approved = cd.begin(&app).await;
        browser.approve(&acme, &approved.user_code).await;
        let delete = form(&browser, url::DELETE_ACCOUNT, url::DELETE_ACCOUNT).await;
        for wrong in ["", BEN] {
            assert_eq!(browser.submit(&delete.clone().with("email", wrong)).await.status, 400);
        }
        let gone = browser.submit(&delete.with("email", " ADA@acme.example ")).await;
        assert_eq!(gone.location(), url::LOGIN_AFTER_DELETION, "{}", gone.text);
        assert!(browser.get(gone.location()).await.text.contains("Your account is deleted."));
        assert!(!browser.is_signed_in().await);
        assert!(app.letter_to(ADA).await.text.contains("was deleted"));
        assert_ne!(cd.poll(&app, &approved.device_code).await.status, 200, "approved before, collected by nobody");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let refused = cd.post(&app, "token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        assert_eq!(refused.status, 400);
        assert_eq!(app.browser().sign_in(ADA, PASSWORD).await.status, 400);
        // Of all letters to her the one that tells of it is left.
        assert_eq!(app.number("SELECT count(*) AS value FROM outbox WHERE recipient = 'ada@acme.example'").await, 1);
        assert_eq!(app.browser().get(&url::invitation(&invitation)).await.status, 410);
        let left = Rows::of(&app).await;
        for table in ["sessions", "known_devices", "memberships", "mail_links", "email_changes", "invitations"] {
            assert_eq!(left.count(table), match table { "sessions" | "known_devices" => 1, "memberships" => 2, _ => 0 }, "{table}");
        }
        let named = "SELECT count(*) AS value FROM users WHERE email LIKE '%ada%' OR name <> '' AND email = '' OR password_hash IS NOT NULL AND email = ''";
        assert_eq!(app.numbers(named).await, [0]);
        // The address is free, and what begins with it is another account.
        let again = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
        assert_ne!(again, ada);
        assert_eq!(app.browser().sign_in(ADA, PASSWORD).await.status, 303);
    }

    async fn an_export_holds_what_is_theirs_and_no_secret(engine: Scratch) {
        let Scene { app, cd, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let tokens = cd.log_in(&app, &browser).await;
        browser.set_up_totp().await;
        let answer = browser.submit(&form(&browser, url::PROFILE, url::EXPORT_ACCOUNT).await).await;
        assert_eq!((answer.status, answer.header("content-disposition")), (200, "attachment; filename=\"account.json\""));
        assert_eq!(answer.header("cache-control"), "no-store");
        let held: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!((held["email"].as_str(), held["authenticator_app"].as_bool()), (Some(ADA), Some(true)));
        assert_eq!(held["memberships"][0]["organization"], "acme");
        assert_eq!(held["connected_apps"].as_array().unwrap().len(), 1);
        assert_eq!(held["sessions"][0]["from"]["program"], "Test browser");
        let secrets = [
            browser.cookie("doorward_session").unwrap(),
            tokens["refresh_token"].as_str().unwrap().to_owned(),
            BEN.to_owned(),
            "argon2".to_owned(),
        ];
        for secret in secrets {
            assert!(!answer.text.contains(&secret), "{secret}");
        }
    }

    async fn what_is_dangerous_asks_again_who_it_is_and_comes_back(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let email = form(&browser, url::PROFILE, url::PROFILE_EMAIL).await.with("email", NEW);
        let export = form(&browser, url::PROFILE, url::EXPORT_ACCOUNT).await;
        let delete = form(&browser, url::DELETE_ACCOUNT, url::DELETE_ACCOUNT).await.with("email", ADA);
        app.wait(30 * 60);
        let rows = Rows::of(&app).await;
        for (sent, page) in [(email, url::PROFILE), (export, url::PROFILE), (delete, url::DELETE_ACCOUNT)] {
            assert_eq!(browser.submit(&sent).await.location(), url::step_up_to(page), "{}", sent.action);
        }
        rows.assert_unchanged(&app, "a proof that is too old").await;
    }
}
