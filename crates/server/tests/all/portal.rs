//! The portal: what an admin sees and changes there, and what becomes of it on the wire.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::support::{Answer, App, Browser, TestApp};
use model::application::{ApplicationState, ClientKind};
use model::audit::By;
use model::id::{ApplicationId, OrgId};
use model::org::Role;
use protocol::token::GrantType;
use registry::applications::{self, Changed, Target};
use routes::url;
use testkit::Scratch;

/// An organization with an admin at a browser.
async fn stage(app: &TestApp) -> (OrgId, Browser<'_>) {
    let acme = app.org("acme").await;
    let grace = app.user("grace@acme.example", &[(&acme, Role::Admin)]).await;
    let browser = app.signed_in(grace).await;
    (acme, browser)
}

impl PageForm {
    /// The same with one more field.
    fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

async fn settings(browser: &Browser<'_>, app: &App) -> PageForm {
    let path = url::portal_application(&app.org, app.id);
    PageForm::to(&browser.get(&path).await, &path)
}

fn action(app: &App, name: &str) -> String {
    url::portal_application_action(&app.org, app.id, name)
}

async fn press(browser: &Browser<'_>, app: &App, name: &str) -> Answer {
    let page = browser.get(&url::portal_application(&app.org, app.id)).await;
    browser.submit(&PageForm::to(&page, &action(app, name))).await
}

async fn audited(app: &TestApp) -> Vec<String> {
    app.texts("SELECT action || ' ' || actor AS value FROM audit ORDER BY at, id").await
}

async fn new(browser: &Browser<'_>, org: &OrgId) -> PageForm {
    let page = browser.get(&url::portal_new_application(org)).await;
    PageForm::to(&page, &url::portal_applications(org))
}

/// What is in the box of the page that shows a secret this once.
fn secret(page: &Answer) -> String {
    let box_of = page.text.split("id=\"new-secret\"").nth(1).unwrap_or_else(|| panic!("no secret: {}", page.text));
    box_of.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned()
}

/// The application whose page this is, as its client.
fn of_page(org: &OrgId, page: &Answer, secret: Option<String>) -> App {
    let client_id = page.text.split("id=\"client-id\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let below = format!("{}/", url::portal_applications(org));
    let form = PageForm::all(&page.text).into_iter().find(|form| form.action.starts_with(&below)).unwrap();
    let id = form.action[below.len()..].split('/').next().unwrap().parse::<ApplicationId>().unwrap();
    App { org: org.clone(), id, client_id, secret }
}

async fn own_token(app: &TestApp, client: &App, secret: &str) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("client_id", &client.client_id), ("client_secret", secret)];
    app.form(&client.endpoint("token"), &fields).await
}

testkit::both_engines! {
    async fn a_public_application_works_as_soon_as_it_is_created(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let form = new(&grace, &acme).await.with("name", "  Acme \u{202e}  TV ");
        let page = grace.get(grace.submit(&form).await.location()).await;
        assert!(page.text.contains("<bdi>Acme TV</bdi></h1>") && page.text.contains("The application is created."));
        assert!(!page.text.contains("new-secret"));
        let tv = of_page(&acme, &page, None);
        let tokens = tv.log_in(&app, &grace).await;
        assert_eq!(tokens["scope"], "email offline_access openid profile");
        assert!(tokens["refresh_token"].is_string());
        let created = audited(&app).await.into_iter().filter(|row| row.starts_with("application.created user:")).count();
        assert_eq!(created, 1);
    }

    async fn a_refused_registration_keeps_what_was_typed_and_registers_nothing(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let form = new(&grace, &acme).await;
        let before = Rows::of(&app).await;
        for (wrong, field) in [
            (form.clone().with("name", " \u{200b} "), "name"),
            (form.clone().with("name", &"x".repeat(81)), "name"),
            (form.clone().with("name", "TV").without("grant"), "grant"),
            (form.clone().with("name", "TV").with("grant", "client_credentials"), "grant"),
            (form.clone().with("name", "TV").and("grant", "password"), "grant"),
            (form.clone().with("name", "TV").without("kind"), "kind"),
        ] {
            let answer = grace.submit(&wrong).await;
            assert_eq!(answer.status, 400, "{wrong:?}");
            assert!(answer.text.contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.text);
            assert_eq!(PageForm::to(&answer, &form.action).value("name"), wrong.value("name"));
        }
        assert_eq!(grace.submit(&form.clone().with("name", "TV").and("name", "TV")).await.status, 400);
        before.assert_unchanged(&app, "a refused registration").await;
    }

    async fn a_form_that_is_sent_again_makes_no_second_application(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        for (kind, first_answer) in [("public", 303), ("confidential", 200)] {
            let form = new(&grace, &acme).await.with("name", "Sync").with("kind", kind);
            assert_eq!(grace.submit(&form).await.status, first_answer);
            let made = Rows::of(&app).await;
            let again = grace.submit(&form.clone().with("name", "Sync 2")).await;
            assert_eq!(again.status, 303, "{}", again.text);
            let page = grace.get(again.location()).await.ok();
            assert!(page.text.contains("<bdi>Sync</bdi></h1>") && page.text.contains("was created already"), "{}", page.text);
            made.assert_unchanged(&app, "a form that is sent again").await;
            // Another application's id is not for whoever fills in the form to choose.
            let other = new(&grace, &acme).await;
            assert_eq!(grace.submit(&form.clone().with("application", other.value("application"))).await.status, 403);
        }
        let form = new(&grace, &acme).await.with("name", "Twice");
        let answers = tokio::join!(grace.submit(&form), grace.submit(&form));
        assert_eq!((answers.0.status, answers.1.status), (303, 303));
        assert_eq!(app.number("SELECT count(*) AS value FROM applications WHERE name = 'Twice'").await, 1);
    }

    async fn a_secret_is_shown_once_and_two_are_good_at_a_time(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let form = new(&grace, &acme).await.with("name", "Sync").with("kind", "confidential");
        let page = grace.submit(&form.with("grant", "client_credentials")).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"), "{}", page.text);
        let first = secret(&page);
        let sync = of_page(&acme, &page, Some(first.clone()));
        let path = url::portal_application(&acme, sync.id);
        assert!(!grace.get(&path).await.text.contains(&first));
        let own = own_token(&app, &sync, &first).await;
        assert_eq!((own.status, own.json["scope"].as_str().unwrap_or_default()), (200, ""), "{}", own.text);
        let mut secrets = vec![first];
        for _ in 0..2 {
            app.wait(60);
            let rotated = press(&grace, &sync, "secret").await;
            assert_eq!((rotated.status, rotated.header("cache-control")), (200, "no-store"));
            secrets.push(secret(&rotated));
            assert_eq!(rotated.text.matches("<li>made ").count(), 2);
        }
        own_token(&app, &sync, &secrets[0]).await.assert_invalid_client();
        for good in &secrets[1..] {
            assert_eq!(own_token(&app, &sync, good).await.status, 200);
        }
        let cd = app.device_app(&acme).await;
        let page = grace.get(&url::portal_application(&acme, cd.id)).await.text;
        assert!(!page.contains("Rotate secret"));
        let rotated = audited(&app).await.into_iter().filter(|row| row.starts_with("application.secret_rotated user:"));
        assert_eq!(rotated.count(), 2);
    }

    async fn a_form_that_is_sent_twice_rotates_once(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let sync = app.app(&acme, ClientKind::Confidential, |settings| {
            settings.grants = [GrantType::ClientCredentials].into();
        }).await;
        let in_use = sync.secret.clone().unwrap();
        let page = grace.get(&url::portal_application(&sync.org, sync.id)).await;
        let form = |name| PageForm::to(&page, &url::portal_application_action(&sync.org, sync.id, name));
        app.wait(1);
        let rotated = grace.submit(&form("secret")).await.ok();
        let new = secret(&rotated);
        for again in ["secret", "secret", "disable"] {
            let answer = grace.submit(&form(again)).await;
            assert_eq!(answer.status, 409, "{again}: {}", answer.text);
        }
        assert_eq!(grace.submit(&form("delete").with("name", "Acme CLI")).await.status, 409);
        assert_eq!(grace.submit(&form("secret").without("revision")).await.status, 409);
        for good in [&in_use, &new] {
            own_token(&app, &sync, good).await.ok();
        }
        // The page that showed the new secret may go on.
        app.wait(1);
        let next = PageForm::to(&rotated, &url::portal_application_action(&sync.org, sync.id, "secret"));
        assert_eq!(grace.submit(&next).await.status, 200);
        own_token(&app, &sync, &in_use).await.assert_invalid_client();
    }

    async fn what_is_saved_holds_for_the_next_code_and_token(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let cd = app.device_app(&acme).await;
        let form = settings(&grace, &cd).await;
        let form = [
            ("name", "Acme Screen"), ("code_lifetime", "120"), ("poll_interval", "9"), ("code_format", "custom"),
            ("code_length", "12"), ("code_charset", "QWERTYASDFGH"), ("access_lifetime", "600"),
            ("id_token_alg", "EdDSA"), ("default_scope", "openid"),
        ]
        .into_iter()
        .fold(form, |form, (name, value)| form.with(name, value))
        .without("prefilled");
        let saved = grace.get(grace.submit(&form).await.location()).await;
        // The key that the next id_token needs is there before anybody waits for it.
        let keys = "SELECT alg AS value FROM signing_keys ORDER BY alg";
        assert_eq!(app.texts(keys).await, ["ES256", "EdDSA"]);
        assert!(saved.text.contains("Saved.") && saved.text.contains("<bdi>Acme Screen</bdi></h1>"), "{}", saved.text);
        let shown = PageForm::to(&saved, &form.action);
        assert_eq!(shown.value("code_charset"), "ADEFGHQRSTWY");
        assert!(shown.fields.iter().all(|(name, _)| name != "prefilled"));
        let begun = app.form(&cd.endpoint("device_authorization"), &[("client_id", &cd.client_id)]).await.json;
        assert_eq!((begun["expires_in"].as_u64(), begun["interval"].as_u64()), (Some(120), Some(9)));
        assert_eq!(begun["verification_uri_complete"], serde_json::Value::Null);
        let user_code = begun["user_code"].as_str().unwrap();
        assert!(user_code.len() == 14 && user_code.chars().all(|c| "QWERTYASDFGH-".contains(c)), "{user_code}");
        grace.approve(&acme, user_code).await;
        let tokens = cd.poll(&app, begun["device_code"].as_str().unwrap()).await.json;
        assert_eq!((tokens["scope"].as_str(), tokens["expires_in"].as_u64()), (Some("openid"), Some(600)));
        let header = tokens["id_token"].as_str().unwrap().split('.').next().unwrap().to_owned();
        let header = String::from_utf8(model::secret::from_base64url(&header).unwrap()).unwrap();
        assert!(header.contains("\"EdDSA\""), "{header}");
    }

    async fn a_refused_change_keeps_what_was_typed_and_changes_nothing(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let cd = app.device_app(&acme).await;
        let form = settings(&grace, &cd).await;
        let before = Rows::of(&app).await;
        for (field, value, beside) in [
            ("name", "", "name"),
            ("code_lifetime", "59", "code_lifetime"),
            ("poll_interval", "soon", "poll_interval"),
            ("code_format", "XX-XX", "code_format"),
            ("access_lifetime", "86401", "access_lifetime"),
            ("id_token_alg", "none", "id_token_alg"),
            ("grant", "client_credentials", "grant"),
            ("scope", "admin", "scope"),
        ] {
            let wrong = form.clone().with(field, value);
            let answer = grace.submit(&wrong).await;
            assert_eq!(answer.status, 400, "{field}: {}", answer.text);
            assert!(answer.text.contains(&format!("id=\"{beside}-error\"")), "{field}: {}", answer.text);
            let again = PageForm::to(&answer, &form.action);
            if !["code_format", "id_token_alg", "grant", "scope"].contains(&field) {
                assert_eq!(again.value(field), value);
            }
            assert_eq!(again.value("revision"), form.value("revision"));
        }
        before.assert_unchanged(&app, "a refused change").await;
    }

    async fn a_stale_tab_undoes_nobodys_change(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let cd = app.device_app(&acme).await;
        let tab = settings(&grace, &cd).await;
        assert_eq!(grace.submit(&tab.clone().with("name", "Renamed")).await.status, 303);
        let before = Rows::of(&app).await;
        for stale in [tab.clone(), tab.clone().with("name", ""), tab.clone().without("revision")] {
            let answer = grace.submit(&stale).await;
            assert_eq!(answer.status, 409, "{}", answer.text);
            assert!(answer.text.contains("changed meanwhile"), "{}", answer.text);
        }
        before.assert_unchanged(&app, "a stale tab").await;
    }

    async fn a_disabled_application_gets_nothing_until_it_is_enabled_again(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        let disabled = press(&grace, &cd, "disable").await;
        assert!(grace.get(disabled.location()).await.text.contains("The application is disabled."));
        app.form(&cd.endpoint("device_authorization"), &[("client_id", &cd.client_id)]).await.assert_invalid_client();
        cd.poll(&app, &codes.device_code).await.assert_error("access_denied");
        assert_eq!(press(&grace, &cd, "enable").await.status, 303);
        app.wait(6);
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        let switched: Vec<String> = audited(&app).await.into_iter().filter(|row| row.contains("abled user:")).collect();
        assert_eq!(switched.len(), 2, "{switched:?}");
    }

    async fn an_application_is_deleted_by_its_name_alone(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let cd = app.device_app(&acme).await;
        let tokens = cd.log_in(&app, &grace).await;
        let path = url::portal_application(&acme, cd.id);
        let form = PageForm::to(&grace.get(&path).await, &action(&cd, "delete"));
        let before = Rows::of(&app).await;
        for wrong in ["", "acme cli", "Acme", "Acme CLI 2"] {
            let answer = grace.submit(&form.clone().with("name", wrong)).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert!(answer.text.contains("id=\"delete-name-error\""), "{}", answer.text);
        }
        before.assert_unchanged(&app, "a deletion without the name").await;
        let list = grace.get(grace.submit(&form.with("name", "Acme CLI")).await.location()).await;
        assert!(list.text.contains("The application is deleted.") && !list.text.contains("Acme CLI"), "{}", list.text);
        assert_eq!(grace.get(&path).await.status, 404);
        assert_eq!(cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.status, 401);
        assert!(!grace.get(&url::portal_devices(&acme)).await.text.contains("Acme CLI"));
    }

    async fn no_door_deletes_the_reference_client(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let by = By::operator(&app.clock.moment());
        let before = Rows::of(&app).await;
        let changed = app
            .write(move |conn| {
                let id = store::tables::applications::all(conn, &acme)?[0].id;
                let target = Target { org_id: &acme, id, revision: None };
                applications::set_state(conn, target, ApplicationState::Deleted, &by)
            })
            .await;
        assert!(matches!(changed, Changed::AlwaysThere), "{changed:?}");
        before.assert_unchanged(&app, "deleting the reference client").await;
    }

    async fn the_reference_client_can_be_disabled_and_not_deleted(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let list = grace.get(&url::portal_applications(&acme)).await;
        let below = format!("href=\"{}/", url::portal_applications(&acme));
        let ids = list.text.split(below.as_str()).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok());
        let [id] = ids.collect::<Vec<ApplicationId>>()[..] else { panic!("{}", list.text) };
        let cli = App { org: acme.clone(), id, client_id: "doorward-cli".to_owned(), secret: None };
        let page = grace.get(&url::portal_application(&acme, id)).await;
        assert!(page.text.contains("You can disable it, not delete it.") && !page.text.contains("Delete application"));
        let delete = action(&cli, "delete");
        let token = grace.token_for(("application-delete", &id.to_string()));
        let fields = [("name", "Doorward CLI"), ("csrf_token", &token), ("revision", "0")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let before = Rows::of(&app).await;
        let refused = grace.submit(&PageForm { action: delete, fields: fields.into() }).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains("not delete it"), "{}", refused.text);
        before.assert_unchanged(&app, "a deletion of the reference client").await;
        assert_eq!(press(&grace, &cli, "disable").await.status, 303);
        app.form(&cli.endpoint("device_authorization"), &[("client_id", "doorward-cli")]).await.assert_invalid_client();
    }

    async fn another_organizations_things_are_not_there_even_for_an_admin_of_both(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let both = app.user("both@acme.example", &[(&acme, Role::Admin), (&beta, Role::Owner)]).await;
        let browser = app.signed_in(both).await;
        let theirs = app.app(&beta, ClientKind::Confidential, |settings| {
            settings.grants = [GrantType::ClientCredentials].into();
        })
        .await;
        app.device_app(&beta).await.log_in(&app, &browser).await;
        let page = browser.get(&url::portal_application(&beta, theirs.id)).await;
        let devices = browser.get(&url::portal_devices(&beta)).await;
        let mut forms = PageForm::all(&page.text);
        forms.extend(PageForm::all(&devices.text).into_iter().filter(|form| form.action.ends_with("/revoke")));
        forms.retain(|form| form.action.contains("/portal/"));
        assert_eq!(forms.len(), 5, "settings, disable, delete, rotate, revoke: {forms:?}");
        let before = Rows::of(&app).await;
        for form in forms {
            // The token is right: it is bound to the thing, which acme does not have.
            let here = PageForm { action: form.action.replace("/orgs/beta/", "/orgs/acme/"), ..form }.with("name", "Acme CLI");
            assert_eq!(browser.submit(&here).await.status, 404, "{here:?}");
        }
        assert_eq!(browser.get(&url::portal_application(&acme, theirs.id)).await.status, 404);
        before.assert_unchanged(&app, "a form for another organization's thing").await;
    }

    async fn devices_are_watched_and_revoked_and_their_codes_not_shown(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let ada = app.signed_in(ada).await;
        let cd = app.device_app(&acme).await;
        let tokens = cd.log_in(&app, &ada).await;
        let (waiting, claimed) = (cd.begin(&app).await, cd.begin(&app).await);
        ada.review(&acme, &claimed.user_code).await;
        let page = grace.get(&url::portal_devices(&acme)).await;
        assert!(page.text.contains("Under review by") && page.text.matches("Waiting</td>").count() == 1, "{}", page.text);
        assert!(page.text.matches("ada@acme.example").count() == 2, "{}", page.text);
        for secret in [&waiting.user_code, &claimed.user_code, &waiting.device_code, &claimed.device_code] {
            assert!(!page.text.contains(secret.as_str()));
        }
        let revoke = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with("/revoke")).unwrap();
        let after = grace.get(grace.submit(&revoke).await.location()).await;
        assert!(after.text.contains("The device is revoked.") && after.text.contains("No device has access"));
        let refresh = tokens["refresh_token"].as_str().unwrap();
        cd.refresh(&app, refresh).await.assert_error("invalid_grant");
        let me = app.get_with_token(&url::me(&acme), tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(me.status, 401);
        assert_eq!(grace.submit(&revoke).await.status, 303, "again, which changes nothing more");
        assert_eq!(app.texts("SELECT revoked_reason AS value FROM families").await, ["admin"]);
        let revoked = audited(&app).await.into_iter().filter(|row| row.starts_with("family.revoked user:")).count();
        assert_eq!(revoked, 1);
    }

    async fn more_devices_than_a_page_shows_are_said_so(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, grace) = stage(&app).await;
        let cd = app.device_app(&acme).await;
        for _ in 0..200 {
            cd.begin(&app).await;
        }
        let path = url::portal_devices(&acme);
        assert!(!grace.get(&path).await.text.contains("Only the newest"));
        cd.begin(&app).await;
        let page = grace.get(&path).await.text;
        assert!(page.contains("Only the newest 200 requests are shown.") && page.matches("Waiting</td>").count() == 200);
    }
}
