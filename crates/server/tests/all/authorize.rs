//! The authorization code flow: request, consent, code, tokens (RFC 6749 §4.1, RFC 7636, OIDC Core §3.1).

use crate::code_flow::{
    Acme, CHALLENGE, PROGRAM, SITE, VERIFIER, address, answered, by_code, decide, of, request, set_up, url_of, with,
};
use crate::page_form::PageForm;
use crate::support::{Answer, Browser};
use crate::wire::part;
use jose::at_hash;
use model::algorithm::Algorithm;
use model::application::{ApplicationSettings, ApplicationState, ClientKind};
use model::audit::By;
use model::id::SessionId;
use model::org::Role;
use model::redirect_uri::RedirectUri;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use routes::url;
use serde_json::Value;

fn claims(token: &str) -> Value {
    part(token, 1)
}

testkit::both_engines! {
    async fn somebody_agrees_and_the_client_collects_once(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let page = browser.get(&address(site, &request(site, SITE))).await;
        assert_eq!(page.status, 200);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://app.example;") && !policy.contains("unsafe"), "{policy}");
        for shown in ["Acme CLI", SITE, "ada@acme.example", "value=\"approve\"", "value=\"deny\""] {
            assert!(page.text.contains(shown), "{shown} is not on {}", page.text);
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM authorization_codes").await, 0);
        let decided = decide(&browser, &page, acme, "approve").await;
        assert_eq!(decided.status, 303, "{}", decided.text);
        let answer = answered(decided.location(), SITE);
        let issuer = format!("{}/orgs/acme", app.public_url);
        assert_eq!((of(&answer, "state"), of(&answer, "iss")), ("a state & more", issuer.as_str()));
        assert_eq!(answer.len(), 3, "{answer:?}");
        let code = of(&answer, "code").to_owned();

        let tokens = scene.redeem(site, &code, SITE, &[]).await.ok();
        assert!(tokens.header("cache-control").contains("no-store"));
        assert_eq!(tokens.json["scope"], "email openid");
        assert!(tokens.json["refresh_token"].is_null(), "nobody asked for offline_access: {}", tokens.text);
        let access = tokens.json["access_token"].as_str().unwrap().to_owned();
        let id = claims(tokens.json["id_token"].as_str().unwrap());
        assert_eq!((id["nonce"].as_str(), id["aud"].as_str()), (Some("n-0S6"), Some(site.client_id.as_str())));
        assert_eq!(id["at_hash"], at_hash(Algorithm::Es256, &access));
        assert_eq!((id["iss"].as_str(), id["email"].as_str()), (Some(issuer.as_str()), Some("ada@acme.example")));
        let session = app.number("SELECT count(*) AS value FROM sessions").await;
        assert_eq!(session, 1);
        assert!(id["sid"].as_str().is_some_and(|sid| sid.parse::<SessionId>().is_ok()) && id["auth_time"].is_i64());
        let userinfo = site.endpoint("userinfo");
        assert_eq!(app.get_with_token(&userinfo, &access).await.status, 200);

        // Whoever brings it again shows that two parties hold it: what came of it ends.
        scene.redeem(site, &code, SITE, &[]).await.assert_error("invalid_grant");
        assert_eq!(app.get_with_token(&userinfo, &access).await.status, 401);
        let log = app.texts("SELECT action AS value FROM audit WHERE org_id = 'acme' AND (action LIKE 'grant%' OR action LIKE 'code%') ORDER BY action").await;
        assert_eq!(log, ["code.reused", "grant.approved", "grant.redeemed"]);
    }

    async fn case_52_nobody_is_sent_to_an_address_that_is_not_registered(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, program, ada, .. } = &scene;
        let twice = app.app(acme, ClientKind::Public, |settings| {
            by_code(SITE)(settings);
            settings.code.redirect_uris.push(RedirectUri::parse("https://app.example/other").unwrap());
        }).await;
        let beta = app.org("beta").await;
        let of_beta = app.app(&beta, ClientKind::Public, by_code(SITE)).await;
        let gone = app.app(acme, ClientKind::Public, by_code(SITE)).await;
        app.set_app_state(&gone, ApplicationState::Disabled).await;
        for browser in [app.browser(), app.signed_in(*ada).await] {
            for (client, changes) in [
                (site, vec![("redirect_uri", "https://evil.example/cb")]),
                (site, vec![("redirect_uri", "https://app.example/cb/")]),
                (site, vec![("redirect_uri", "https://app.example/cb?x=1")]),
                (site, vec![("redirect_uri", "https://app.example@evil.example/cb")]),
                (site, vec![("redirect_uri", "javascript:alert(1)")]),
                (site, vec![("redirect_uri", PROGRAM)]),
                (program, vec![("redirect_uri", "http://127.0.0.1:8080/other")]),
                (program, vec![("redirect_uri", "http://localhost:8080/cb")]),
                (&twice, vec![("redirect_uri", "")]),
                (site, vec![("client_id", "nobody")]),
                (site, vec![("client_id", "")]),
                (site, vec![("client_id", of_beta.client_id.as_str())]),
                (&gone, vec![]),
                // An error that would go to the client goes nowhere without one.
                (site, vec![("redirect_uri", "https://evil.example/cb"), ("response_type", "token"), ("prompt", "none")]),
            ] {
                let asked = with(request(client, SITE), &changes);
                let answer = browser.get(&address(site, &asked)).await;
                assert_eq!((answer.status, answer.header("location")), (400, ""), "{changes:?}");
                assert!(answer.header("content-type").starts_with("text/html") && answer.text.contains("<h1>"), "{}", answer.text);
                assert!(!answer.text.contains("evil.example"), "{}", answer.text);
            }
            let repeated = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", address(site, &request(site, SITE)));
            let answer = browser.get(&repeated).await;
            assert_eq!((answer.status, answer.header("location")), (400, ""));
        }
        assert_eq!(app.get(&address(site, &request(site, SITE)).replace("/acme/", "/nowhere/")).await.status, 404);
    }

    async fn a_program_on_the_users_machine_has_whatever_port_it_was_given(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, program, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let at = "http://127.0.0.1:53682/cb";
        let asked = with(request(program, at), &[("scope", "openid offline_access")]);
        let code = scene.code(program, &browser, &asked, at).await;
        scene.redeem(program, &code, PROGRAM, &[]).await.assert_error("invalid_grant");
        let tokens = scene.redeem(program, &code, at, &[]).await.ok();
        let refresh = tokens.json["refresh_token"].as_str().expect("a refresh token, with offline_access");
        let refreshed = program.refresh(app, refresh).await.ok();
        let id = claims(refreshed.json["id_token"].as_str().unwrap());
        assert!(id["nonce"].is_null(), "OIDC Core §12.2: {id}");
    }

    async fn what_is_wrong_is_told_to_the_client(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, program, ada, .. } = &scene;
        let device = app.app(acme, ClientKind::Public, |settings| {
            by_code(SITE)(settings);
            settings.grants = [GrantType::DeviceCode].into();
        }).await;
        let browser = app.signed_in(*ada).await;
        let long = "x".repeat(2049);
        for (client, at, changes, error) in [
            (site, SITE, vec![("response_type", "")], "invalid_request"),
            (site, SITE, vec![("response_type", "token")], "unsupported_response_type"),
            (site, SITE, vec![("response_type", "code id_token")], "unsupported_response_type"),
            (site, SITE, vec![("response_mode", "web_message")], "invalid_request"),
            (site, SITE, vec![("request", "x.y.z")], "request_not_supported"),
            (site, SITE, vec![("request_uri", "https://app.example/r")], "request_uri_not_supported"),
            (site, SITE, vec![("registration", "{}")], "registration_not_supported"),
            (site, SITE, vec![("scope", "openid admin")], "invalid_scope"),
            (site, SITE, vec![("scope", "openid \"")], "invalid_scope"),
            (site, SITE, vec![("resource", "not-absolute")], "invalid_target"),
            (site, SITE, vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
            (program, PROGRAM, vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
            (site, SITE, vec![("code_challenge_method", "plain")], "invalid_request"),
            (site, SITE, vec![("code_challenge_method", "")], "invalid_request"),
            (site, SITE, vec![("code_challenge", "short")], "invalid_request"),
            (site, SITE, vec![("prompt", "none login")], "invalid_request"),
            (site, SITE, vec![("prompt", "whatever")], "invalid_request"),
            (site, SITE, vec![("max_age", "-1")], "invalid_request"),
            (site, SITE, vec![("nonce", long.as_str())], "invalid_request"),
            (&device, SITE, vec![], "unauthorized_client"),
            (site, SITE, vec![("prompt", "none")], "consent_required"),
        ] {
            let answer = browser.get(&address(client, &with(request(client, at), &changes))).await;
            assert_eq!(answer.status, 303, "{changes:?}: {}", answer.text);
            let told = answered(answer.location(), at);
            assert_eq!(of(&told, "error"), error, "{changes:?}");
            assert_eq!((of(&told, "state"), of(&told, "code")), ("a state & more", ""), "{changes:?}");
            assert!(of(&told, "iss").ends_with("/orgs/acme") && of(&told, "error_description").ends_with('.'), "{told:?}");
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM authorization_codes").await, 0);
        // A confidential client whose switch says so goes without a challenge; then a verifier is one too many.
        let old = app.app(acme, ClientKind::Confidential, |settings| {
            by_code(SITE)(settings);
            settings.code.challenge_required = false;
        }).await;
        let asked = with(request(&old, SITE), &[("code_challenge", ""), ("code_challenge_method", "")]);
        let code = scene.code(&old, &browser, &asked, SITE).await;
        scene.redeem(&old, &code, SITE, &[]).await.assert_error("invalid_grant");
        scene.redeem(&old, &code, SITE, &[("code_verifier", "")]).await.ok();
    }

    async fn whoever_is_not_signed_in_comes_back_after_it(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let target = address(site, &request(site, SITE));
        let guest = app.get(&target).await;
        assert_eq!(guest.status, 303);
        let (login, next) = guest.location().split_once("?next=").unwrap();
        assert_eq!(login, url::LOGIN);
        let next = url_of(&format!("next={next}")).remove(0).1;
        assert!(next.starts_with(&target), "{next}");
        let browser = app.signed_in(*ada).await;
        assert_eq!(browser.get(&next).await.status, 200, "the same question, of whoever is signed in by then");
        let silent = app.get(&address(site, &with(request(site, SITE), &[("prompt", "none")]))).await;
        assert_eq!(of(&answered(silent.location(), SITE), "error"), "login_required");
        // What is wrong leads nobody elsewhere who has not signed in.
        let wrong = with(request(site, SITE), &[("response_type", "token")]);
        assert!(app.get(&address(site, &wrong)).await.location().starts_with("/login?next="));
        // Somebody who does not belong there is told so, and the client nothing of it but by `none`.
        let eve = app.user("eve@beta.example", &[]).await;
        let stranger = app.signed_in(eve).await;
        let told = stranger.get(&target).await;
        assert_eq!((told.status, told.header("location")), (403, ""));
        let silent = stranger.get(&address(site, &with(request(site, SITE), &[("prompt", "none")]))).await;
        assert_eq!(of(&answered(silent.location(), SITE), "error"), "interaction_required");
        // *Not you?* signs out and comes back.
        let page = browser.get(&target).await;
        let left = browser.submit(&PageForm::to(&page, &url::consent_another(acme))).await;
        assert!(left.location().starts_with("/login?next=") && left.location().contains("authorize"), "{}", left.location());
        assert_eq!(browser.get(&target).await.status, 303, "signed out");
    }

    async fn a_client_may_ask_for_a_fresh_sign_in(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        app.wait(100);
        for (name, value) in [("prompt", "login"), ("max_age", "60"), ("max_age", "0")] {
            let answer = browser.get(&address(site, &with(request(site, SITE), &[(name, value)]))).await;
            let there = answer.location().to_owned();
            assert!(there.starts_with(url::STEP_UP) && there.contains("signed_in_after"), "{name}={value}: {there}");
            let silent = with(request(site, SITE), &[("max_age", "60"), ("prompt", "none")]);
            let told = browser.get(&address(site, &silent)).await;
            assert_eq!(of(&answered(told.location(), SITE), "error"), "login_required");
        }
        assert_eq!(browser.get(&address(site, &with(request(site, SITE), &[("max_age", "1000")]))).await.status, 200);
        // Whoever comes back without having proven anything is asked once more; whoever has, is not.
        let first = browser.get(&address(site, &with(request(site, SITE), &[("prompt", "login")]))).await;
        let next = url_of(first.location().split_once('?').unwrap().1).remove(0).1;
        assert!(browser.get(&next).await.location().starts_with(url::STEP_UP));
        let again = app.signed_in(*ada).await;
        assert_eq!(again.get(&next).await.status, 200);
    }

    async fn who_has_agreed_is_not_asked_the_same_again(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, program, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let good = request(site, SITE);
        scene.code(site, &browser, &good, SITE).await;
        // At once, and silently.
        for changes in [vec![], vec![("prompt", "none")], vec![("scope", "openid")], vec![("login_hint", "Ada@acme.example")]] {
            let answer = browser.get(&address(site, &with(good.clone(), &changes))).await;
            assert_eq!(answer.status, 303, "{changes:?}: {}", answer.text);
            let code = of(&answered(answer.location(), SITE), "code").to_owned();
            scene.redeem(site, &code, SITE, &[]).await.ok();
        }
        // Nobody has agreed to nothing by not having been asked.
        let grace = app.user("grace@acme.example", &[(acme, Role::Member)]).await;
        let of_grace = app.signed_in(grace).await;
        let nothing = format!("{}&scope=%20", address(site, &with(good.clone(), &[("scope", "")])));
        assert_eq!(of_grace.get(&nothing).await.status, 200);
        let told = of_grace.get(&format!("{nothing}&prompt=none")).await;
        assert_eq!(of(&answered(told.location(), SITE), "error"), "consent_required");
        let head = browser.request(reqwest::Method::HEAD, &address(site, &good));
        let before = app.number("SELECT count(*) AS value FROM authorization_codes").await;
        assert_eq!(Answer::of(head).await.status, 200);
        assert_eq!(app.number("SELECT count(*) AS value FROM authorization_codes").await, before);
        // Asked again: for more, where the client wants it, for somebody else.
        for changes in [vec![("scope", "openid profile")], vec![("prompt", "consent")], vec![("prompt", "select_account")], vec![("login_hint", "grace@acme.example")]] {
            let answer = browser.get(&address(site, &with(good.clone(), &changes))).await;
            assert_eq!(answer.status, 200, "{changes:?}: {}", answer.location());
        }
        let another = with(good.clone(), &[("login_hint", "grace@acme.example"), ("prompt", "none")]);
        let told = browser.get(&address(site, &another)).await;
        assert_eq!(of(&answered(told.location(), SITE), "error"), "account_selection_required");
        // Any program on the machine can call itself by a public client's name: it is asked for each time.
        scene.code(program, &browser, &request(program, PROGRAM), PROGRAM).await;
        assert_eq!(browser.get(&address(program, &request(program, PROGRAM))).await.status, 200);
        // What somebody agreed to ends with *Disconnect*, and with their membership.
        let connections = browser.get(url::CONNECTIONS).await;
        for form in PageForm::all(&connections.text).into_iter().filter(|form| form.action.ends_with("/disconnect")) {
            assert_eq!(browser.submit(&form).await.status, 303);
        }
        assert_eq!(browser.get(&address(site, &good)).await.status, 200, "asked again after Disconnect");
        scene.code(site, &browser, &good, SITE).await;
        app.end_membership(acme, *ada).await;
        let (org, user, by) = (acme.clone(), *ada, By::operator(&app.clock.moment()));
        app.write(move |conn| directory::members::put(conn, &org, (user, Role::Member), &by)).await;
        assert_eq!(browser.get(&address(site, &good)).await.status, 200, "asked again as a new member");
    }

    async fn what_goes_along_and_what_it_is_meant_for_is_shown_and_issued(engine: testkit::Scratch) {
        const TOOLS: &str = "https://tools.example/mcp";
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        app.scope(acme, "read", "").await;
        app.scope(acme, "write", "read").await;
        app.resource(acme, TOOLS).await;
        app.edit_app(site, |settings| settings.scopes = Scopes::parse("openid email profile offline_access read write").unwrap()).await;
        let browser = app.signed_in(*ada).await;
        let asked = with(request(site, SITE), &[("scope", "write"), ("resource", TOOLS)]);
        let page = browser.get(&address(site, &asked)).await;
        assert!(page.text.contains(TOOLS), "{}", page.text);
        let decided = decide(&browser, &page, acme, "approve").await;
        let code = of(&answered(decided.location(), SITE), "code").to_owned();
        scene.redeem(site, &code, SITE, &[("resource", "https://other.example")]).await.assert_error("invalid_target");
        let tokens = scene.redeem(site, &code, SITE, &[("resource", TOOLS)]).await.ok();
        assert_eq!(tokens.json["scope"], "read write");
        assert_eq!(claims(tokens.json["access_token"].as_str().unwrap())["aud"], TOOLS);
        // Agreed to once, for that resource alone.
        assert_eq!(browser.get(&address(site, &asked)).await.status, 303);
        app.resource(acme, "https://other.example").await;
        let other = with(asked.clone(), &[("resource", "https://other.example")]);
        assert_eq!(browser.get(&address(site, &other)).await.status, 200);
        let unknown = with(asked, &[("resource", "https://unknown.example")]);
        let told = browser.get(&address(site, &unknown)).await;
        assert_eq!(of(&answered(told.location(), SITE), "error"), "invalid_target");
    }

    async fn who_comes_from_a_form_of_ours_is_led_on_by_a_page(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let good = request(site, SITE);
        scene.code(site, &browser, &good, SITE).await;
        // A form may lead to our own origin alone, and browsers hold that against each redirect after it.
        let guest = app.get(&address(site, &good)).await;
        let next = url_of(guest.location().split_once('?').unwrap().1).remove(0).1;
        let led = browser.get(&next).await;
        assert_eq!((led.status, led.header("location")), (200, ""), "{}", led.text);
        let link = led.text.split("href=\"").find(|rest| rest.starts_with(SITE)).unwrap().split('"').next().unwrap();
        let code = of(&answered(&link.replace("&amp;", "&"), SITE), "code").to_owned();
        scene.redeem(site, &code, SITE, &[]).await.ok();
        assert_eq!(app.audited("grant.approved").await, 2);
    }

    async fn what_was_agreed_to_is_listed_and_ended_when_its_tokens_are_over(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let good = request(site, SITE);
        let code = scene.code(site, &browser, &good, SITE).await;
        scene.redeem(site, &code, SITE, &[]).await.ok();
        let forms = async || {
            let page = browser.get(url::CONNECTIONS).await;
            PageForm::all(&page.text).into_iter().filter(|form| form.action.ends_with("/disconnect")).collect::<Vec<_>>()
        };
        assert_eq!(forms().await.len(), 1, "the access, which the consent belongs to");
        app.wait(2 * 60 * 60);
        let left = forms().await;
        assert_eq!(left.len(), 1, "the consent alone");
        assert_eq!(browser.get(&address(site, &good)).await.status, 303, "not asked");
        app.wait(2 * 60);
        assert_eq!(browser.submit(&left[0]).await.status, 303);
        assert_eq!(app.audited("consent.withdrawn").await, 1);
        assert_eq!(browser.get(&address(site, &good)).await.status, 200, "asked again");
        assert_eq!(browser.submit(&left[0]).await.status, 404);
    }

    async fn nothing_comes_of_a_code_for_a_resource_that_is_gone(engine: testkit::Scratch) {
        const TOOLS: &str = "https://tools.example/mcp";
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        app.resource(acme, TOOLS).await;
        let browser = app.signed_in(*ada).await;
        let asked = with(request(site, SITE), &[("resource", TOOLS)]);
        let code = scene.code(site, &browser, &asked, SITE).await;
        app.sql("DELETE FROM resources").await;
        scene.redeem(site, &code, SITE, &[]).await.assert_error("invalid_grant");
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 0);
    }

    async fn posted_requests_are_bounded_and_swept(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, site, ada, .. } = &scene;
        app.signed_in(*ada).await;
        let kept = "SELECT count(*) AS value FROM authorization_requests";
        for _ in 0..200 {
            assert_eq!(app.form(&site.endpoint("authorize"), &request(site, SITE)).await.status, 303);
        }
        let refused = app.form(&site.endpoint("authorize"), &request(site, SITE)).await;
        assert_eq!((refused.status, app.number(kept).await), (429, 200));
        assert!(refused.header("retry-after").parse::<u64>().is_ok());
        app.wait(16 * 60);
        app.sweep().await;
        assert_eq!(app.number(kept).await, 0);
    }

    async fn a_denial_is_told_and_leaves_nothing(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let page = browser.get(&address(site, &request(site, SITE))).await;
        let denied = decide(&browser, &page, acme, "deny").await;
        let told = answered(denied.location(), SITE);
        assert_eq!((of(&told, "error"), of(&told, "code")), ("access_denied", ""));
        let left = app.number("SELECT (SELECT count(*) FROM authorization_codes) + (SELECT count(*) FROM consents) AS value").await;
        assert_eq!(left, 0);
        assert_eq!(app.texts("SELECT action AS value FROM audit WHERE action LIKE 'grant%'").await, ["grant.denied"]);
        assert_eq!(browser.get(&address(site, &request(site, SITE))).await.status, 200, "the client may ask anew");
    }

    async fn a_code_is_good_for_its_own_client_address_and_verifier_for_a_minute(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, program, ada, .. } = &scene;
        let other = app.app(acme, ClientKind::Confidential, by_code(SITE)).await;
        let beta = app.org("beta").await;
        let of_beta = app.app(&beta, ClientKind::Confidential, by_code(SITE)).await;
        let browser = app.signed_in(*ada).await;
        let code = scene.code(site, &browser, &request(site, SITE), SITE).await;
        let families = "SELECT count(*) AS value FROM families";
        for client in [&other, &of_beta, program] {
            scene.redeem(client, &code, SITE, &[]).await.assert_error("invalid_grant");
        }
        for wrong in [
            ("redirect_uri", ""),
            ("redirect_uri", "https://app.example/cb/"),
            ("code_verifier", ""),
            ("code_verifier", CHALLENGE),
            ("code", "another"),
        ] {
            scene.redeem(site, &code, SITE, &[wrong]).await.assert_error("invalid_grant");
        }
        scene.redeem(site, &code, SITE, &[("code", "")]).await.assert_error("invalid_request");
        scene.redeem(site, &code, SITE, &[("client_secret", "wrong")]).await.assert_invalid_client();
        assert_eq!(app.number(families).await, 0);
        let tokens = scene.redeem(site, &code, SITE, &[]).await.ok();
        // A stranger with the spent code, but without the verifier, ends nothing.
        scene.redeem(site, &code, SITE, &[("code_verifier", CHALLENGE)]).await.assert_error("invalid_grant");
        scene.redeem(&other, &code, SITE, &[]).await.assert_error("invalid_grant");
        let access = tokens.json["access_token"].as_str().unwrap();
        assert_eq!(app.get_with_token(&site.endpoint("userinfo"), access).await.status, 200);
        let late = browser.get(&address(site, &request(site, SITE))).await;
        let late = of(&answered(late.location(), SITE), "code").to_owned();
        app.wait(61);
        scene.redeem(site, &late, SITE, &[]).await.assert_error("invalid_grant");
        assert_eq!(app.number(families).await, 1);
    }

    async fn nothing_comes_of_a_code_whose_user_may_no_longer(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, .. } = &scene;
        for what in ["membership", "session", "account", "application", "scope"] {
            let user = app.user(&format!("{what}@acme.example"), &[(acme, Role::Member)]).await;
            let browser = app.signed_in(user).await;
            let code = scene.code(site, &browser, &request(site, SITE), SITE).await;
            match what {
                "membership" => app.end_membership(acme, user).await,
                "session" => app.sql("DELETE FROM sessions").await,
                "account" => app.sql("UPDATE users SET state = 'disabled'").await,
                "application" => app.set_app_state(site, ApplicationState::Disabled).await,
                _ => {
                    let fewer = |settings: &mut ApplicationSettings| {
                        settings.scopes = Scopes::parse("openid").unwrap();
                        settings.default_scopes = settings.scopes.clone();
                    };
                    app.edit_app(site, fewer).await;
                }
            }
            let answer = scene.redeem(site, &code, SITE, &[]).await;
            if what == "scope" {
                assert_eq!(answer.ok().json["scope"], "openid", "no more than the application may have now");
            } else {
                answer.assert_error("invalid_grant");
            }
            app.sql("UPDATE users SET state = 'active'").await;
            app.sql("UPDATE applications SET state = 'active'").await;
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 1);
    }

    async fn answers_travel_as_the_client_asks(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let in_fragment = with(request(site, SITE), &[("response_mode", "fragment")]);
        let page = browser.get(&address(site, &in_fragment)).await;
        let decided = decide(&browser, &page, acme, "approve").await;
        assert!(decided.location().starts_with(&format!("{SITE}#code=")), "{}", decided.location());
        let posted = with(request(site, SITE), &[("response_mode", "form_post"), ("state", "\"><script>")]);
        let answer = browser.get(&address(site, &posted)).await;
        assert_eq!((answer.status, answer.header("location")), (200, ""));
        assert!(answer.header("content-security-policy").contains("form-action 'self' https://app.example;"));
        assert!(answer.header("cache-control").contains("no-store") && !answer.text.contains("<script>"));
        let form = PageForm::to(&answer, SITE);
        assert_eq!(form.value("state"), "\"><script>");
        scene.redeem(site, form.value("code"), SITE, &[]).await.ok();
        let refused = with(posted, &[("scope", "admin")]);
        let form = PageForm::to(&browser.get(&address(site, &refused)).await, SITE);
        assert_eq!(form.value("error"), "invalid_scope");
    }

    async fn a_client_may_post_its_request(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let target = site.endpoint("authorize");
        // From another site, without a cookie: SameSite keeps it.
        let posted = Answer::of(
            app.request(reqwest::Method::POST, &target)
                .header("sec-fetch-site", "cross-site")
                .header("origin", "https://app.example")
                .form(&request(site, SITE)),
        ).await;
        assert_eq!(posted.status, 303, "{}", posted.text);
        assert!(posted.location().starts_with(&format!("{target}?posted=")) && !posted.location().contains("state"));
        let page = browser.get(posted.location()).await;
        let decided = decide(&browser, &page, acme, "approve").await;
        let code = of(&answered(decided.location(), SITE), "code").to_owned();
        scene.redeem(site, &code, SITE, &[]).await.ok();
        assert!(app.get(posted.location()).await.location().starts_with("/login?next="));
        let elsewhere = posted.location().replace("/acme/", "/beta/");
        app.org("beta").await;
        assert_eq!(browser.get(&elsewhere).await.status, 400, "another organization's");
        app.wait(16 * 60);
        assert_eq!(app.get(posted.location()).await.status, 400);
        assert_eq!(app.form("/orgs/nowhere/api/v1/oauth/authorize", &request(site, SITE)).await.status, 404);
        assert_eq!(app.form(&target, &[("posted", "x")]).await.status, 400);
        let long = "x".repeat(9_000);
        assert_eq!(app.form(&target, &with(request(site, SITE), &[("state", &long)])).await.status, 400);
    }

    async fn a_form_is_good_for_the_request_that_it_showed(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let page = browser.get(&address(site, &request(site, SITE))).await;
        let form = PageForm::to(&page, &url::consent(acme)).with("decision", "approve");
        let more = form.value("request").replace("openid", "openid%20profile");
        assert_ne!(more, form.value("request"));
        for forged in [form.clone().with("request", &more), form.clone().without("csrf_token"), form.clone().with("csrf_token", "x")] {
            assert_eq!(browser.submit(&forged).await.status, 403);
        }
        assert_eq!(app.signed_in(*ada).await.submit(&form).await.status, 403, "another session");
        assert_eq!(browser.submit(&form.clone().without("decision")).await.status, 400);
        assert_eq!(app.number("SELECT count(*) AS value FROM authorization_codes").await, 0);
        // What changed since the page was made counts.
        app.edit_app(site, |settings| settings.code.redirect_uris = vec![RedirectUri::parse("https://app.example/new").unwrap()]).await;
        let stale = browser.submit(&form).await;
        assert_eq!((stale.status, stale.header("location")), (400, ""));
    }

    async fn a_client_signs_out_whom_it_signed_in(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, ada, .. } = &scene;
        let site = app.app(acme, ClientKind::Confidential, |settings| {
            by_code(SITE)(settings);
            settings.code.post_logout_redirect_uris = vec![RedirectUri::parse("https://app.example/bye").unwrap()];
        }).await;
        let logout = |parameters: &[(&str, &str)]| address(&site, parameters).replace("/authorize?", "/logout?");
        let sign_in = async |browser: &Browser<'_>| {
            let code = scene.code(&site, browser, &with(request(&site, SITE), &[("prompt", "consent")]), SITE).await;
            scene.redeem(&site, &code, SITE, &[]).await.ok().json["id_token"].as_str().unwrap().to_owned()
        };
        let (browser, other) = (app.signed_in(*ada).await, app.signed_in(*ada).await);
        let (token, of_other) = (sign_in(&browser).await, sign_in(&other).await);
        let bye = ("post_logout_redirect_uri", "https://app.example/bye");
        // Nobody's token, another session's, a forged one: the person is asked, and goes nowhere.
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let forged = format!("{signed}.{}", of_other.rsplit_once('.').unwrap().1);
        assert_ne!(forged, format!("{signed}.{signature}"));
        for hint in [None, Some(of_other.as_str()), Some(forged.as_str())] {
            let mut parameters = vec![bye, ("client_id", site.client_id.as_str())];
            parameters.extend(hint.map(|hint| ("id_token_hint", hint)));
            let asked = browser.get(&logout(&parameters)).await;
            assert_eq!((asked.status, asked.header("location")), (200, ""), "{hint:?}");
            assert!(asked.text.contains("Sign out?") && asked.text.contains("ada@acme.example"));
            assert_eq!(browser.get(url::ORGANIZATIONS).await.status, 200, "still signed in");
        }
        // An address that is not registered, or another client's word.
        let evil = browser.get(&logout(&[("id_token_hint", &token), ("client_id", "other"), bye])).await;
        assert_eq!((evil.status, evil.header("location")), (400, ""));
        assert_eq!(browser.get(url::ORGANIZATIONS).await.status, 200);
        app.wait(3 * 60 * 60);
        let out = browser.get(&logout(&[("id_token_hint", &token), bye, ("state", "a b&c")])).await;
        assert_eq!(out.location(), "https://app.example/bye?state=a%20b%26c", "an expired token says who it was: {}", out.text);
        assert_eq!(browser.get(url::ORGANIZATIONS).await.status, 303, "signed out");
        assert_eq!(other.get(url::ORGANIZATIONS).await.status, 200, "another session goes on");
        let again = browser.get(&logout(&[("id_token_hint", &token), bye])).await;
        assert_eq!(again.location(), "https://app.example/bye", "nobody is signed in");
        assert_eq!(app.browser().get(&logout(&[bye, ("client_id", &site.client_id)])).await.location(), url::LOGIN_SIGNED_OUT, "nobody's word");
        let nowhere = other.get(&logout(&[("id_token_hint", &of_other), ("post_logout_redirect_uri", "https://evil.example/")])).await;
        assert_eq!((nowhere.status, nowhere.header("location")), (400, ""));
        assert!(!nowhere.text.contains("evil.example"));
        let posted = app.form(&site.endpoint("logout"), &[("id_token_hint", &token), bye]).await;
        assert_eq!((posted.status, app.get(posted.location()).await.location()), (303, "https://app.example/bye"));
        assert_eq!(app.get("/orgs/nowhere/api/v1/oauth/logout").await.status, 404);
    }

    async fn of_many_at_once_one_redeems(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let code = scene.code(site, &browser, &request(site, SITE), SITE).await;
        let fields = [
            ("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", SITE), ("code_verifier", VERIFIER),
            ("client_id", &site.client_id), ("client_secret", site.secret.as_deref().unwrap()),
        ];
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..100 {
            all.spawn(Answer::of(app.request(reqwest::Method::POST, &site.endpoint("token")).form(&fields)));
        }
        let answers = all.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert!(answers.iter().all(|answer| [200, 400].contains(&answer.status)));
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 1);
    }
}
