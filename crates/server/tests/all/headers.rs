//! The headers that browsers obey, on every answer that they may get.

use crate::page_form::PageForm;
use crate::raw;
use crate::stage::{Stage, get_paths, path};
use crate::support::Answer;
use reqwest::Method as Verb;
use routes::{TABLE, url};
use std::collections::BTreeSet;

/// That a page, whatever it says, can't be framed, injected into, kept or told of to others.
fn assert_guarded(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert!(answer.header("x-request-id").len() >= 16, "{what}");
    let html = answer.header("content-type").starts_with("text/html");
    if html {
        let policy = answer.header("content-security-policy");
        let directive = |name: &str| {
            let found = policy.split(';').map(str::trim).find_map(|directive| directive.strip_prefix(name));
            found.unwrap_or_else(|| panic!("{what}: no {name} in {policy:?}")).trim().to_owned()
        };
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("data:"), "{what}: {policy}");
        assert_eq!(directive("frame-ancestors"), "'none'", "{what}");
        assert_eq!(directive("base-uri"), "'none'", "{what}");
        assert_eq!(directive("default-src"), "'none'", "{what}");
        let inert = what.contains(url::EMBEDDED_TARGET);
        assert_eq!(directive("form-action"), if inert { "'none'" } else { "'self'" }, "{what}");
        assert!(!inert || !policy.contains("script-src"), "{what}");
        // The address of what a letter leads to is a secret, and so is an answer.
        let referrer = if inert || what.contains("/login/decision/") { "no-referrer" } else { "same-origin" };
        assert_eq!(answer.header("referrer-policy"), referrer, "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert!(answer.header("content-type").contains("charset=utf-8"), "{what}");
        // The policy lets nothing inline run; a page that had any would be broken by it.
        for inline in ["<style", " style=\"", " onclick", " onload", "javascript:", "<script>"] {
            assert!(!answer.text.contains(inline), "{what}: {inline}");
        }
    }
    if [302, 303].contains(&answer.status) {
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
}

testkit::both_engines! {
    async fn case_46_every_page_has_the_headers_that_browsers_obey(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, member, guest) =
            (stage.ada().await, stage.app.signed_in(stage.acme.member).await, stage.app.browser());
        let stranger = stage.ben().await;
        let mut seen = BTreeSet::new();
        for (spec, target) in get_paths(&stage) {
            for browser in [&ada, &member, &guest, &stranger] {
                let answer = browser.get(&target).await;
                assert_guarded(&answer, &target);
                let json_or_file = !answer.header("content-type").starts_with("text/html");
                let pageless = answer.status == 303;
                assert_eq!(spec.html, !json_or_file || pageless, "{target}: {}", answer.header("content-type"));
                seen.insert(answer.status);
            }
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 303, 400, 401, 403, 404, 410]);
    }

    async fn case_46_and_so_has_every_refusal(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, guest) = (stage.ada().await, stage.app.browser());
        for spec in TABLE {
            let target = path(spec, &stage.acme.org, &stage.acme);
            for verb in [Verb::POST, Verb::PUT, Verb::OPTIONS, Verb::DELETE] {
                for browser in [&ada, &guest] {
                    let empty = Answer::of(browser.request(verb.clone(), &target)).await;
                    let json = browser.request(verb.clone(), &target).header("sec-fetch-site", "same-origin");
                    let json = Answer::of(json.header("content-type", "application/json").body("{}")).await;
                    let large = browser.request(verb.clone(), &target).header("sec-fetch-site", "same-origin");
                    let large = Answer::of(large.form(&[("x", "x".repeat(70_000))])).await;
                    for answer in [empty, json, large] {
                        assert_guarded(&answer, &format!("{verb} {target}: {}", answer.status));
                        assert!((200..500).contains(&answer.status), "{verb} {target}: {}", answer.text);
                        let page = answer.header("content-type").starts_with("text/html");
                        let speaks_json = target.contains("/api/") || target.contains("/.well-known/");
                        // Where clients send browsers there are pages for people, below a path for programs.
                        use routes::Route as R;
                        let for_people = matches!(spec.route, R::Authorize | R::AuthorizePost | R::ClientLogout | R::ClientLogoutPost);
                        assert!(!(page && speaks_json) || for_people, "{verb} {target}");
                        assert!(page || speaks_json || answer.status < 400, "{verb} {target}: {}", answer.text);
                    }
                }
            }
        }
        for target in ["/nothing", "/orgs/acme/nothing", "/orgs/nowhere/device", "/static/nothing", "/orgs/acme/device/review?grant=%00"] {
            let answer = ada.get(target).await;
            assert_eq!(answer.status, 404, "{target}");
            assert_guarded(&answer, target);
        }
        for target in ["/orgs/%61cme/device", "/orgs/acme;x/device", "//orgs/acme/device"] {
            let answer = raw::get(&stage.app, target).to_lowercase();
            for header in ["content-security-policy: ", "referrer-policy: same-origin", "cache-control: no-store", "x-request-id: "] {
                assert!(answer.contains(header), "{target}: {header}");
            }
        }
    }

    async fn case_46_and_so_has_every_form_that_comes_back(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada, guest) = (&stage.app, &stage.acme.org, stage.ada().await, stage.app.browser());
        let review = ada.review(acme, &stage.acme.cd.begin(app).await.user_code).await;
        let form = PageForm::to(&review, &url::device_decision(acme));
        let mut seen = vec![
            guest.sign_in("ada@acme.example", "wrong horse").await,
            guest.enter(acme, "").await,
            ada.submit(&form.clone().with("decision", "approve")).await,
            ada.submit(&form.clone().with("decision", "deny")).await,
            ada.submit(&form.with("decision", "deny")).await,
        ];
        for _ in 0..6 {
            seen.push(ada.enter(acme, "WRNG-WRNG").await);
        }
        let statuses: Vec<u16> = seen.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [400, 400, 400, 303, 409, 400, 400, 400, 400, 400, 429]);
        for answer in seen {
            assert_guarded(&answer, &format!("{}: {}", answer.status, answer.text));
        }
    }

    async fn a_request_has_an_id_of_its_own_whatever_it_brings(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let mut seen = BTreeSet::new();
        for _ in 0..3 {
            for (_, target) in get_paths(&stage) {
                let request = stage.app.request(Verb::GET, &target).header("x-request-id", "mine");
                assert!(seen.insert(Answer::of(request).await.header("x-request-id").to_owned()), "{target}");
            }
        }
        assert!(!seen.contains("mine"));
    }

    async fn programs_in_other_origins_may_read_what_is_meant_for_them(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        for spec in TABLE {
            let target = path(spec, &stage.acme.org, &stage.acme);
            let cors = TABLE.iter().any(|other| other.pattern == spec.pattern && other.cors);
            let own = stage.app.request(spec.method.as_str().parse().unwrap(), &target);
            let preflight = stage.app.request(Verb::OPTIONS, &target).header("access-control-request-method", "POST");
            for (request, status) in [(own, None), (preflight, Some(if cors { 204 } else { 405 }))] {
                let answer = Answer::of(request.header("origin", "https://app.example")).await;
                let allowed = answer.header("access-control-allow-origin");
                assert_eq!(allowed, if cors { "*" } else { "" }, "{target}");
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{target}");
                if let Some(status) = status {
                    assert_eq!(answer.status, status, "OPTIONS {target}");
                    let headers = answer.header("access-control-allow-headers");
                    assert_eq!(headers, if cors { "Authorization, Content-Type, DPoP" } else { "" }, "{target}");
                }
                let told = answer.header("access-control-expose-headers");
                assert_eq!(told, if cors { "WWW-Authenticate, DPoP-Nonce, Retry-After" } else { "" }, "{target}");
            }
        }
    }

    async fn who_is_not_signed_in_is_led_to_the_sign_in(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let guest = stage.app.browser();
        let for_people = TABLE.iter().filter(|spec| spec.html && spec.caller != routes::Caller::Public);
        let before = crate::rows::Rows::of(&stage.app).await;
        for spec in for_people {
            let target = path(spec, &stage.acme.org, &stage.acme);
            if spec.method == routes::Method::Get {
                let answer = guest.get(&target).await;
                assert_eq!(answer.location(), url::login_to(&target), "{target}");
                assert!(answer.header("location").starts_with("/login?next=%2F"), "{target}");
            } else {
                let fields = [("csrf_token", "x"), ("grant", stage.acme.grant.as_str())];
                assert_eq!(guest.post(&target, &fields).await.status, 403, "{target}");
                assert_eq!(guest.post(&target, &fields[..0]).await.status, 403, "{target}");
            }
        }
        before.assert_unchanged(&stage.app, "somebody not signed in").await;
    }
}
