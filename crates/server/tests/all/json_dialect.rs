//! The device login as programs speak it that want JSON and a key, and that nobody has registered.

use crate::rows::Rows;
use crate::support::{Answer, Browser, Codes, TestApp};
use model::id::{OrgId, UserId};
use model::org::{OrgChanges, Role};
use model::user::UserState;
use reqwest::Method;
use routes::url;
use serde_json::{Value, json};
use testkit::Scratch;

const OPEN: (&str, &str) = ("DOORWARD_UNREGISTERED_CLIENTS", "true");

async fn open(engine: Scratch) -> TestApp {
    TestApp::with(engine, &[("DOORWARD_LIMITS", "off"), OPEN]).await
}

async fn post(app: &TestApp, route: &str, body: &Value) -> Answer {
    Answer::of(app.request(Method::POST, &format!("/api/auth/device/{route}")).json(body)).await
}

/// Asks for a code as a report tool.
pub async fn begin(app: &TestApp) -> Codes {
    begin_as(app, json!({ "client_name": "Report tool" })).await
}

async fn begin_as(app: &TestApp, asked: Value) -> Codes {
    let answer = post(app, "code", &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |name: &str| answer.json[name].as_str().unwrap().to_owned();
    Codes { device_code: text("device_code"), user_code: text("user_code") }
}

async fn poll(app: &TestApp, codes: &Codes) -> Answer {
    post(app, "token", &json!({ "device_code": codes.device_code })).await
}

/// The names of an object's members, in the alphabet's order: objects have none of their own.
fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// That this is an error as the dialect has it.
fn assert_told(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json["code"].as_str()), (status, Some(code)), "{}", answer.text);
    assert!(answer.json["error"].as_str().unwrap().ends_with('.'), "{}", answer.text);
    assert_eq!(answer.json["request_id"], answer.header("x-request-id"), "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn lookup(browser: &Browser<'_>, user_code: &str) -> Answer {
    browser.get(&format!("/api/auth/device/lookup?user_code={user_code}")).await
}

/// Sends a decision as a program's own page does.
async fn decide(browser: &Browser<'_>, route: &str, body: &Value) -> Answer {
    let seen = lookup(browser, body["user_code"].as_str().unwrap()).await;
    let token = seen.json["csrf_token"].as_str().unwrap_or_default().to_owned();
    decide_with(browser, route, body, &[("x-csrf-token", &token), ("sec-fetch-site", "same-origin")]).await
}

async fn decide_with(browser: &Browser<'_>, route: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let mut request = browser.request(Method::POST, &format!("/api/auth/device/{route}")).json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

async fn me(app: &TestApp, org: &OrgId, key: &str) -> Answer {
    app.get_with_token(&url::me(org), key).await
}

/// Two organizations, and members of one, of the other and of both.
struct Scene {
    app: TestApp,
    acme: OrgId,
    beta: OrgId,
    u1: UserId,
    u3: UserId,
}

impl Scene {
    async fn new(engine: Scratch) -> Self {
        let app = open(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let u3 = app.user("u3@both.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
        Self { app, acme, beta, u1, u3 }
    }
}

testkit::both_engines! {
    async fn case_17_a_code_for_whoever_asks_five_times_a_minute(engine: Scratch) {
        let app = TestApp::with(engine, &[OPEN]).await;
        let answer = post(&app, "code", &json!({ "client_name": "Report tool" })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(names(&answer.json), ["device_code", "expires_in", "interval", "user_code", "verification_uri", "verification_uri_complete"]);
        let device_code = answer.json["device_code"].as_str().unwrap();
        assert_eq!(device_code.len(), 48);
        assert!(device_code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{device_code}");
        assert_eq!((&answer.json["expires_in"], &answer.json["interval"]), (&json!(900), &json!(5)));
        assert_eq!(answer.json["verification_uri"], format!("{}/device", app.public_url));
        let code = answer.json["user_code"].as_str().unwrap();
        assert_eq!(answer.json["verification_uri_complete"], format!("{}/device?code={code}", app.public_url));
        for _ in 0..4 {
            assert_eq!(post(&app, "code", &json!({ "client_name": "x", "scope": "read" })).await.status, 200);
        }
        // Real seconds pass meanwhile, and one more is let through for each twelve of them.
        let mut refused = None;
        for _ in 0..20 {
            let answer = post(&app, "code", &json!({ "client_name": "x" })).await;
            if answer.status != 200 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("the sixth, or one soon after");
        assert_told(&refused, 429, "RATE_LIMITED");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    }

    async fn a_program_that_is_not_let_in_or_says_nonsense_is_told(engine: Scratch) {
        let closed = TestApp::new(Scratch::new(engine.kind())).await;
        assert_told(&post(&closed, "code", &json!({ "client_name": "x" })).await, 403, "FORBIDDEN");
        assert_told(&post(&closed, "token", &json!({ "device_code": "x" })).await, 403, "FORBIDDEN");
        let app = open(engine).await;
        let long = "x".repeat(81);
        for nonsense in [
            json!({}), json!([]), json!({ "client_name": 1 }), json!({ "client_name": "" }), json!({ "client_name": "\u{202e}\n" }),
            json!({ "client_name": long }), json!({ "client_name": "x", "scope": "a\"b" }), json!({ "client_name": "x", "scope": "other" }),
        ] {
            assert_told(&post(&app, "code", &nonsense).await, 400, "INVALID_REQUEST");
        }
        for body in ["", "{", "{\"client_name\":\"a\",\"client_name\":\"b\"}", "\u{0}"] {
            let request = app.request(Method::POST, "/api/auth/device/code").header("content-type", "application/json");
            assert_told(&Answer::of(request.body(body)).await, 400, "INVALID_REQUEST");
        }
        let wrong = app.get("/api/auth/device/code").await;
        assert_eq!((wrong.status, wrong.json["code"].as_str(), wrong.header("allow")), (405, Some("INVALID_REQUEST"), "POST"), "{}", wrong.text);
        let form = app.form("/api/auth/device/code", &[("client_name", "x")]).await;
        assert_told(&form, 400, "INVALID_REQUEST");
        let large = Answer::of(app.request(Method::POST, "/api/auth/device/token").body(vec![b' '; 70_000])).await;
        assert_eq!((large.status, large.json["code"].as_str()), (413, Some("INVALID_REQUEST")), "{}", large.text);
        // An empty scope is as none: what everybody gets.
        let app_code = begin_as(&app, json!({ "client_name": "x", "scope": "" })).await;
        assert_told(&poll(&app, &app_code).await, 202, "AUTHORIZATION_PENDING");
    }

    async fn case_18_polls_wait_and_a_hasty_one_doubles_the_interval(engine: Scratch) {
        let app = open(engine).await;
        let codes = begin(&app).await;
        assert_told(&poll(&app, &codes).await, 202, "AUTHORIZATION_PENDING");
        for interval in [10, 20, 40, 60, 60] {
            app.wait(1);
            let hasty = poll(&app, &codes).await;
            assert_told(&hasty, 429, "SLOW_DOWN");
            assert_eq!((&hasty.json["interval"], hasty.header("retry-after")), (&json!(interval), interval.to_string().as_str()));
        }
        app.wait(55);
        assert_told(&poll(&app, &codes).await, 202, "AUTHORIZATION_PENDING");
        app.wait(59);
        assert_told(&poll(&app, &codes).await, 429, "SLOW_DOWN");
    }

    async fn case_19_the_key_is_given_once(engine: Scratch) {
        let Scene { app, acme, beta, u1, .. } = Scene::new(engine).await;
        let (codes, browser) = (begin(&app).await, app.signed_in(u1).await);
        let seen = lookup(&browser, &codes.user_code).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        assert_eq!(names(&seen.json), ["client_name", "csrf_token", "expires_in", "scopes", "status"], "never the device code");
        assert_eq!((&seen.json["client_name"], &seen.json["status"]), (&json!("Report tool"), &json!("pending")));
        assert_eq!((&seen.json["scopes"], &seen.json["expires_in"]), (&json!(["read", "write"]), &json!(900)));
        let approved = decide(&browser, "authorize", &json!({ "user_code": codes.user_code.to_lowercase().replace('-', "") })).await;
        assert_eq!((approved.status, &approved.json), (200, &json!({ "status": "approved", "org_id": "acme" })), "{}", approved.text);
        assert_eq!(lookup(&browser, &codes.user_code).await.json["status"], "approved");
        let collected = poll(&app, &codes).await;
        assert_eq!(collected.status, 200, "{}", collected.text);
        let key = collected.json["api_key"].as_str().unwrap();
        assert_eq!(
            collected.json,
            json!({ "access_token": key, "api_key": key, "token_type": "bearer", "org_id": "acme", "scopes": ["read", "write"] }),
        );
        assert!(key.starts_with("dwk_") && model::opaque::is_well_formed(key), "{key}");
        assert_told(&poll(&app, &codes).await, 410, "EXPIRED_TOKEN");
        assert_told(&lookup(&browser, &codes.user_code).await, 404, "CODE_NOT_FOUND");
        let told = me(&app, &acme, key).await;
        assert_eq!(told.status, 200, "{}", told.text);
        let expected = json!({
            "sub": u1.to_string(), "email": "u1@acme.example", "org_id": "acme", "client_id": null, "scope": "read write",
            "kind": "api_key", "exp": 1_800_000_000 + 90 * 86_400,
        });
        assert_eq!(told.json, expected);
        assert_eq!(me(&app, &beta, key).await.status, 401);
        // Nothing stored gives it back.
        let stored = format!("{:?}", Rows::of(&app).await);
        assert!(!stored.contains(key) && !stored.contains(&codes.device_code), "a secret is stored");
    }

    async fn case_20_a_denial_and_an_end_are_final(engine: Scratch) {
        let Scene { app, u1, .. } = Scene::new(engine).await;
        let browser = app.signed_in(u1).await;
        let (denied, expired) = (begin(&app).await, begin(&app).await);
        let token = lookup(&browser, &expired.user_code).await.json["csrf_token"].as_str().unwrap().to_owned();
        let said = decide(&browser, "deny", &json!({ "user_code": denied.user_code })).await;
        assert_eq!((said.status, &said.json), (200, &json!({ "status": "denied" })), "{}", said.text);
        assert_told(&poll(&app, &denied).await, 403, "ACCESS_DENIED");
        for route in ["authorize", "deny"] {
            assert_told(&decide(&browser, route, &json!({ "user_code": denied.user_code })).await, 409, "ALREADY_DECIDED");
        }
        assert_told(&poll(&app, &denied).await, 403, "ACCESS_DENIED");
        app.wait(901);
        assert_told(&poll(&app, &expired).await, 410, "EXPIRED_TOKEN");
        let headers = [("x-csrf-token", token.as_str()), ("sec-fetch-site", "same-origin")];
        for (route, code) in [("authorize", expired.user_code.as_str()), ("deny", &expired.user_code), ("deny", "WRNG-WRNG")] {
            let answer = decide_with(&browser, route, &json!({ "user_code": code }), &headers).await;
            assert_told(&answer, 404, "CODE_NOT_FOUND");
        }
        let live = begin(&app).await;
        let forged = decide_with(&browser, "deny", &json!({ "user_code": live.user_code }), &headers).await;
        assert_told(&forged, 403, "FORBIDDEN");
        assert_told(&post(&app, "token", &json!({ "device_code": "a".repeat(48) })).await, 410, "EXPIRED_TOKEN");
        assert_told(&post(&app, "token", &json!({})).await, 400, "INVALID_REQUEST");
    }

    async fn case_21_without_session_or_proof_of_its_page_nothing_is_decided(engine: Scratch) {
        let Scene { app, u1, u3, .. } = Scene::new(engine).await;
        let (codes, guest, browser) = (begin(&app).await, app.browser(), app.signed_in(u1).await);
        let another = app.signed_in(u3).await;
        let before = Rows::of(&app).await.without(&["budgets"]);
        let body = json!({ "user_code": codes.user_code });
        assert_told(&lookup(&guest, &codes.user_code).await, 401, "UNAUTHORIZED");
        for route in ["authorize", "deny"] {
            assert_told(&decide_with(&guest, route, &body, &[("sec-fetch-site", "same-origin")]).await, 401, "UNAUTHORIZED");
            let token = lookup(&browser, &codes.user_code).await.json["csrf_token"].as_str().unwrap().to_owned();
            let other = lookup(&another, &codes.user_code).await.json["csrf_token"].as_str().unwrap().to_owned();
            assert_ne!(token, other);
            for headers in [
                vec![],
                vec![("x-csrf-token", token.as_str())],
                vec![("sec-fetch-site", "same-origin")],
                vec![("sec-fetch-site", "same-origin"), ("x-csrf-token", other.as_str())],
                vec![("sec-fetch-site", "cross-site"), ("x-csrf-token", token.as_str())],
                vec![("origin", "https://evil.example"), ("x-csrf-token", token.as_str())],
            ] {
                assert_told(&decide_with(&browser, route, &body, &headers).await, 403, "FORBIDDEN");
            }
        }
        before.assert_unchanged(&app, "what was refused").await;
        let token = lookup(&browser, &codes.user_code).await.json["csrf_token"].as_str().unwrap().to_owned();
        let headers = [("origin", app.public_url.as_str()), ("x-csrf-token", token.as_str())];
        assert_eq!(decide_with(&browser, "authorize", &body, &headers).await.status, 200, "the origin alone will do");
    }

    async fn case_22_of_a_hundred_polls_at_once_one_gets_the_key(engine: Scratch) {
        let Scene { app, u1, .. } = Scene::new(engine).await;
        let codes = begin(&app).await;
        assert_eq!(decide(&app.signed_in(u1).await, "authorize", &json!({ "user_code": codes.user_code })).await.status, 200);
        let app = std::sync::Arc::new(app);
        let mut polls = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (app, codes) = (app.clone(), codes.clone());
            polls.spawn(async move { poll(&app, &codes).await });
        }
        let answers = polls.join_all().await;
        let got = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(got, 1);
        assert!(answers.iter().all(|answer| [200, 410, 429].contains(&answer.status)), "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        assert_eq!(app.number("SELECT count(*) AS value FROM opaque_tokens").await, 1);
    }

    async fn case_08_of_approve_and_deny_of_a_key_one_counts(engine: Scratch) {
        let Scene { app, u1, .. } = Scene::new(engine).await;
        let browser = app.signed_in(u1).await;
        let cookie = format!("doorward_session={}", browser.cookie("doorward_session").unwrap());
        for round in 0..200 {
            let codes = begin(&app).await;
            let token = lookup(&browser, &codes.user_code).await.json["csrf_token"].as_str().unwrap().to_owned();
            let decide = |route: &str| {
                let request = app.request(Method::POST, &format!("/api/auth/device/{route}"));
                let request = request.header("cookie", &cookie).header("x-csrf-token", &token).header("sec-fetch-site", "same-origin");
                Answer::of(request.json(&json!({ "user_code": codes.user_code })))
            };
            let (approved, denied) = tokio::join!(decide("authorize"), decide("deny"));
            let told = poll(&app, &codes).await;
            match (approved.status, denied.status) {
                (200, 409) => assert_eq!(told.status, 200, "round {round}: {}", told.text),
                (409, 200) => assert_told(&told, 403, "ACCESS_DENIED"),
                both => panic!("round {round}: {both:?}"),
            }
        }
        assert!(app.audited("grant.approved").await + app.audited("grant.denied").await == 200);
    }

    async fn case_50_what_a_program_calls_itself_is_escaped_everywhere(engine: Scratch) {
        let Scene { app, u3, beta, .. } = Scene::new(engine).await;
        let (browser, name) = (app.signed_in(u3).await, "<script>alert(1)</script>\u{202e}&amp; \"x\"");
        let codes = begin_as(&app, json!({ "client_name": name })).await;
        let shown = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp; &quot;x&quot;";
        let review = browser.review(&OrgId::instance(), &codes.user_code).await;
        let decided = browser.decide_for((&OrgId::instance(), beta.as_str()), &review, "approve").await;
        let result = browser.get(decided.location()).await;
        let approved = browser.get(url::CONNECTIONS).await;
        assert_eq!(poll(&app, &codes).await.status, 200);
        let connected = browser.get(url::CONNECTIONS).await;
        for (page, what) in [(&review, "review"), (&result, "result"), (&approved, "approved"), (&connected, "connected")] {
            assert!(page.text.contains(shown), "{what}: {}", page.text);
            assert!(!page.text.contains("<script>alert"), "{what}");
        }
        assert!(review.text.contains("Nobody has checked it."), "{}", review.text);
        app.send_letters("one").await;
        let letters = app.letters();
        let (html, text): (Vec<_>, Vec<_>) = letters.iter().map(|letter| (letter.html.as_str(), letter.text.as_str())).unzip();
        assert!(html.iter().any(|html| html.contains("&lt;script&gt;")) && html.iter().all(|html| !html.contains("<script>")), "{html:?}");
        assert!(text.iter().any(|text| text.contains("<script>alert(1)</script>")), "as it is, in plain text: {text:?}");
    }

    async fn case_23_the_eleventh_approval_in_a_minute_is_not_looked_at(engine: Scratch) {
        let app = TestApp::with(engine, &[OPEN, ("DOORWARD_UNREGISTERED_CODES_PER_MINUTE", "1000")]).await;
        let acme = app.org("acme").await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        // Real seconds pass meanwhile, and one more is let through for each six of them.
        let mut taken = 0;
        let refused = loop {
            let codes = begin(&app).await;
            let answer = decide(&browser, "authorize", &json!({ "user_code": codes.user_code })).await;
            if answer.status == 429 {
                break (answer, codes);
            }
            assert_eq!(answer.status, 200, "{}", answer.text);
            taken += 1;
            assert!(taken < 60, "no bound at all");
        };
        assert!(taken >= 10, "{taken}");
        assert_told(&refused.0, 429, "RATE_LIMITED");
        assert_told(&poll(&app, &refused.1).await, 202, "AUTHORIZATION_PENDING");
        let other = app.user("u2@acme.example", &[(&acme, Role::Member)]).await;
        let answer = decide(&app.signed_in(other).await, "authorize", &json!({ "user_code": refused.1.user_code })).await;
        assert_eq!(answer.status, 200, "another user has their own");
    }

    async fn case_24_nobody_approves_for_an_organization_that_is_not_theirs(engine: Scratch) {
        let Scene { app, u1, u3, .. } = Scene::new(engine).await;
        let (codes, one, three) = (begin(&app).await, app.signed_in(u1).await, app.signed_in(u3).await);
        let nobody = app.signed_in(app.user("u0@none.example", &[]).await).await;
        let code = &codes.user_code;
        let before = Rows::of(&app).await.without(&["budgets"]);
        for org in ["beta", "nowhere", "~instance", "ACME"] {
            assert_told(&decide(&one, "authorize", &json!({ "user_code": code, "org_id": org })).await, 403, "FORBIDDEN");
        }
        assert_told(&decide(&three, "authorize", &json!({ "user_code": code })).await, 400, "INVALID_REQUEST");
        assert_told(&decide(&nobody, "authorize", &json!({ "user_code": code })).await, 403, "FORBIDDEN");
        before.assert_unchanged(&app, "approvals for others").await;
        let approved = decide(&three, "authorize", &json!({ "user_code": code, "org_id": "beta" })).await;
        assert_eq!(approved.json["org_id"], "beta", "{}", approved.text);
    }

    async fn case_61_an_unbound_code_is_good_where_it_was_approved_and_nowhere_else(engine: Scratch) {
        let Scene { app, acme, beta, u3, .. } = Scene::new(engine).await;
        let browser = app.signed_in(u3).await;
        let codes = begin(&app).await;
        assert_eq!(decide(&browser, "authorize", &json!({ "user_code": codes.user_code, "org_id": "beta" })).await.status, 200);
        let key = poll(&app, &codes).await.json;
        assert_eq!(key["org_id"], "beta");
        let by_page = begin(&app).await;
        browser.approve_anywhere(&beta, &by_page.user_code).await;
        let paged = poll(&app, &by_page).await.json;
        let mcp = crate::support::App::mcp().log_in_for(&app, &browser, &beta).await;
        assert_eq!(mcp["org_id"], "beta");
        for token in [&key["api_key"], &paged["api_key"], &mcp["access_token"]] {
            let token = token.as_str().unwrap();
            assert_eq!(me(&app, &beta, token).await.json["org_id"], "beta");
            assert_eq!(me(&app, &acme, token).await.status, 401);
        }
        assert_eq!(app.texts("SELECT DISTINCT org_id AS value FROM opaque_tokens").await, ["beta"]);
    }

    async fn a_claimed_code_is_another_persons_no_more(engine: Scratch) {
        let Scene { app, acme, u1, u3, .. } = Scene::new(engine).await;
        let (one, three) = (app.signed_in(u1).await, app.signed_in(u3).await);
        let codes = begin(&app).await;
        assert_eq!(lookup(&three, &codes.user_code).await.status, 200, "a look claims nothing");
        one.review(&OrgId::instance(), &codes.user_code).await;
        let headers = [("x-csrf-token", "x"), ("sec-fetch-site", "same-origin")];
        let refused = decide_with(&three, "authorize", &json!({ "user_code": codes.user_code, "org_id": "acme" }), &headers).await;
        assert_told(&refused, 404, "CODE_NOT_FOUND");
        assert_told(&lookup(&three, &codes.user_code).await, 404, "CODE_NOT_FOUND");
        // An organization's code is its members' alone, here too.
        let cd = app.device_app(&acme).await;
        let bound = cd.begin(&app).await;
        let stranger = app.signed_in(app.user("x@x.example", &[]).await).await;
        assert_told(&lookup(&stranger, &bound.user_code).await, 404, "CODE_NOT_FOUND");
        let approved = decide(&three, "authorize", &json!({ "user_code": bound.user_code })).await;
        assert_eq!(approved.json["org_id"], "acme", "bound to it: {}", approved.text);
        assert_eq!(cd.poll(&app, &bound.device_code).await.status, 200);
    }

    async fn what_is_refused_for_its_organization_is_not_claimed(engine: Scratch) {
        let Scene { app, acme, beta, u1, u3 } = Scene::new(engine).await;
        let three = app.signed_in(u3).await;
        let bound = app.device_app(&acme).await.begin(&app).await;
        let before = Rows::of(&app).await.without(&["budgets"]);
        let elsewhere = decide(&three, "authorize", &json!({ "user_code": bound.user_code, "org_id": "beta" })).await;
        assert_told(&elsewhere, 403, "FORBIDDEN");
        before.assert_unchanged(&app, "another organization than the client's").await;
        // Nor is what needs a second factor that the session has not shown: a colleague who has shown it may still decide.
        app.sql("UPDATE organizations SET factor_required_since = 0, factor_grace_ms = 0 WHERE org_id = 'acme'").await;
        let unbound = begin(&app).await;
        let before = Rows::of(&app).await.without(&["budgets"]);
        let missing = decide(&three, "authorize", &json!({ "user_code": unbound.user_code, "org_id": "acme" })).await;
        assert_told(&missing, 403, "FORBIDDEN");
        assert!(missing.json["error"].as_str().unwrap().contains("second factor"), "{}", missing.text);
        assert_told(&lookup(&three, &bound.user_code).await, 404, "CODE_NOT_FOUND");
        let headers = [("x-csrf-token", "x"), ("sec-fetch-site", "same-origin")];
        let denied = decide_with(&three, "deny", &json!({ "user_code": bound.user_code }), &headers).await;
        assert_told(&denied, 404, "CODE_NOT_FOUND");
        before.assert_unchanged(&app, "without the second factor").await;
        let entered = three.enter(&OrgId::instance(), &bound.user_code).await;
        assert_eq!(entered.location(), url::device_with_code(&acme, &bound.user_code.replace('-', "")), "whose page says what is missing");
        before.assert_unchanged(&app, "typed without the second factor").await;
        assert_ne!(three.get(entered.location()).await.status, 200);
        app.sql("UPDATE organizations SET factor_required_since = NULL").await;
        app.signed_in(u1).await.approve(&acme, &bound.user_code).await;
        three.approve_anywhere(&beta, &unbound.user_code).await;
    }

    async fn no_other_site_looks_codes_up_for_its_visitors(engine: Scratch) {
        let Scene { app, u1, .. } = Scene::new(engine).await;
        let (browser, codes) = (app.signed_in(u1).await, begin(&app).await);
        let path = format!("/api/auth/device/lookup?user_code={}", codes.user_code);
        let before = Rows::of(&app).await;
        for site in ["cross-site", "same-site", ""] {
            let sent = browser.request(Method::GET, &path).header("sec-fetch-site", site);
            assert_told(&Answer::of(sent).await, 403, "FORBIDDEN");
        }
        before.assert_unchanged(&app, "a look by another site").await;
        for site in ["same-origin", "none"] {
            assert_eq!(Answer::of(browser.request(Method::GET, &path).header("sec-fetch-site", site)).await.status, 200, "{site}");
        }
    }

    async fn a_list_is_no_object(engine: Scratch) {
        let app = open(engine).await;
        assert_told(&post(&app, "code", &json!(["Report tool", "read"])).await, 400, "INVALID_REQUEST");
        assert_told(&post(&app, "token", &json!(["x"])).await, 400, "INVALID_REQUEST");
    }

    async fn what_is_approved_under_a_ceiling_is_what_the_log_says(engine: Scratch) {
        let Scene { app, acme, u1, .. } = Scene::new(engine).await;
        app.sql("UPDATE organizations SET device_scope_ceiling = 'read' WHERE org_id = 'acme'").await;
        let codes = begin_as(&app, json!({ "client_name": "Report tool", "scope": "read write" })).await;
        app.signed_in(u1).await.approve_anywhere(&acme, &codes.user_code).await;
        assert_eq!(poll(&app, &codes).await.json["scopes"], json!(["read"]));
        for action in ["grant.approved", "grant.redeemed"] {
            let told = app.texts("SELECT action || ' ' || details AS value FROM audit").await;
            let row = told.iter().find(|row| row.starts_with(action)).unwrap().split_once(' ').unwrap();
            assert_eq!(serde_json::from_str::<Value>(row.1).unwrap()["scope"], "read", "{action}");
        }
    }

    async fn a_withdrawn_approval_is_in_the_log_of_the_organization_it_was_for(engine: Scratch) {
        let Scene { app, beta, u3, .. } = Scene::new(engine).await;
        let codes = begin(&app).await;
        app.signed_in(u3).await.approve_anywhere(&beta, &codes.user_code).await;
        let (org, by) = (beta.clone(), model::audit::By::operator(&app.clock.moment()));
        app.write(move |conn| directory::members::remove(conn, &org, u3, &by)).await;
        assert_eq!(app.texts("SELECT org_id AS value FROM audit WHERE action = 'grant.withdrawn'").await, ["beta"]);
        assert_told(&poll(&app, &codes).await, 403, "ACCESS_DENIED");
    }

    async fn wrong_codes_are_counted_here_too(engine: Scratch) {
        let Scene { app, u1, .. } = Scene::new(engine).await;
        let (browser, codes) = (app.signed_in(u1).await, begin(&app).await);
        for _ in 0..5 {
            assert_told(&lookup(&browser, "WRNG-WRNG").await, 404, "CODE_NOT_FOUND");
        }
        let spent = lookup(&browser, &codes.user_code).await;
        assert_told(&spent, 429, "RATE_LIMITED");
        assert!(!spent.header("retry-after").is_empty());
        assert_eq!(browser.enter(&OrgId::instance(), &codes.user_code).await.status, 429, "one budget");
    }

    async fn whoever_may_no_longer_gets_no_key_and_keeps_none(engine: Scratch) {
        let Scene { app, acme, beta, u3, .. } = Scene::new(engine).await;
        let browser = app.signed_in(u3).await;
        let approved = async |org: &str| {
            let codes = begin(&app).await;
            let answer = decide(&browser, "authorize", &json!({ "user_code": codes.user_code, "org_id": org })).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            codes
        };
        let (first, second, third) = (approved("beta").await, approved("beta").await, approved("acme").await);
        let key = poll(&app, &first).await.json["api_key"].as_str().unwrap().to_owned();
        let by = model::audit::By::operator(&app.clock.moment());
        let (org, at) = (beta.clone(), by.clone());
        app.write(move |conn| directory::members::remove(conn, &org, u3, &at)).await;
        assert_eq!(me(&app, &beta, &key).await.status, 401);
        assert_told(&poll(&app, &second).await, 403, "ACCESS_DENIED");
        let at = by.clone();
        app.write(move |conn| directory::users::set_state(conn, u3, UserState::Disabled, &at)).await;
        assert_told(&poll(&app, &third).await, 403, "ACCESS_DENIED");
        let at = by.clone();
        app.write(move |conn| directory::users::set_state(conn, u3, UserState::Active, &at)).await;
        app.wait(6);
        let revived = poll(&app, &third).await;
        assert_eq!(revived.status, 200, "{}", revived.text);
        let key = revived.json["api_key"].as_str().unwrap().to_owned();
        let (org, changes) = (acme.clone(), OrgChanges { device_login: Some(model::device_login::DeviceLogin::Off), ..OrgChanges::default() });
        let at = by.clone();
        app.write(move |conn| directory::organizations::change(conn, &org, &changes, &at)).await;
        let codes = begin(&app).await;
        let refused = decide(&app.signed_in(u3).await, "authorize", &json!({ "user_code": codes.user_code, "org_id": "acme" })).await;
        assert_told(&refused, 403, "FORBIDDEN");
        assert_eq!(app.texts("SELECT state AS value FROM grants WHERE state = 'pending' AND claimed_by IS NOT NULL").await, [""; 0], "nor claimed");
        assert_eq!(me(&app, &acme, &key).await.status, 200, "what was given stays");
        let org = acme.clone();
        app.write(move |conn| directory::organizations::delete(conn, &org, &by)).await;
        assert_eq!(me(&app, &acme, &key).await.status, 404);
        assert_eq!(app.get_with_token("/api/v1/me", &key).await.status, 401, "deleted with its organization");
    }
}
