//! What the edge does for every route: slow senders are cut off, secrets are not compressed, strangers leave no trace in
//! memory.

use crate::page_form::PageForm;
use crate::stage::Stage;
use crate::support::{Answer, TestApp};
use crate::wire::{Raw, raw};
use reqwest::Method;
use routes::{TABLE, url};

/// A server that waits for nobody longer than a second.
async fn impatient(engine: testkit::Scratch) -> TestApp {
    let app = TestApp::with(engine, &[("DOORWARD_REQUEST_TIMEOUT", "1s")]).await;
    app.org("acme").await;
    app
}

/// Sends this much and no more, and keeps the connection open until the server closes it.
async fn stall(app: &TestApp, sent: &str) -> Raw {
    let all = raw(app, sent.as_bytes().to_vec());
    tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("the server hangs up")
}

testkit::both_engines! {
    async fn a_body_that_does_not_come_is_not_waited_for(engine: testkit::Scratch) {
        let app = impatient(engine).await;
        let half = |path: &str| format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nclient_id=a&"
        );
        for endpoint in ["token", "device_authorization", "introspect"] {
            let answer = stall(&app, &half(&format!("/orgs/acme/api/v1/oauth/{endpoint}"))).await;
            assert_eq!((answer.status, answer.json["error"].as_str()), (408, Some("invalid_request")), "{}", answer.head);
            assert!(answer.head.contains("connection: close") && answer.head.contains("x-request-id: "), "{}", answer.head);
        }
        for page in ["/login", "/orgs/acme/device", "/nothing"] {
            let answer = stall(&app, &half(page)).await;
            assert_eq!(answer.status, 408, "{}", answer.head);
            assert!(answer.head.contains("content-type: text/html") && answer.head.contains("connection: close"), "{}", answer.head);
        }
        // Chunks that stop are no reason to wait either, and nor are those of a body that nobody reads.
        for (path, status) in [("/login", 408), ("/orgs/acme/api/v1/oauth/token", 408), ("/orgs/%61cme/device", 404)] {
            let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            assert_eq!(stall(&app, &format!("{head}5\r\nabcde\r\n")).await.status, status);
        }
    }

    async fn a_head_that_does_not_come_is_not_waited_for(engine: testkit::Scratch) {
        let app = impatient(engine).await;
        let answer = stall(&app, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-More: ").await;
        assert_eq!(answer.status, 408, "{}", answer.head);
    }

    async fn a_page_is_never_compressed_and_a_file_is(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let ada = stage.ada().await;
        let encoding = async |request: reqwest::RequestBuilder| {
            let answer = request.header("accept-encoding", "gzip").send().await.unwrap();
            let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
            (kind, answer.headers().contains_key("content-encoding"))
        };
        for spec in TABLE.iter().filter(|spec| spec.html || spec.caller != routes::Caller::Public) {
            let target = crate::stage::path(spec, &stage.acme.org, &stage.acme);
            let verb: Method = spec.method.as_str().parse().unwrap();
            let (kind, compressed) = encoding(ada.request(verb, &target)).await;
            assert!(!compressed, "{target}: {kind}");
        }
        let (kind, compressed) = encoding(stage.app.request(Method::GET, url::LOGIN)).await;
        assert!(kind.starts_with("text/html") && !compressed);
        for file in [stage.app.state.asset_urls.css.clone(), url::jwks(&stage.acme.org), "/orgs/acme/.well-known/openid-configuration".to_owned()] {
            let (kind, compressed) = encoding(stage.app.request(Method::GET, &file)).await;
            assert!(compressed, "{file}: {kind}");
        }
    }

    async fn organizations_that_do_not_exist_are_not_remembered(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        assert_eq!(app.userinfo(&acme, "x").await.status, 401);
        assert!(app.state.keys.holds(&acme));
        for number in 0..20 {
            let nowhere = format!("/orgs/nowhere-{number}");
            for path in ["/api/v1/oauth/userinfo", "/api/v1/me", "/.well-known/jwks.json"] {
                let request = app.request(Method::GET, &format!("{nowhere}{path}")).bearer_auth("x");
                assert_eq!(Answer::of(request).await.status, 404);
            }
            for endpoint in ["introspect", "revoke"] {
                let fields = [("client_id", "x"), ("token", "x")];
                assert_eq!(app.form(&format!("{nowhere}/api/v1/oauth/{endpoint}"), &fields).await.status, 404);
            }
        }
        let remembered = |number: u32| app.state.keys.holds(&model::id::OrgId::parse(&format!("nowhere-{number}")).unwrap());
        assert!(!(0..20).any(remembered));
        assert!(app.state.keys.holds(&acme), "and the one that exists still is");
    }

    async fn case_46_what_a_letter_leads_to_tells_no_one_of_itself_and_its_form_works_in_every_browser(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, ada, stranger) = (&stage.app, stage.ada().await, stage.app.browser());
        for browser in [&ada, &stranger] {
            let way = browser.get(url::CONNECTIONS_FROM_LETTER).await;
            assert_eq!((way.status, way.location(), way.header("referrer-policy")), (303, url::CONNECTIONS, "no-referrer"));
        }
        let page = ada.get(url::CONNECTIONS).await.ok();
        assert_eq!(page.header("referrer-policy"), "same-origin", "with no-referrer a form comes with Origin: null");
        let form = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with("/disconnect")).unwrap();
        // A browser without Sec-Fetch-Site: what such a page sends, and what one without a referrer would.
        let sent = |origin: &str| Answer::of(ada.request(Method::POST, &form.action).header("origin", origin).form(&form.fields));
        assert_eq!(sent("null").await.status, 403);
        assert_eq!(sent(app.state.config.public_url.origin()).await.status, 303);
    }

    async fn a_dead_end_leads_on(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let stranger = stage.ben().await;
        for (target, status) in [("/nothing", 404), ("/orgs/nowhere/device", 404), ("/orgs/acme/device", 403)] {
            let page = stranger.get(target).await;
            assert_eq!(page.status, status, "{target}");
            assert!(page.text.contains("href=\"/\"") && page.text.contains("Go to the start page"), "{target}: {}", page.text);
        }
    }

    async fn an_authorization_request_is_told_the_same_by_post(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        app.org("acme").await;
        let target = "/orgs/acme/api/v1/oauth/authorize";
        let got = app.get(&format!("{target}?client_id=x&response_type=code")).await;
        let posted = app.form(target, &[("client_id", "x"), ("response_type", "code")]).await;
        let followed = app.get(posted.location()).await;
        assert_eq!((got.status, posted.status, followed.status), (400, 303, 400));
        assert!(followed.header("content-type").starts_with("text/html") && followed.text.contains("names an app"), "{}", followed.text);
        assert_eq!(app.form("/orgs/nowhere/api/v1/oauth/authorize", &[("client_id", "x")]).await.status, 404);
    }
}
