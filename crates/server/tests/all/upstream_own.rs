//! Organizations' own identity providers, and sessions that go to one organization only.

use crate::idp::{Idp, Mood};
use crate::page_form::PageForm;
use crate::second_factors::totp_code;
use crate::stage::{PASSWORD, own_provider};
use crate::support::{Browser, TestApp, keyring};
use crate::upstream::audited;
use model::audit::By;
use model::id::{OrgId, ProviderId, UserId};
use model::org::{OrgChanges, Role, SecondFactor};
use model::upstream::{Identity, Person, ProviderKey, SaidAddress};
use routes::{Caller, Method, TABLE, url};
use serde_json::{Value, json};

const ADA: &str = "ada@acme.example";
const METADATA: &str = "/.well-known/openid-configuration";

pub struct Scene {
    pub idp: Idp,
    pub app: TestApp,
    pub acme: OrgId,
    pub beta: OrgId,
    pub ada: UserId,
    pub provider: ProviderId,
    pub start: String,
}

/// Ada owns both organizations, and acme's own provider lets her in.
pub async fn scene(engine: testkit::Scratch) -> Scene {
    let idp = Idp::start();
    let app = idp.app(engine).await;
    let (acme, beta) = (app.org("acme").await, app.org("beta").await);
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner), (&beta, Role::Owner)]).await;
    let (org, issuer, by) = (acme.clone(), idp.url.clone(), By::operator(&app.clock.moment()));
    let provider = app
        .write(move |conn| {
            let id = own_provider(conn, &org, &issuer, &by)?;
            let identity = Identity {
                provider: ProviderKey::Organizations(org.clone(), id),
                issuer: issuer.clone(),
                subject: "ada-there".to_owned(),
            };
            let address = Some(SaidAddress { email: ADA.to_owned(), verified: true });
            let user = store::tables::users::by_id(conn, ada)?.unwrap();
            let person = Person { identity, address, name: None };
            login::upstream::link::add(conn, &user, &person, None, &by)?.unwrap();
            Ok(id)
        })
        .await;
    let start = format!("/orgs/acme/login/upstream/{provider}");
    Scene { idp, app, acme, beta, ada, provider, start }
}

pub fn is_ada() -> Value {
    json!({ "sub": "ada-there", "email": ADA })
}

impl Scene {
    /// A browser that acme's provider has let in.
    pub async fn limited(&self) -> Browser<'_> {
        let browser = self.app.browser();
        let came = browser.go_by(&self.idp, (&self.start, "/orgs/acme/device"), &is_ada()).await;
        assert_eq!(came.location(), "/orgs/acme/device");
        assert_eq!(browser.get("/orgs/acme/portal/applications").await.status, 200);
        browser
    }

    pub async fn change_acme(&self, changes: OrgChanges) {
        let (org, by) = (self.acme.clone(), By::operator(&self.app.clock.moment()));
        self.app.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
    }
}

testkit::both_engines! {
    async fn case_62_a_session_of_an_organizations_own_provider_is_none_anywhere_else(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (limited, guest) = (scene.limited().await, scene.app.browser());
        // At home it is one, from the device's approval to the portal.
        let client = scene.app.device_app(&scene.acme).await;
        client.log_in(&scene.app, &limited).await;
        // Everywhere else the browser is as if it were not signed in: page by page.
        let mut seen = 0;
        for spec in TABLE.iter().filter(|spec| spec.method == Method::Get && spec.html) {
            let elsewhere = spec.pattern.contains("{org}") || matches!(spec.caller, Caller::SignedIn);
            if !elsewhere || spec.pattern.contains("callback") {
                continue;
            }
            let id = uuid::Uuid::nil().to_string();
            let mut path = spec.pattern.replace("{org}", "beta");
            for part in ["{application}", "{family}", "{user}", "{invitation}", "{provider}", "{identity}", "{session}", "{device}", "{token}"] {
                path = path.replace(part, &id);
            }
            assert!(!path.contains('{'), "{path}: what goes into the braces?");
            let (limited, guest) = (limited.get(&path).await, guest.get(&path).await);
            assert_eq!((limited.status, limited.header("location")), (guest.status, guest.header("location")), "{path}");
            seen += 1;
        }
        assert!(seen > 15, "{seen}");
        for path in [url::SECURITY, url::CONNECTIONS, url::ORGANIZATIONS, "/orgs/beta/portal/applications"] {
            assert_eq!(limited.get(path).await.location(), url::login_to(path));
        }
        assert_eq!(limited.get(url::HOME).await.location(), guest.get(url::HOME).await.location());
        // Nor does a form of another organization's, or of the account's, take it for a sign-in.
        let beta = scene.app.device_app(&scene.beta).await;
        let codes = beta.begin(&scene.app).await;
        let owner = scene.app.signed_in(scene.ada).await;
        let review = owner.review(&scene.beta, &codes.user_code).await;
        let grant = review.field_after(&url::device_decision(&scene.beta), "grant");
        for (path, purpose, fields) in [
            (url::device_decision(&scene.beta), ("device-decision", grant.as_str()), vec![("grant", grant.as_str()), ("organization", "beta"), ("confirm", "yes"), ("decision", "approve")]),
            (url::SECURITY_PASSWORD.to_owned(), ("password-change", ""), vec![("current", PASSWORD), ("password", "another horse, another staple")]),
            (url::SECURITY_TOTP.to_owned(), ("totp-begin", ""), vec![]),
            (url::STEP_UP.to_owned(), ("step-up", ""), vec![("password", PASSWORD)]),
            (url::join(&scene.beta), ("join", "beta"), vec![]),
        ] {
            let token = limited.token_for(purpose);
            let mut fields = fields;
            fields.push(("csrf_token", &token));
            assert_eq!(limited.post(&path, &fields).await.status, 403, "{path}");
        }
        assert_eq!(beta.poll(&scene.app, &codes.device_code).await.json["error"], "authorization_pending");
        // It is no way to know the browser either, and the account's first use is still to come.
        assert!(scene.app.texts("SELECT address AS value FROM known_devices WHERE user_id NOT IN (SELECT user_id FROM sessions WHERE only_org IS NULL)").await.is_empty());
        // Signing out ends it, as it would any other.
        let form = PageForm::to(&limited.get("/orgs/acme/portal/applications").await, url::LOGOUT);
        assert_eq!(limited.submit(&form).await.status, 303);
        assert!(scene.app.texts("SELECT only_org AS value FROM sessions WHERE only_org IS NOT NULL").await.is_empty());
    }

    async fn an_own_providers_browser_becomes_known_to_nobody(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let limited = scene.limited().await;
        assert!(scene.app.texts("SELECT address AS value FROM known_devices").await.is_empty());
        // So the account's first sign-in of its own is still its first, and takes the place of the session here.
        let next = url::ORGANIZATIONS;
        let form = PageForm::to(&limited.get(&url::login_to(next)).await, url::LOGIN);
        assert_eq!(limited.submit(&form.with("email", ADA).with("password", PASSWORD)).await.location(), next);
        assert!(limited.is_signed_in().await);
        assert_eq!(scene.app.texts("SELECT program AS value FROM sessions").await.len(), 1);
    }

    async fn the_organizations_rules_hold_for_its_own_provider(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let go = async |browser: &Browser<'_>| {
            browser.go_by(&scene.idp, (&scene.start, "/orgs/acme/device"), &is_ada()).await.location().to_owned()
        };
        // Never further than its organization, whatever the form says.
        let browser = scene.app.browser();
        let form = PageForm::to(&browser.get(&url::login_to("/orgs/acme/device")).await, &scene.start);
        let mut form = form;
        for next in ["/orgs/beta/device", "/account/security", "//evil.example", "/orgs/acme"] {
            let leaving = browser.submit(&form.with("next", next)).await;
            let address = leaving.header("refresh").strip_prefix("0; url=").unwrap().to_owned();
            let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
            assert_eq!(browser.come_back(&scene.start, &query).await.location(), "/orgs/acme/device", "{next}");
            form = PageForm::to(&browser.get(&url::login_to("/orgs/acme/device")).await, &scene.start);
        }
        // It stands on no other organization's sign-in page, and its callback is no other's.
        assert!(!scene.app.browser().get(&url::login_to("/orgs/beta/device")).await.text.contains(&scene.start));
        let elsewhere = scene.start.replace("acme", "beta");
        let token = browser.token_for(("upstream", &format!("beta/{}", scene.provider)));
        assert_eq!(browser.post(&elsewhere, &[("csrf_token", token)]).await.status, 404);
        // An organization that always asks by letter does here too; the session that comes of it goes no further.
        scene.change_acme(OrgChanges { new_device: Some(model::login_attempt::NewDevicePolicy::Always), ..OrgChanges::default() }).await;
        let waits = scene.app.browser();
        assert_eq!(go(&waits).await, url::NEW_DEVICE);
        scene.app.sql("UPDATE login_attempts SET state = 'approved', decided_at = created_at").await;
        let form = PageForm::to(&waits.get(url::NEW_DEVICE).await, url::NEW_DEVICE);
        assert_eq!(waits.submit(&form).await.location(), "/orgs/acme/device");
        assert!(!waits.is_signed_in().await);
        scene.change_acme(OrgChanges { new_device: Some(model::login_attempt::NewDevicePolicy::Unknown), ..OrgChanges::default() }).await;
        // A second factor that is needed is asked for where the account has one.
        let factor = Some((SecondFactor::Required, scene.app.clock.now()));
        let none = Some(std::time::Duration::ZERO);
        scene.change_acme(OrgChanges { second_factor: factor, second_factor_grace: none, ..OrgChanges::default() }).await;
        let bare = scene.app.browser();
        assert_eq!(go(&bare).await, "/orgs/acme/device");
        assert_eq!(bare.get("/orgs/acme/portal/applications").await.status, 303);
        let owner = scene.app.signed_in(scene.ada).await;
        let secret = owner.set_up_totp().await;
        let asked = scene.app.browser();
        assert_eq!(go(&asked).await, url::LOGIN_FACTOR);
        scene.app.wait(30);
        let form = PageForm::to(&asked.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR);
        let code = totp_code(&secret, scene.app.clock.now());
        assert_eq!(asked.submit(&form.with("code", &code)).await.location(), "/orgs/acme/device");
        assert_eq!(asked.get("/orgs/acme/portal/applications").await.status, 200);
        assert!(!asked.is_signed_in().await, "a second factor makes it go no further");
    }

    async fn an_own_provider_links_nobody_by_itself_and_does_not_tell_who_has_an_account(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let open = model::org::Registration::Open;
        scene.change_acme(OrgChanges { registration: Some(open), ..OrgChanges::default() }).await;
        scene.app.user_with_password("victim@beta.example", PASSWORD, &[(&scene.beta, Role::Owner)]).await;
        let mut pages = Vec::new();
        for email in ["victim@beta.example", "nobody@beta.example"] {
            let browser = scene.app.browser();
            let claims = json!({ "sub": email, "email": email });
            let came = browser.go_by(&scene.idp, (&scene.start, "/orgs/acme/device"), &claims).await;
            assert_eq!(came.location(), url::UPSTREAM_LINK);
            assert!(!browser.is_signed_in().await);
            let page = browser.get(url::UPSTREAM_LINK).await;
            assert!(page.text.contains(&url::register_at(&scene.acme)), "{}", page.text);
            pages.push((page.status, page.text.replace(email, "EMAIL").replace(page.header("x-request-id"), "ID")));
        }
        assert_eq!(pages[0], pages[1], "whoever runs the provider learns nothing");
        let users = scene.app.texts("SELECT email AS value FROM users WHERE email_key = 'nobody@beta.example'").await;
        assert!(users.is_empty(), "and it makes no account");
    }

    async fn a_provider_that_is_switched_off_or_changed_ends_what_it_has_let_in(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let owner = scene.app.signed_in(scene.ada).await;
        let page = url::portal_provider(&scene.acme, scene.provider);
        let form = || async { PageForm::to(&owner.get(&page).await, &page) };
        let limited = scene.limited().await;
        let inside = "/orgs/acme/portal/applications";
        // Another name changes nothing about anybody.
        assert_eq!(owner.submit(&form().await.with("name", "Another")).await.status, 303);
        assert_eq!(limited.get(inside).await.status, 200);
        // Somebody is on the way while it is switched off.
        let late = scene.app.browser();
        let address = late.set_out(&scene.start, "/orgs/acme/device").await;
        let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
        assert_eq!(owner.submit(&form().await.without("enabled")).await.status, 303);
        assert_eq!(limited.get(inside).await.location(), url::login_to(inside));
        assert!(late.come_back(&scene.start, &query).await.location().contains("upstream=failed"));
        assert!(!late.get(&url::login_to(inside)).await.text.contains(&scene.start));
        // On again; another issuer needs its own secret, so that none is sent elsewhere.
        let on = form().await.with("enabled", "yes");
        assert_eq!(owner.submit(&on).await.status, 303);
        let evil = Idp::start();
        let refused = owner.submit(&form().await.with("issuer", &evil.url)).await;
        assert!(refused.status == 400 && refused.text.contains("Another issuer needs its own secret"), "{}", refused.text);
        // Where it can't be asked, it is not saved, and nothing is said about why.
        for issuer in [evil.url.as_str(), "https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/"] {
            let refused = owner.submit(&form().await.with("issuer", issuer).with("client_secret", "x")).await;
            assert!(refused.status == 400 && refused.text.contains("be asked there, or calls itself by another name"), "{issuer}: {}", refused.text);
        }
        assert!(evil.asked().is_empty());
        scene.idp.mood("/.well-known/openid-configuration", Mood::Garbage);
        scene.idp.mood("/.well-known/openid-configuration", Mood::Well);
        let limited = scene.limited().await;
        let remove = url::portal_provider_remove(&scene.acme, scene.provider);
        let removal = PageForm::to(&owner.get(&page).await, &remove);
        for wrong in ["", "another"] {
            let refused = owner.submit(&removal.clone().with("name", wrong)).await;
            assert!(refused.status == 400 && refused.text.contains("remove-name"), "{wrong}: {}", refused.text);
        }
        let name = scene.app.texts("SELECT name AS value FROM upstream_providers").await.remove(0);
        assert_eq!(owner.submit(&removal.with("name", &name)).await.status, 303);
        assert_eq!(limited.get(inside).await.location(), url::login_to(inside));
        assert!(scene.app.texts("SELECT email AS value FROM upstream_identities").await.is_empty());
        let told = [audited(&scene.app, "provider.changed").await, audited(&scene.app, "provider.removed").await];
        assert_eq!(told, [3, 1]);
    }

    async fn only_a_fresh_proof_in_a_full_session_changes_a_provider(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let page = url::portal_provider(&scene.acme, scene.provider);
        let limited = scene.limited().await;
        assert_eq!(limited.get(&url::portal_providers(&scene.acme)).await.status, 200);
        assert_eq!(limited.get(&page).await.location(), url::step_up_to(&page));
        assert_eq!(limited.get(&url::step_up_to(&page)).await.location(), url::login_to(&url::step_up_to(&page)));
        let owner = scene.app.signed_in(scene.ada).await;
        let form = PageForm::to(&owner.get(&page).await, &page);
        scene.app.wait(31 * 60);
        assert_eq!(owner.get(&page).await.location(), url::step_up_to(&page));
        assert!(owner.submit(&form.with("name", "Changed")).await.location().starts_with(url::STEP_UP));
        assert_eq!(scene.app.texts("SELECT name AS value FROM upstream_providers").await, ["Own"]);
        // The secret is sealed, shown nowhere, and opens for this provider alone.
        assert_eq!(owner.step_up("password", PASSWORD).await.status, 303);
        assert!(!owner.get(&page).await.text.contains(crate::idp::SECRET));
        let (acme, provider) = (scene.acme.clone(), scene.provider);
        scene.app.write(move |conn| {
            let own = store::tables::upstream_providers::by_id(conn, &acme, provider)?.unwrap();
            assert_eq!(login::upstream::own::secret(&own, &keyring())?.expose(), crate::idp::SECRET);
            assert!(!own.sealed_secret.windows(8).any(|part| crate::idp::SECRET.as_bytes().starts_with(part)));
            let mut moved = own.clone();
            moved.provider.key = ProviderKey::Organizations(OrgId::parse("beta").unwrap(), provider);
            assert!(login::upstream::own::secret(&moved, &keyring()).is_err());
            Ok(())
        }).await;
    }

    async fn a_provider_that_never_answers_delays_its_own_organization_alone(engine: testkit::Scratch) {
        let (idp, silent) = (Idp::start(), Idp::start());
        silent.mood(METADATA, Mood::Silent);
        let hosts = [&idp, &silent].map(|one| one.url.trim_start_matches("http://")).join(",");
        let settings = idp.settings();
        let mut settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.push(("DOORWARD_OUTBOUND_PRIVATE_HOSTS", &hosts));
        let app = TestApp::with(engine, &settings).await;
        let (acme, beta, by) = (app.org("acme").await, app.org("beta").await, By::operator(&app.clock.moment()));
        let (slow, fast) = ((acme.clone(), silent.url.clone()), (beta.clone(), idp.url.clone()));
        let made = app.write(move |conn| Ok((own_provider(conn, &slow.0, &slow.1, &by)?, own_provider(conn, &fast.0, &fast.1, &by)?)));
        let (slow, fast) = made.await;
        let guest = app.browser();
        let form = PageForm::to(&guest.get(&url::login_to(&url::device(&acme))).await, &format!("/orgs/acme/login/upstream/{slow}"));
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..70 {
            let request = guest.request(reqwest::Method::POST, &form.action).header("sec-fetch-site", "same-origin");
            waiting.spawn(request.form(&form.fields).send());
        }
        while silent.asked().len() < 6 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let browser = app.browser();
        let by_operator = browser.set_out("/login/upstream/idp", "/orgs/acme/device").await;
        let by_beta = browser.set_out(&format!("/orgs/beta/login/upstream/{fast}"), "/orgs/beta/device").await;
        assert!(by_operator.starts_with(&idp.url) && by_beta.starts_with(&idp.url), "{by_operator} {by_beta}");
        assert_eq!(silent.asked().len(), 6, "no more than its turns");
        // The others have waited a little by then, and are told so.
        let answered = waiting.join_next().await.unwrap().unwrap().unwrap();
        assert!(answered.headers()["location"].to_str().unwrap().starts_with("/login?upstream=away"));
        waiting.abort_all();
    }

    async fn metadata_that_can_not_be_had_are_not_asked_for_at_once_again(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let long = json!({ "more": "x".repeat(300_000) });
        scene.idp.metadata(long);
        let (browser, next) = (scene.app.browser(), "/orgs/acme/device");
        let start = async |start: &str| {
            let form = PageForm::to(&browser.get(&url::login_to(next)).await, start);
            browser.submit(&form).await.status
        };
        let asked = || scene.idp.asked().iter().filter(|path| *path == METADATA).count();
        assert_eq!((start(&scene.start).await, asked()), (303, 1));
        assert_eq!((start(&scene.start).await, asked()), (303, 1), "remembered");
        // What an organization's provider leaves behind is its own: the operator's is asked.
        assert_eq!((start("/login/upstream/idp").await, asked()), (303, 2));
        scene.app.wait(25);
        scene.idp.metadata(json!({}));
        assert_eq!((start(&scene.start).await, asked()), (200, 3));
    }

    async fn providers_are_saved_so_often_and_under_names_of_their_own(engine: testkit::Scratch) {
        let idp = Idp::start();
        let settings = idp.settings();
        let mut settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.push(("DOORWARD_PROVIDER_CHECKS_PER_ORGANIZATION", "3"));
        let app = TestApp::with(engine, &settings).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let ada = app.signed_in(app.user(ADA, &[(&acme, Role::Owner), (&beta, Role::Owner)]).await).await;
        let form = async |org: &OrgId, name: &str| {
            PageForm::to(&ada.get(&url::portal_new_provider(org)).await, &url::portal_providers(org))
                .with("name", name)
                .with("issuer", &idp.url)
                .with("client_id", "x")
                .with("client_secret", "y")
        };
        for name in ["Google", "github", "MICROSOFT"] {
            let refused = ada.submit(&form(&acme, name).await).await;
            assert!(refused.status == 400 && refused.text.contains("People know another provider by this name"), "{name}: {}", refused.text);
        }
        // The operator's name is taken from nobody who goes to the same provider.
        for name in ["Idp", "Acme", "Login"] {
            assert_eq!(ada.submit(&form(&acme, name).await).await.status, 303, "{name}");
        }
        let asked = idp.asked().len();
        let spent = ada.submit(&form(&acme, "More").await).await;
        assert_eq!((spent.status, spent.header("retry-after"), idp.asked().len()), (429, "3600", asked));
        assert!(spent.text.contains("Providers were saved too often. Wait 60 minutes"), "{}", spent.text);
        assert_eq!(ada.submit(&form(&beta, "Beta").await).await.status, 303, "another organization's is its own");
        // Whose a button is stands on it, and where it leads on the page in between.
        let guest = app.browser();
        let shown = guest.get(&url::login_to(&url::device(&beta))).await;
        assert!(shown.text.contains("Continue with <bdi>beta organization</bdi>: <bdi>Beta</bdi>"), "{}", shown.text);
        assert!(shown.text.contains("Continue with <bdi>Idp</bdi>"), "{}", shown.text);
        let own = PageForm::all(&shown.text).into_iter().find(|form| form.action.starts_with("/orgs/beta/login/upstream/")).unwrap();
        let leaving = guest.submit(&own).await;
        let host = idp.url.trim_start_matches("http://");
        assert!(leaving.text.contains(&format!("<bdi>Beta</bdi> at <bdi>{host}</bdi>")), "{}", leaving.text);
        app.wait(3600);
        let ada = app.signed_in(app.user("eve@acme.example", &[(&acme, Role::Owner)]).await).await;
        let again = PageForm::to(&ada.get(&url::portal_new_provider(&acme)).await, &url::portal_providers(&acme));
        let again = again.with("name", "More").with("issuer", &idp.url).with("client_id", "x").with("client_secret", "y");
        assert_eq!(ada.submit(&again).await.status, 303);
    }

    async fn the_last_place_for_a_provider_is_taken_once(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (org, issuer, by) = (scene.acme.clone(), scene.idp.url.clone(), By::operator(&scene.app.clock.moment()));
        scene.app.write(move |conn| (2..login::upstream::own::MOST).try_for_each(|_| own_provider(conn, &org, &issuer, &by).map(drop))).await;
        let owner = scene.app.signed_in(scene.ada).await;
        let mut forms = Vec::new();
        for number in 0..4 {
            let page = owner.get(&url::portal_new_provider(&scene.acme)).await;
            let form = PageForm::to(&page, &url::portal_providers(&scene.acme)).with("name", &format!("Login {number}"));
            forms.push(form.with("issuer", &scene.idp.url).with("client_id", "x").with("client_secret", "y"));
        }
        let (one, two, three, four) =
            tokio::join!(owner.submit(&forms[0]), owner.submit(&forms[1]), owner.submit(&forms[2]), owner.submit(&forms[3]));
        let mut statuses = [one.status, two.status, three.status, four.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400, 400, 400]);
        assert_eq!(scene.app.texts("SELECT name AS value FROM upstream_providers").await.len(), login::upstream::own::MOST);
    }
}
