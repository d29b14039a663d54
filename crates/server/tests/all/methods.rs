//! Every path takes the methods that it has and no other, and reading changes nothing.

use crate::rows::Rows;
use crate::stage::{Stage, get_paths, path};
use crate::support::Answer;
use reqwest::Method as Verb;
use routes::{Method, Route, TABLE};
use std::collections::{BTreeMap, BTreeSet};

const VERBS: [Verb; 8] =
    [Verb::GET, Verb::HEAD, Verb::POST, Verb::PUT, Verb::PATCH, Verb::DELETE, Verb::OPTIONS, Verb::TRACE];

testkit::both_engines! {
    async fn a_path_takes_its_own_methods_and_says_which(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let ada = stage.ada().await;
        let mut methods: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for spec in TABLE {
            let known = methods.entry(spec.pattern).or_default();
            known.insert(spec.method.as_str());
            if spec.method == Method::Get {
                known.insert("HEAD");
            }
            if spec.cors {
                known.insert("OPTIONS");
            }
        }
        let before = Rows::of(&stage.app).await;
        for spec in TABLE {
            let (target, known) = (path(spec, &stage.acme.org, &stage.acme), &methods[spec.pattern]);
            for verb in VERBS.iter().filter(|verb| !known.contains(verb.as_str())) {
                for request in [stage.app.request(verb.clone(), &target), ada.request(verb.clone(), &target)] {
                    let answer = Answer::of(request.header("sec-fetch-site", "same-origin")).await;
                    assert_eq!(answer.status, 405, "{verb} {target}");
                    let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
                    assert_eq!(allowed, *known, "{verb} {target}");
                }
            }
        }
        before.assert_unchanged(&stage.app, "a wrong method").await;
    }

    async fn reading_changes_nothing_whoever_reads(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, guest) = (stage.ada().await, stage.app.browser());
        let token = stage.acme.tokens["access_token"].as_str().unwrap().to_owned();
        // A code waits for the guest's sign-in: looking at pages does not use it up.
        let waiting = stage.acme.cd.begin(&stage.app).await;
        assert_eq!(guest.enter(&stage.acme.org, &waiting.user_code).await.status, 303);
        let mut before = Rows::of(&stage.app).await;
        for (spec, target) in get_paths(&stage) {
            for (who, browser) in [("the owner", &ada), ("a guest", &guest)] {
                let ask = |verb| Answer::of(browser.request(verb, &target).bearer_auth(&token));
                let (got, head) = (ask(Verb::GET).await, ask(Verb::HEAD).await);
                assert_eq!(got.status, head.status, "{target}, {who}");
                assert_eq!(head.text, "", "{target}");
                assert!(got.status < 500 && got.status != 405, "{target}, {who}: {}", got.text);
                let kind = |answer: &Answer| (answer.header("content-type").to_owned(), answer.header("location").to_owned());
                assert_eq!(kind(&got), kind(&head), "{target}, {who}");
                // A look at a code is charged like any other that is typed.
                let charged: &[&str] = if spec.route == Route::JsonLookup { &["budgets"] } else { &[] };
                let what = format!("{who}'s GET or HEAD of {target} ({:?})", spec.route);
                before.clone().without(charged).assert_unchanged(&stage.app, &what).await;
                if !charged.is_empty() {
                    before = Rows::of(&stage.app).await;
                }
            }
        }
    }

    async fn case_16_a_hundred_looks_at_a_prefilled_code_claim_nothing(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, codes) = (stage.ada().await, stage.acme.cd.begin(&stage.app).await);
        let before = Rows::of(&stage.app).await;
        for name in ["user_code", "code"] {
            for _ in 0..50 {
                let entry = ada.get(&format!("/orgs/acme/device?{name}={}", codes.user_code)).await;
                assert_eq!((entry.status, entry.field("user_code")), (200, codes.user_code.clone()));
            }
        }
        before.assert_unchanged(&stage.app, "a look").await;
        // Whoever types it first may still claim it.
        let member = stage.app.signed_in(stage.acme.member).await;
        assert!(member.enter(&stage.acme.org, &codes.user_code).await.location().contains("/device/review?grant="));
    }
}
