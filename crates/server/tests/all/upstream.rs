//! Signing in by way of the operator's identity providers.

use crate::idp::{Idp, Mood, Signed};
use crate::page_form::PageForm;
use crate::second_factors::totp_code;
use crate::stage::{PASSWORD, invited, link_object};
use crate::support::{Answer, Browser, TestApp};
use model::audit::By;
use model::id::{OrgId, UserId};
use model::org::{OrgChanges, Registration, Role};
use model::user::UserState;
use routes::url;
use serde_json::{Value, json};

const ADA: &str = "ada@acme.example";
const START: &str = "/login/upstream/idp";
const NEXT: &str = "/orgs/acme/device";
const IDENTITIES: &str = "SELECT email AS value FROM upstream_identities ORDER BY email";

struct Scene {
    idp: Idp,
    app: TestApp,
    acme: OrgId,
    ada: UserId,
}

async fn scene(engine: testkit::Scratch) -> Scene {
    let idp = Idp::start();
    let app = idp.app(engine).await;
    let acme = app.org("acme").await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner)]).await;
    Scene { idp, app, acme, ada }
}

fn is_ada() -> Value {
    json!({ "sub": "ada-there", "email": "Ada@acme.example" })
}

/// How many rows of the audit log say this.
pub async fn audited(app: &TestApp, action: &str) -> usize {
    let actions = app.texts("SELECT action AS value FROM audit").await;
    actions.iter().filter(|known| *known == action).count()
}

impl Scene {
    async fn go(&self, browser: &Browser<'_>, claims: &Value) -> Answer {
        browser.go_by(&self.idp, (START, NEXT), claims).await
    }

    /// Links Ada's account there to hers here, in this browser.
    async fn link(&self, browser: &Browser<'_>) {
        assert_eq!(self.go(browser, &is_ada()).await.location(), url::UPSTREAM_LINK);
        let login = PageForm::to(&browser.get(&url::login_to(url::UPSTREAM_LINK)).await, url::LOGIN);
        let signed_in = browser.submit(&login.with("email", ADA).with("password", PASSWORD)).await;
        assert_eq!(signed_in.location(), url::UPSTREAM_LINK);
        let form = PageForm::to(&browser.get(url::UPSTREAM_LINK).await, url::UPSTREAM_LINK);
        assert_eq!(browser.submit(&form).await.location(), NEXT);
    }

    async fn registration(&self, registration: Registration) {
        let (org, by) = (self.acme.clone(), By::operator(&self.app.clock.moment()));
        let changes = OrgChanges { registration: Some(registration), ..OrgChanges::default() };
        self.app.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
    }

    /// That the sign-in page says this, with all ways to sign in, and that nobody is signed in.
    async fn refused(&self, browser: &Browser<'_>, answer: &Answer, problem: &str, sentence: &str) {
        let page = answer.location().to_owned();
        assert!(page.starts_with(&format!("/login?upstream={problem}&next=")), "{page}, not {problem}");
        let shown = browser.get(&page).await;
        assert!(shown.text.contains(sentence), "{problem}: {}", shown.text);
        assert!(shown.text.contains("name=\"password\"") && shown.text.contains(START), "{}", shown.text);
        assert!(!browser.is_signed_in().await, "{problem}");
    }
}

testkit::both_engines! {
    async fn a_stranger_with_the_address_of_an_account_links_it_by_proving_the_account(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.browser();
        assert_eq!(scene.go(&browser, &is_ada()).await.location(), url::UPSTREAM_LINK);
        assert!(!browser.is_signed_in().await && scene.app.texts(IDENTITIES).await.is_empty());
        let asked = browser.get(url::UPSTREAM_LINK).await;
        assert!(asked.text.contains("show that the account with this address is yours"), "{}", asked.text);
        assert!(PageForm::all(&asked.text).iter().all(|form| form.action != url::UPSTREAM_LINK));
        scene.link(&browser).await;
        assert_eq!(scene.app.texts(IDENTITIES).await, ["Ada@acme.example"]);
        assert_eq!(audited(&scene.app, "user.upstream_linked").await, 1);
        let letters = scene.app.texts("SELECT payload AS value FROM outbox WHERE letter = 'account_changed'").await;
        assert!(letters.len() == 1 && letters[0].contains(r#""identity_linked":"Idp""#), "{letters:?}");
        // From now on, it is enough in this browser, which the account knows.
        browser.submit(&PageForm::to(&browser.get(url::ORGANIZATIONS).await, url::LOGOUT)).await;
        assert_eq!(scene.go(&browser, &is_ada()).await.location(), NEXT);
        assert!(browser.is_signed_in().await);
        // Another browser is held back, as after a right password.
        let elsewhere = scene.app.browser();
        assert_eq!(scene.go(&elsewhere, &is_ada()).await.location(), url::NEW_DEVICE);
        assert!(!elsewhere.is_signed_in().await);
        // Another account there with the same address is nobody here.
        let other = json!({ "sub": "another", "email": ADA });
        assert_eq!(scene.go(&scene.app.browser(), &other).await.location(), url::UPSTREAM_LINK);
    }

    async fn what_waits_is_linked_to_the_account_with_its_address_alone_in_its_browser_and_in_time(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let eve = scene.app.user_with_password("eve@acme.example", PASSWORD, &[(&scene.acme, Role::Member)]).await;
        // Eve's browser holds Ada's account there: Eve, signed in, can't take it.
        let browser = scene.app.signed_in(eve).await;
        let address = {
            let guest = scene.app.browser();
            let address = guest.set_out(START, NEXT).await;
            browser.set_cookie("doorward_presession", &guest.cookie("doorward_presession").unwrap());
            address
        };
        let came = browser.come_back(START, &scene.idp.agree(&address, &is_ada(), scene.app.clock.now())).await;
        assert_eq!(came.location(), url::UPSTREAM_LINK);
        let page = browser.get(url::UPSTREAM_LINK).await;
        assert!(page.text.contains("which is another address"), "{}", page.text);
        let waits = link_object(&browser.cookie("doorward_link").unwrap());
        let token = browser.token_for(("link-upstream", &waits));
        assert_eq!(browser.post(url::UPSTREAM_LINK, &[("csrf_token", token)]).await.status, 409);
        // Ada, in a browser that has not been there, has nothing to link.
        let ada = scene.app.signed_in(scene.ada).await;
        let token = ada.token_for(("link-upstream", &waits));
        assert!(ada.post(url::UPSTREAM_LINK, &[("csrf_token", token.as_str())]).await.location().contains("upstream=stale"));
        // In the right one, sixteen minutes are too many.
        ada.set_cookie("doorward_link", &browser.cookie("doorward_link").unwrap());
        scene.app.wait(16 * 60);
        assert!(ada.get(url::UPSTREAM_LINK).await.location().contains("upstream=stale"));
        assert!(ada.post(url::UPSTREAM_LINK, &[("csrf_token", token)]).await.location().contains("upstream=stale"));
        assert!(scene.app.texts(IDENTITIES).await.is_empty());
    }

    async fn a_page_left_open_links_nothing_else_that_waits_by_then(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.signed_in(scene.ada).await;
        let wait_as = async |subject: &str| {
            let guest = scene.app.browser();
            let address = guest.set_out(START, NEXT).await;
            browser.set_cookie("doorward_presession", &guest.cookie("doorward_presession").unwrap());
            let claims = json!({ "sub": subject, "email": ADA });
            let came = browser.come_back(START, &scene.idp.agree(&address, &claims, scene.app.clock.now())).await;
            assert_eq!(came.location(), url::UPSTREAM_LINK);
            PageForm::to(&browser.get(url::UPSTREAM_LINK).await, url::UPSTREAM_LINK)
        };
        let (shown, waiting) = (wait_as("ada-there").await, wait_as("somebody else's").await);
        assert_eq!(browser.submit(&shown).await.status, 403);
        assert!(scene.app.texts(IDENTITIES).await.is_empty());
        assert_eq!(browser.submit(&waiting).await.location(), NEXT);
        assert_eq!(scene.app.texts("SELECT subject AS value FROM upstream_identities").await, ["somebody else's"]);
    }

    async fn a_crowd_on_the_way_to_a_provider_shuts_nobody_out(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let random = if scene.app.db.is_postgres() { "decode(md5(i::text) || md5('x' || i::text), 'hex')" } else { "randomblob(32)" };
        let fill = async |network: &'static str, rows: i64| {
            let many = format!(
                "INSERT INTO upstream_attempts (digest, browser, provider_owner, provider_id, next, network, expires_at) \
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
                 SELECT {random}, {random}, '~server', 'idp', '/', '{network}', {} + i FROM n",
                scene.app.clock.now().millis() + 300_000
            );
            scene.app.write(move |conn| conn.execute_sql(&many)).await;
        };
        let most = login::upstream::attempt::MOST;
        fill("elsewhere", most.in_server).await;
        // Whoever comes is let on, and the oldest of the crowd make room.
        assert_eq!(scene.go(&scene.app.browser(), &is_ada()).await.location(), url::UPSTREAM_LINK);
        let left = "SELECT count(*) AS value FROM upstream_attempts WHERE network = 'elsewhere'";
        assert_eq!(scene.app.numbers(left).await, [most.in_server - most.in_server / 10]);
        // A network that has as many as it may is told to wait, whatever room there is.
        scene.app.write(|conn| conn.execute_sql("UPDATE upstream_attempts SET network = '127.0.0.1'")).await;
        let browser = scene.app.browser();
        let form = PageForm::to(&browser.get(&url::login_to(NEXT)).await, START);
        assert!(browser.submit(&form).await.location().starts_with("/login?upstream=away"));
    }

    async fn whoever_has_no_account_gets_one_where_the_organization_lets_them_in(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let grace = json!({ "sub": "grace", "email": "grace@new.example", "name": "Grace" });
        let browser = scene.app.browser();
        let unknown = scene.go(&browser, &grace).await;
        scene.refused(&browser, &unknown, "unknown", "There is no account for you here yet").await;
        scene.registration(Registration::Domains(vec!["acme.example".to_owned()])).await;
        assert!(scene.go(&browser, &grace).await.location().contains("upstream=unknown"));
        scene.registration(Registration::Domains(vec!["new.example".to_owned()])).await;
        assert_eq!(scene.go(&browser, &grace).await.location(), NEXT);
        assert!(browser.is_signed_in().await);
        let made = scene.app.texts("SELECT u.name || ' ' || m.role AS value FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email_key = 'grace@new.example' AND u.email_verified_at IS NOT NULL AND u.password_hash IS NULL").await;
        assert_eq!(made, ["Grace member"]);
        // Not on the way to any organization: there is none to be let in by.
        let nowhere = scene.app.browser();
        let linus = json!({ "sub": "linus", "email": "linus@new.example" });
        let came = nowhere.go_by(&scene.idp, (START, "/orgs"), &linus).await;
        assert!(came.location().contains("upstream=unknown"), "{}", came.location());
        // Whoever is invited has an account made, and accepts by themselves.
        scene.registration(Registration::ByInvitation).await;
        let (_, token) = invited(&scene.app, &scene.acme, "linus@new.example").await;
        let other = json!({ "sub": "mallory", "email": "mallory@new.example" });
        let came = scene.app.browser().go_by(&scene.idp, (START, &url::invitation(&token)), &other).await;
        assert!(came.location().contains("upstream=unknown"), "the invitation is somebody else's");
        let address = nowhere.set_out_from(START, &url::invitation(&token)).await;
        let came = nowhere.come_back(START, &scene.idp.agree(&address, &linus, scene.app.clock.now())).await;
        assert_eq!(came.location(), url::invitation(&token));
        let form = PageForm::to(&nowhere.get(came.location()).await, &url::invitation(&token));
        assert_eq!(nowhere.submit(&form).await.location(), url::device_joined(&scene.acme));
    }

    async fn what_a_provider_must_not_say_lets_nobody_in(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.link(&scene.app.browser()).await;
        let now = scene.app.clock.now().seconds();
        let browser = scene.app.browser();
        let failed = "Signing in by the other provider";
        for wrong in [
            json!({ "nonce": "another" }),
            json!({ "nonce": null }),
            json!({ "iss": "https://evil.example" }),
            json!({ "iss": [scene.idp.url] }),
            json!({ "aud": "another" }),
            json!({ "aud": null }),
            json!({ "aud": ["another", crate::idp::CLIENT] }),
            json!({ "azp": "another" }),
            json!({ "exp": now - 61 }),
            json!({ "exp": null }),
            json!({ "iat": now + 3600 }),
            json!({ "nbf": now + 3600 }),
            json!({ "sub": null }),
            json!({ "sub": "" }),
            json!({ "sub": "x".repeat(256) }),
            json!({ "no_id_token": true }),
        ] {
            let mut claims = is_ada();
            for (name, value) in wrong.as_object().unwrap() {
                claims[name] = value.clone();
            }
            let answer = scene.go(&browser, &claims).await;
            scene.refused(&browser, &answer, "failed", failed).await;
        }
        for signed in [Signed::ByAnother, Signed::Not, Signed::ByPublicKey] {
            scene.idp.sign(signed);
            let answer = scene.go(&browser, &is_ada()).await;
            scene.refused(&browser, &answer, "failed", failed).await;
        }
        scene.idp.sign(Signed::Well);
        // What is right after all: a clock that differs a little, and an audience in a list.
        let fine = json!({ "sub": "ada-there", "exp": now - 30, "iat": now + 30, "aud": [crate::idp::CLIENT] });
        assert_eq!(scene.go(&browser, &fine).await.location(), url::NEW_DEVICE);
    }

    async fn without_a_verified_address_nothing_is_linked_and_nothing_made(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.registration(Registration::Open).await;
        let browser = scene.app.browser();
        for address in [
            json!({ "email": ADA, "email_verified": false }),
            json!({ "email": ADA, "email_verified": null }),
            json!({ "email": ADA, "email_verified": "yes" }),
            json!({ "email": "new@new.example", "email_verified": false }),
            json!({ "email": "not an address", "email_verified": true }),
            json!({ "email_verified": true }),
        ] {
            let answer = scene.go(&browser, &address).await;
            scene.refused(&browser, &answer, "unverified", "say that your e-mail address is yours").await;
        }
        assert!(scene.app.texts(IDENTITIES).await.is_empty());
        // Where the token says none, userinfo is asked, which must speak of the same person.
        scene.idp.metadata(json!({ "userinfo_endpoint": format!("{}/userinfo", scene.idp.url) }));
        scene.app.wait(3601);
        scene.idp.userinfo(json!({ "sub": "somebody else", "email": ADA, "email_verified": true }));
        assert!(scene.go(&browser, &json!({ "sub": "ada-there" })).await.location().contains("upstream=failed"));
        scene.idp.userinfo(json!({ "sub": "ada-there", "email": ADA, "email_verified": true }));
        assert_eq!(scene.go(&browser, &json!({ "sub": "ada-there" })).await.location(), url::UPSTREAM_LINK);
    }

    async fn a_provider_that_is_down_or_odd_costs_a_sentence(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.link(&scene.app.browser()).await;
        let browser = scene.app.browser();
        let (away, failed) = ("The other provider doesn", "Signing in by the other provider");
        let secret = format!("{}/secret", scene.idp.url);
        for (mood, problem, sentence) in [
            (Mood::Status(503), "away", away),
            (Mood::Status(404), "failed", failed),
            (Mood::Garbage, "failed", failed),
            (Mood::Elsewhere(secret.clone()), "away", away),
            (Mood::Elsewhere("http://169.254.169.254/latest".to_owned()), "away", away),
        ] {
            scene.idp.mood("/token", mood);
            let answer = scene.go(&browser, &is_ada()).await;
            scene.refused(&browser, &answer, problem, sentence).await;
        }
        scene.idp.mood("/token", Mood::Well);
        // The same of its metadata, once they are not remembered any more: nobody can set out.
        scene.app.wait(3601);
        for mood in [Mood::Status(500), Mood::Garbage, Mood::Elsewhere(secret)] {
            scene.idp.mood("/.well-known/openid-configuration", mood);
            let form = PageForm::to(&browser.get(&url::login_to(NEXT)).await, START);
            let answer = browser.submit(&form).await;
            scene.refused(&browser, &answer, "away", away).await;
        }
        scene.idp.mood("/.well-known/openid-configuration", Mood::Well);
        // Metadata of another issuer, or that name addresses which are not asked.
        for wrong in [
            json!({ "issuer": "https://evil.example" }),
            json!({ "token_endpoint": "http://127.0.0.1:1/token" }),
            json!({ "jwks_uri": "https://10.0.0.1/jwks" }),
            json!({ "userinfo_endpoint": "file:///etc/passwd" }),
            json!({ "authorization_endpoint": "javascript:alert(1)" }),
            json!({ "token_endpoint": null }),
        ] {
            scene.idp.metadata(wrong.clone());
            let form = PageForm::to(&browser.get(&url::login_to(NEXT)).await, START);
            let answer = browser.submit(&form).await;
            scene.refused(&browser, &answer, "away", away).await;
        }
        scene.idp.metadata(json!({}));
        assert_eq!(scene.go(&browser, &is_ada()).await.location(), url::NEW_DEVICE);
        assert!(scene.idp.asked().iter().all(|path| path != "/secret"), "no redirect was followed");
    }

    async fn what_a_browser_brings_back_is_its_own_and_good_once(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.link(&scene.app.browser()).await;
        let (browser, other) = (scene.app.browser(), scene.app.browser());
        let address = browser.set_out(START, NEXT).await;
        let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
        other.get(url::LOGIN).await;
        let stolen = other.come_back(START, &query).await;
        scene.refused(&other, &stolen, "stale", "began in another browser").await;
        // Where the browser sends it elsewhere, or spoils it, nothing is used up.
        let mut spoilt = query.clone();
        spoilt[1].1.push('x');
        assert!(browser.come_back(START, &spoilt).await.location().contains("upstream=stale"));
        assert!(browser.come_back(START, &query[..1]).await.location().contains("upstream=stale"));
        let twice: Vec<_> = query.iter().chain(&query).cloned().collect();
        assert!(browser.come_back(START, &twice).await.location().contains("upstream=stale"));
        assert_eq!(browser.come_back("/login/upstream/other", &query).await.location(), "/login?upstream=stale&next=%2Forgs");
        assert_eq!(browser.come_back(START, &query).await.location(), url::NEW_DEVICE);
        let again = browser.come_back(START, &query).await;
        scene.refused(&browser, &again, "stale", "This took too long").await;
        // Eleven minutes are too many.
        let address = browser.set_out(START, NEXT).await;
        let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
        scene.app.wait(11 * 60);
        assert!(browser.come_back(START, &query).await.location().contains("upstream=stale"));
        // Whoever does not agree there is told what to do.
        let address = browser.set_out(START, NEXT).await;
        let state = scene.idp.agree(&address, &is_ada(), scene.app.clock.now())[1].clone();
        let denied = browser.come_back(START, &[("error".to_owned(), "access_denied".to_owned()), state]).await;
        scene.refused(&browser, &denied, "denied", "You have not let the other provider").await;
        let address = browser.set_out(START, NEXT).await;
        let state = scene.idp.agree(&address, &is_ada(), scene.app.clock.now())[1].clone();
        let odd = browser.come_back(START, &[("error".to_owned(), "server_error".to_owned()), state]).await;
        assert!(odd.location().contains("upstream=failed"));
    }

    async fn who_answers_is_checked_wherever_it_is_said_or_promised(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.link(&scene.app.browser()).await;
        let browser = scene.app.browser();
        let back = async |iss: Option<&str>| {
            let address = browser.set_out(START, NEXT).await;
            let mut query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
            query.extend(iss.map(|iss| ("iss".to_owned(), iss.to_owned())));
            browser.come_back(START, &query).await.location().to_owned()
        };
        assert_eq!(back(None).await, url::NEW_DEVICE);
        assert_eq!(back(Some(&scene.idp.url)).await, url::NEW_DEVICE);
        assert!(back(Some("https://evil.example")).await.contains("upstream=failed"));
        scene.idp.metadata(json!({ "authorization_response_iss_parameter_supported": true }));
        scene.app.wait(3601);
        assert!(back(None).await.contains("upstream=failed"));
        assert_eq!(back(Some(&scene.idp.url)).await, url::NEW_DEVICE);
    }

    async fn new_keys_of_a_provider_are_asked_for_once_a_minute(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.link(&scene.app.browser()).await;
        let asked = || scene.idp.asked().iter().filter(|path| *path == "/jwks").count();
        assert_eq!(asked(), 1);
        scene.idp.new_keys();
        let browser = scene.app.browser();
        assert!(scene.go(&browser, &is_ada()).await.location().contains("upstream=failed"));
        assert_eq!(asked(), 1, "they are a moment old");
        scene.app.wait(60);
        assert_eq!(scene.go(&browser, &is_ada()).await.location(), url::NEW_DEVICE);
        assert_eq!(asked(), 2);
    }

    async fn a_provider_stands_for_the_password_and_for_nothing_else(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.browser();
        scene.link(&browser).await;
        let secret = browser.set_up_totp().await;
        let elsewhere = scene.app.browser();
        assert_eq!(scene.go(&elsewhere, &is_ada()).await.location(), url::LOGIN_FACTOR);
        assert!(!elsewhere.is_signed_in().await);
        scene.app.wait(30);
        let form = PageForm::to(&elsewhere.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR);
        let code = totp_code(&secret, scene.app.clock.now());
        assert_eq!(elsewhere.submit(&form.with("code", &code)).await.location(), NEXT);
        assert!(elsewhere.is_signed_in().await);
        scene.app.set_user_state(scene.ada, UserState::Disabled).await;
        let answer = scene.go(&scene.app.browser(), &is_ada()).await;
        assert!(answer.location().contains("upstream=failed"));
    }

    async fn a_code_that_was_typed_before_is_claimed_when_the_browser_comes_back(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.browser();
        scene.link(&browser).await;
        browser.submit(&PageForm::to(&browser.get(url::ORGANIZATIONS).await, url::LOGOUT)).await;
        let client = scene.app.device_app(&scene.acme).await;
        let codes = client.begin(&scene.app).await;
        let entered = browser.enter(&scene.acme, &codes.user_code).await;
        assert_eq!(entered.location(), url::login_to(NEXT));
        let came = scene.go(&browser, &is_ada()).await;
        assert!(came.location().starts_with("/orgs/acme/device/review?grant="), "{}", came.location());
        let review = browser.get(came.location()).await;
        browser.decide(&scene.acme, &review, "approve").await;
        assert_eq!(client.poll(&scene.app, &codes.device_code).await.status, 200);
    }

    async fn nobody_is_led_elsewhere_afterwards(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.browser();
        scene.link(&browser).await;
        for evil in ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example"] {
            browser.submit(&PageForm::to(&browser.get(url::ORGANIZATIONS).await, url::LOGOUT)).await;
            let form = PageForm::to(&browser.get(url::LOGIN).await, START).with("next", evil);
            let leaving = browser.submit(&form).await;
            let address = leaving.header("refresh").strip_prefix("0; url=").unwrap().to_owned();
            let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
            assert_eq!(browser.come_back(START, &query).await.location(), url::ORGANIZATIONS, "{evil}");
        }
    }

    async fn accounts_there_are_linked_and_unlinked_in_the_accounts_security(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.signed_in(scene.ada).await;
        let start = "/account/security/upstream/idp";
        let leave = async || {
            let leaving = browser.submit(&PageForm::to(&browser.get(url::SECURITY).await, start)).await;
            leaving.header("refresh").strip_prefix("0; url=").unwrap().to_owned()
        };
        let address = leave().await;
        let other = json!({ "sub": "other", "email": "other@acme.example" });
        let query = scene.idp.agree(&address, &other, scene.app.clock.now());
        let refused = browser.come_back(START, &query).await;
        assert_eq!(refused.location(), url::after(url::SECURITY, "other-address"));
        assert!(browser.get(refused.location()).await.text.contains("has another e-mail address than yours"));
        let address = leave().await;
        let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
        // Another session of hers can't finish what this one began, nor can a guest.
        let second = scene.app.signed_in(scene.ada).await;
        assert!(second.come_back(START, &query).await.location().contains("upstream=stale"));
        assert_eq!(browser.come_back(START, &query).await.location(), url::after(url::SECURITY, "linked"));
        let page = browser.get(url::SECURITY).await;
        let remove = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with("/remove") && form.action.contains("identities"));
        let remove = remove.unwrap();
        assert!(page.text.contains("Unlink") && !page.text.contains(start), "{}", page.text);
        // Somebody else's is not theirs to unlink.
        let eve = scene.app.user("eve@acme.example", &[(&scene.acme, Role::Member)]).await;
        let eves = scene.app.signed_in(eve).await;
        let id = remove.action.split('/').nth(4).unwrap().to_owned();
        let token = eves.token_for(("identity-unlink", &id));
        assert_eq!(eves.post(&remove.action, &[("csrf_token", token)]).await.status, 404);
        // Not the last way in, and not without a fresh proof.
        scene.app.sql("UPDATE users SET password_hash = NULL").await;
        assert_eq!(browser.submit(&remove).await.location(), url::after(url::SECURITY, "last"));
        let hash = login::password::hash_now(PASSWORD).unwrap();
        let ada = scene.ada;
        scene.app.write(move |conn| store::tables::users::set_password(conn, ada, &hash)).await;
        scene.app.wait(31 * 60);
        assert!(browser.submit(&remove).await.location().starts_with(url::STEP_UP));
        assert_eq!(browser.step_up("password", PASSWORD).await.status, 303);
        let page = browser.get(url::SECURITY).await;
        let remove = PageForm::all(&page.text).into_iter().find(|form| form.action.contains("identities")).unwrap();
        assert_eq!(browser.submit(&remove).await.location(), url::after(url::SECURITY, "unlinked"));
        assert!(scene.app.texts(IDENTITIES).await.is_empty());
        assert_eq!(audited(&scene.app, "user.upstream_unlinked").await, 1);
        assert_eq!(scene.go(&scene.app.browser(), &is_ada()).await.location(), url::UPSTREAM_LINK);
    }
}
