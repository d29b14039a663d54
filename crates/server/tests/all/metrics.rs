//! What a monitoring system reads, on a listener of its own.

use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Answer, TestApp};
use model::org::Role;
use reqwest::Client;
use routes::url;

pub(crate) async fn scrape(app: &TestApp) -> Answer {
    Answer::of(Client::new().get(app.metrics_url.as_deref().unwrap())).await
}

/// That the metrics hold this line.
pub(crate) fn assert_line(text: &str, line: &str) {
    assert!(text.lines().any(|found| found == line), "no {line} in {text}");
}

testkit::both_engines! {
    async fn what_happens_is_counted(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_LIMITS", "off"), ("DOORWARD_METRICS_LISTEN", "127.0.0.1:0")]).await;
        let acme = app.org("acme").await;
        let (cd, ada) = (app.device_app(&acme).await, app.user("ada@acme.example", &[(&acme, Role::Member)]).await);
        let before = scrape(&app).await.ok();
        assert!(!before.text.contains("route="), "{}", before.text);
        assert!(before.header("content-type").starts_with("application/openmetrics-text"));
        let browser = app.signed_in(ada).await;
        cd.log_in(&app, &browser).await;
        let denied = cd.begin(&app).await;
        let review = browser.review(&acme, &denied.user_code).await;
        assert_eq!(browser.decide(&acme, &review, "deny").await.status, 303);
        cd.poll(&app, &denied.device_code).await.assert_error("access_denied");
        for _ in 0..6 {
            browser.enter(&acme, "WRNG-WRNG").await;
        }
        assert_eq!(app.get("/nothing").await.status, 404);
        assert_eq!(crate::raw::get(&app, "/orgs/%61cme/device").split(' ').nth(1), Some("404"));
        let text = scrape(&app).await.ok().text;
        let oauth = |endpoint: &str, status: &str, count: u64| format!(
            "doorward_http_requests_total{{method=\"POST\",route=\"/orgs/{{org}}/api/v1/oauth/{endpoint}\",status=\"{status}\"}} {count}"
        );
        assert_line(&text, &oauth("device_authorization", "2xx", 2));
        assert_line(&text, &oauth("token", "2xx", 1));
        assert_line(&text, &oauth("token", "4xx", 1));
        assert_line(&text, "doorward_http_requests_total{method=\"any\",route=\"none\",status=\"4xx\"} 2");
        for (event, count) in [("begun", 2), ("approved", 1), ("denied", 1), ("redeemed", 1)] {
            assert_line(&text, &format!("doorward_device_grants_total{{event=\"{event}\"}} {count}"));
        }
        assert_line(&text, "doorward_limits_refused_total{what=\"codes\"} 1");
        assert_line(&text, "doorward_letters_waiting 1");
        let of_tokens = "{method=\"POST\",route=\"/orgs/{org}/api/v1/oauth/token\"}";
        assert_line(&text, &format!("doorward_http_request_duration_seconds_count{of_tokens} 2"));
        assert!(text.contains("doorward_http_request_duration_seconds_bucket{le=\"+Inf\",method=\"POST\"") || text.contains("le=\"+Inf\""));
        assert!(text.contains("doorward_database_waiting{queue=") && text.contains("doorward_database_busy_total{queue="), "{text}");
        for secret in ["acme", "ada@", cd.client_id.as_str()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    async fn guesses_are_counted_by_what_is_guessed_at(engine: testkit::Scratch) {
        let listen = [("DOORWARD_LIMITS", "off"), ("DOORWARD_METRICS_LISTEN", "127.0.0.1:0")];
        let app = TestApp::with(engine, &listen).await;
        let acme = app.org("acme").await;
        let ada = app.user_with_password("ada@acme.example", PASSWORD, &[(&acme, Role::Member)]).await;
        let counted = async |what: &str, count: u64| {
            let text = scrape(&app).await.ok().text;
            assert_line(&text, &format!("doorward_limits_refused_total{{what=\"{what}\"}} {count}"));
        };
        let browser = app.signed_in(ada).await;
        browser.set_up_totp().await;
        while browser.step_up("code", "000000").await.status == 400 {}
        counted("factors", 1).await;
        let guest = app.browser();
        app.wait(1);
        guest.ask(url::LOGIN_BY_EMAIL, url::LOGIN_BY_EMAIL, "ada@acme.example").await;
        let form = PageForm::to(&guest.get(url::EMAIL_CODE).await, url::EMAIL_CODE).with("code", "0000 0000");
        while guest.submit(&form).await.status == 400 {}
        counted("email_codes", 1).await;
        counted("passwords", 0).await;
        counted("codes", 0).await;
        while guest.sign_in("ada@acme.example", "wrong horse").await.status == 400 {}
        counted("passwords", 1).await;
    }

    async fn strangers_find_no_metrics(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_METRICS_LISTEN", "127.0.0.1:0")]).await;
        assert_eq!(app.get("/metrics").await.status, 404);
        let base = app.metrics_url.clone().unwrap();
        for page in ["/", "/login", "/healthz"] {
            let answer = Answer::of(Client::new().get(base.replace("/metrics", page))).await;
            assert_eq!(answer.status, 404, "{page}");
        }
    }
}
