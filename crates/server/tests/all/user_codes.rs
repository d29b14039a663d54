//! How user codes look, how long they live and how many of them may.

use crate::support::{App, Browser, TestApp};
use crate::wire::together;
use model::application::{ApplicationSettings, ClientKind};
use model::client::PresentedClient;
use model::context::Origin;
use model::id::{ClientId, OrgId};
use model::org::Role;
use model::secret::Purpose;
use model::terms::Backoff;
use model::user_code::{ALPHABET, UserCodeFormat};
use registry::grants::begin::{self, Begun, DeviceCodeForm, DeviceRequest};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

async fn with_format(app: &TestApp, org: &OrgId, format: UserCodeFormat) -> App {
    app.app(org, ClientKind::Public, |settings| settings.device.format = format).await
}

/// Whether a code consists of groups of `symbols`, as `shape` has them in place of its letters.
fn has_shape(code: &str, shape: &str, symbols: &str) -> bool {
    code.len() == shape.len()
        && code.chars().zip(shape.chars()).all(|(c, s)| if s == '-' { c == '-' } else { symbols.contains(c) })
}

fn request_of(client: &App, bounded: bool) -> DeviceRequest {
    DeviceRequest {
        org_id: client.org.clone(),
        client: PresentedClient {
            client_id: ClientId::from_wire(client.client_id.as_str()),
            secret: None,
            by_header: false,
        },
        scopes: None,
        resources: Vec::new(),
        code_challenge: None,
        client_name: None,
        backoff: Backoff::AddFive,
        code_form: DeviceCodeForm::Base64Url,
        origin: Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "test"),
        bounded,
    }
}

/// Opens this many codes, as quickly as the database takes them.
async fn open(app: &TestApp, client: &App, bounded: bool, count: usize) {
    let request = request_of(client, bounded);
    let (moment, key) = (app.clock.moment(), crate::support::keyring().key(Purpose::UserCode));
    for _ in 0..count / 100 {
        let (request, moment, key) = (request.clone(), moment.clone(), key.clone());
        app.write(move |conn| {
            for _ in 0..100 {
                assert!(matches!(begin::begin(conn, &request, &key, &moment)?, Begun::Opened(_)));
            }
            Ok(())
        })
        .await;
    }
}

async fn approve_and_redeem(app: &TestApp, client: &App, browser: &Browser<'_>) {
    client.log_in(app, browser).await;
}

testkit::both_engines! {
    async fn each_format_is_drawn_as_it_says_and_works(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let custom = |length, symbols| UserCodeFormat::custom(length, symbols).unwrap();
        for (format, shape, symbols, lifetime) in [
            (UserCodeFormat::FourFour, "XXXX-XXXX", ALPHABET, 1800),
            (UserCodeFormat::ThreeThreeThree, "XXX-XXX-XXX", ALPHABET, 1800),
            // Under 2^34 combinations: ten minutes at most.
            (UserCodeFormat::Digits, "XXX-XXX-XXX", "0123456789", 600),
            (custom(6, ALPHABET), "XXX-XXX", ALPHABET, 600),
            (custom(7, "ABCDEFGHJK"), "XXXX-XXX", "ABCDEFGHJK", 600),
            (custom(16, "0123456789ABCDEF"), "XXXX-XXXX-XXXX-XXXX", "0123456789ABCDEF", 1800),
        ] {
            let client = with_format(&app, &acme, format).await;
            let answer = client.post(&app, "device_authorization", &[]).await.ok();
            assert!(has_shape(&answer.at("user_code"), shape, symbols), "{} is not {shape}", answer.at("user_code"));
            assert_eq!(answer.json["expires_in"], lifetime, "{shape}");
            let code = answer.at("device_code");
            approve_and_redeem(&app, &client, &browser).await;
            app.wait(lifetime - 1);
            client.poll(&app, &code).await.assert_error("authorization_pending");
            app.wait(1);
            client.poll(&app, &code).await.assert_error("expired_token");
        }
    }

    async fn settings_apply_to_new_codes(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let old = cd.begin(&app).await;
        app.edit_app(&cd, |settings: &mut ApplicationSettings| {
            settings.device.format = UserCodeFormat::Digits;
            settings.device.expiration = Some(Duration::from_secs(60));
            settings.device.interval = Some(Duration::from_secs(60));
            settings.device.prefilled_uri = false;
        })
        .await;
        let new = cd.post(&app, "device_authorization", &[]).await.ok();
        assert!(has_shape(&new.at("user_code"), "XXX-XXX-XXX", "0123456789"));
        assert_eq!((&new.json["expires_in"], &new.json["interval"]), (&60.into(), &60.into()));
        assert!(new.json["verification_uri_complete"].is_null() && new.json["verification_uri"].is_string());
        cd.poll(&app, &old.device_code).await.assert_error("authorization_pending");
        app.wait(61);
        cd.poll(&app, &new.at("device_code")).await.assert_error("expired_token");
        browser.approve(&acme, &old.user_code).await;
        cd.poll(&app, &old.device_code).await.ok();
    }

    async fn a_thousand_short_codes_of_a_format_live_at_once(engine: testkit::Scratch) {
        let limits = [("DOORWARD_DEVICE_AUTHORIZATION_PER_MINUTE", "100000")];
        let app = TestApp::with(engine, &limits).await;
        let mut clients = Vec::new();
        for name in ["acme", "beta", "gamma", "delta", "omega"] {
            let org = app.org(name).await;
            clients.push(with_format(&app, &org, UserCodeFormat::Digits).await);
        }
        let (at_acme, at_beta, acme) = (&clients[0], &clients[1], clients[0].org.clone());
        let other = with_format(&app, &acme, UserCodeFormat::custom(6, ALPHABET).unwrap()).await;
        let refused = async |client: &App| {
            let answer = client.post(&app, "device_authorization", &[]).await;
            assert_eq!((answer.status, answer.json["error"].is_string()), (429, true), "{}", answer.text);
            assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
        };
        // A quarter of them in one organization, whichever of its applications asks; the others' are theirs.
        open(&app, at_acme, true, 200).await;
        let also_at_acme = with_format(&app, &acme, UserCodeFormat::Digits).await;
        for _ in 0..50 {
            also_at_acme.post(&app, "device_authorization", &[]).await.ok();
        }
        refused(at_acme).await;
        refused(&also_at_acme).await;
        app.wait(1);
        at_beta.post(&app, "device_authorization", &[]).await.ok();
        // All of them in the whole server, whoever asks.
        app.write(|conn| conn.execute_sql("UPDATE code_directory SET org_id = 'gone' WHERE org_id = 'acme'")).await;
        for client in &clients[2..4] {
            open(&app, client, true, 200).await;
        }
        open(&app, at_beta, true, 200).await;
        for _ in 0..49 {
            for client in &clients[1..4] {
                client.post(&app, "device_authorization", &[]).await.ok();
            }
        }
        for client in &clients[2..4] {
            client.post(&app, "device_authorization", &[]).await.ok();
        }
        for client in &clients {
            refused(client).await;
        }
        // Formats count by themselves, and roomy ones not at all.
        other.post(&app, "device_authorization", &[]).await.ok();
        app.device_app(&acme).await.begin(&app).await;
        app.wait(599);
        at_acme.post(&app, "device_authorization", &[]).await.ok();
    }

    async fn many_at_once_do_not_outrun_the_bound_of_short_codes(engine: testkit::Scratch) {
        let limits = [("DOORWARD_DEVICE_AUTHORIZATION_PER_MINUTE", "100000"), ("DOORWARD_METRICS_LISTEN", "127.0.0.1:0")];
        let app = TestApp::with(engine, &limits).await;
        let acme = app.org("acme").await;
        let cd = with_format(&app, &acme, UserCodeFormat::Digits).await;
        open(&app, &cd, true, 200).await;
        let (mut opened, mut refused) = (0, 0);
        for round in 0.. {
            let asked = (0..100).map(|_| cd.prepared(&app, "device_authorization", &[])).collect();
            let answers = together(asked).await;
            assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 429)));
            // In a crowd some are refused for the crowd's sake; none is let in beyond the bound.
            let now = answers.iter().filter(|answer| answer.status == 200).count();
            opened += now;
            refused += answers.len() - now;
            if round > 0 && now == 0 {
                break;
            }
        }
        assert_eq!(opened, 50);
        let text = crate::metrics::scrape(&app).await.ok().text;
        crate::metrics::assert_line(&text, &format!("doorward_limits_refused_total{{what=\"device_requests\"}} {refused}"));
    }

    async fn nobody_waits_for_a_short_format_that_is_being_counted(engine: testkit::Scratch) {
        let postgres = engine.kind() == testkit::EngineKind::Postgres;
        let app = TestApp::with(engine, &[]).await;
        let acme = app.org("acme").await;
        let cd = with_format(&app, &acme, UserCodeFormat::Digits).await;
        let (counted, now) = (UserCodeFormat::Digits.to_string(), app.clock.moment().now());
        // On SQLite the one writer counts, and nobody else writes meanwhile.
        if postgres {
            let (tell, told) = tokio::sync::oneshot::channel();
            let (end, ended) = std::sync::mpsc::channel::<()>();
            let (db, mut tell) = (app.db.clone(), Some(tell));
            let counting = tokio::spawn(async move {
                let count = move |conn: &mut store::Conn| {
                    let live = store::tables::code_directory::count_live(conn, &acme, &counted, now)?;
                    tell.take().unwrap().send(live.is_some()).unwrap();
                    ended.recv().unwrap();
                    Ok(())
                };
                db.write("count", store::Class::Relaxed, count).await.unwrap();
            });
            assert!(told.await.unwrap());
            let refused = cd.post(&app, "device_authorization", &[]);
            let refused = tokio::time::timeout(Duration::from_secs(2), refused).await.unwrap();
            assert_eq!(refused.status, 429, "{}", refused.text);
            app.device_app(&cd.org).await.begin(&app).await;
            end.send(()).unwrap();
            counting.await.unwrap();
        }
        cd.post(&app, "device_authorization", &[]).await.ok();
    }

    async fn a_code_counts_although_nobody_waited_for_the_answer(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_LIVE_CODES_PER_CLIENT", "1")]).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let begun = tokio::task::LocalSet::new();
        begun.run_until(async {
            let context = server::context::Context {
                request: actix_web::test::TestRequest::default().to_http_request(),
                body: actix_web::web::Bytes::new(),
                state: app.state.clone(),
                moment: app.clock.moment(),
                origin: Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "test"),
                language: model::language::Language::English,
            };
            let request = request_of(&cd, true);
            let answer = server::exchange::begin(&context, &request);
            tokio::select! {
                biased;
                _ = answer => panic!("answered at once"),
                () = std::future::ready(()) => {}
            }
        }).await;
        begun.await;
        assert_eq!(app.number("SELECT count(*) AS value FROM grants").await, 1);
        assert_eq!(cd.post(&app, "device_authorization", &[]).await.status, 429);
        app.wait(1860);
        cd.begin(&app).await;
    }

    async fn without_limits_short_codes_are_not_counted(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = with_format(&app, &acme, UserCodeFormat::Digits).await;
        open(&app, &cd, false, 1000).await;
        cd.begin(&app).await;
    }

    async fn a_code_that_lives_already_is_drawn_again(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        // A million combinations: among three thousand about four are drawn twice.
        let cd = with_format(&app, &acme, UserCodeFormat::custom(6, "0123456789").unwrap()).await;
        for _ in 0..3 {
            open(&app, &cd, false, 1000).await;
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM code_directory").await, 3000);
        assert_eq!(app.number("SELECT count(*) AS value FROM grants").await, 3000);
    }

    async fn sixty_requests_a_minute_from_one_address(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_TRUSTED_PROXIES", "127.0.0.1")]).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let ask = |address: &str| cd.prepared(&app, "device_authorization", &[]).header("x-forwarded-for", address);
        let answers = together((0..60).map(|_| ask("203.0.113.7")).collect()).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers.last());
        // The bucket fills again while the test runs, a request a second: asking at once outruns that.
        let answers = together((0..60).map(|_| ask("203.0.113.7")).collect()).await;
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
        assert!(!refused.is_empty());
        for answer in refused {
            assert_eq!((answer.status, answer.json["error"].is_string()), (429, true), "{}", answer.text);
            assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        // Another address has its own, and so has another IPv6 network, but not another host of the same.
        for other in ["203.0.113.8", "2001:db8:0:1::1"] {
            assert_eq!(together(vec![ask(other)]).await[0].status, 200);
        }
        let hosts = (0..120).map(|host| format!("2001:db8:0:2::{host:x}"));
        let answers = together(hosts.map(|host| ask(&host)).collect()).await;
        assert!(answers.iter().any(|answer| answer.status == 429));
    }

    async fn the_live_codes_of_an_organization_are_bounded(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_LIVE_CODES_PER_ORGANIZATION", "6")]).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let (cd, cd2, at_beta) = (app.device_app(&acme).await, app.device_app(&acme).await, app.device_app(&beta).await);
        let mut codes = Vec::new();
        for _ in 0..6 {
            codes.push(cd.begin(&app).await);
        }
        let answer = cd2.post(&app, "device_authorization", &[]).await;
        assert_eq!((answer.status, answer.json["error"].is_string()), (429, true), "{}", answer.text);
        assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
        at_beta.begin(&app).await;
        // Nobody's code is pushed out by it.
        cd.poll(&app, &codes[0].device_code).await.assert_error("authorization_pending");
        app.wait(1860);
        app.count_live_codes().await;
        cd.begin(&app).await;
        let distinct: BTreeSet<String> = codes.into_iter().map(|codes| codes.user_code).collect();
        assert_eq!(distinct.len(), 6);
    }

    async fn the_live_codes_of_a_client_and_of_a_network_are_settings(engine: testkit::Scratch) {
        let limits = [
            ("DOORWARD_LIVE_CODES_PER_ORGANIZATION", "100"),
            ("DOORWARD_LIVE_CODES_PER_CLIENT", "3"),
            ("DOORWARD_LIVE_CODES_PER_NETWORK", "4"),
        ];
        let app = TestApp::with(engine, &limits).await;
        let acme = app.org("acme").await;
        let (cd, cd2) = (app.device_app(&acme).await, app.device_app(&acme).await);
        let asked = |client: &App| client.prepared(&app, "device_authorization", &[]);
        let opened = |answers: Vec<crate::support::Answer>| answers.iter().filter(|answer| answer.status == 200).count();
        // All at once, so that each is looked at before another one's code is stored.
        assert_eq!(opened(together((0..20).map(|_| asked(&cd)).collect()).await), 3);
        // What is refused leaves its room to others.
        let unknown = [("client_id", "unknown")];
        for _ in 0..5 {
            assert_eq!(app.form(&cd2.endpoint("device_authorization"), &unknown).await.status, 401);
        }
        assert_eq!(opened(together((0..20).map(|_| asked(&cd2)).collect()).await), 1);
        app.wait(1860);
        cd2.begin(&app).await;
    }
}
