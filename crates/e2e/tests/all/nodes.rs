//! Two nodes on one PostgreSQL are one server.

use e2e::acme::{Acme, ORGANIZATION, SCOPE};
use e2e::database::Engine;
use e2e::device::Device;
use reqwest::StatusCode;

async fn two_nodes() -> (Acme, e2e::server::Server) {
    let acme = Acme::on(Engine::Postgres).await;
    let mut second = acme.server.another_node();
    second.start().await;
    (acme, second)
}

/// Begun at one, approved at the other, polled at both at once: one token.
#[tokio::test]
async fn a_code_is_everywhere_and_good_once() {
    let (acme, second) = two_nodes().await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    let there = Device::new(&second.address(), ORGANIZATION, &acme.client_id);
    for (begins, approves) in [(&acme.server, &second), (&second, &acme.server)] {
        for _ in 0..5 {
            let device = Device::new(&begins.address(), ORGANIZATION, &acme.client_id);
            let code = device.begin(SCOPE).await;
            let issuer = code["verification_uri"].as_str().expect("an address");
            assert_eq!(issuer, format!("{}/device", acme.issuer()), "both nodes are the same server");
            let device_code = code["device_code"].as_str().expect("a device code").to_owned();
            browser.move_to(&approves.address());
            acme.approve(&mut browser, code["user_code"].as_str().expect("a user code")).await;
            let polls = (0..20).map(|number| {
                let device = if number % 2 == 0 { acme.device() } else { there.clone() };
                let device_code = device_code.clone();
                tokio::spawn(async move { device.poll(&device_code).await })
            });
            let mut good = 0;
            for poll in polls.collect::<Vec<_>>() {
                let (status, answer) = poll.await.expect("a poll ends");
                match status {
                    StatusCode::OK => good += 1,
                    _ => assert!(matches!(answer["error"].as_str(), Some("invalid_grant" | "slow_down")), "{answer}"),
                }
            }
            assert_eq!(good, 1, "of twenty polls at once");
        }
    }
    assert_eq!(acme.server.ask("SELECT count(*) FROM families"), "10");
}

/// A token of one node is good at the other, and so is its end.
#[tokio::test]
async fn a_token_is_good_and_ends_everywhere() {
    let (acme, second) = two_nodes().await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    let code = acme.device().begin(SCOPE).await;
    acme.approve(&mut browser, code["user_code"].as_str().expect("a user code")).await;
    let (status, tokens) = acme.device().poll(code["device_code"].as_str().expect("a device code")).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let access = tokens["access_token"].as_str().expect("a token");
    let known_at = async |node: &e2e::server::Server| {
        let address = format!("{}/orgs/{ORGANIZATION}/api/v1/oauth/userinfo", node.address());
        reqwest::Client::new().get(address).bearer_auth(access).send().await.expect("an answer").status()
    };
    assert_eq!((known_at(&acme.server).await, known_at(&second).await), (StatusCode::OK, StatusCode::OK));
    let there = Device::new(&second.address(), ORGANIZATION, &acme.client_id);
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, at_second) = there.post("token", &fields).await;
    assert_eq!(status, StatusCode::OK, "{at_second}");
    // Within the grace window the other node derives the very same successor.
    let (status, at_first) = acme.device().post("token", &fields).await;
    assert_eq!((status, &at_first["refresh_token"]), (StatusCode::OK, &at_second["refresh_token"]));

    let (status, _) = there.post("revoke", &[("token", refresh)]).await;
    assert_eq!(status, StatusCode::OK);
    let over = StatusCode::UNAUTHORIZED;
    assert_eq!((known_at(&acme.server).await, known_at(&second).await), (over, over));
}

/// Wrong codes are counted once, wherever they are typed: five are looked at, the sixth is not.
#[tokio::test]
async fn guesses_are_counted_together() {
    let (acme, second) = two_nodes().await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    let nodes = [acme.server.address(), second.address()];
    for guess in 0..7 {
        browser.move_to(&nodes[guess % 2]);
        let page = acme.enter(&mut browser, "BCDF-GHJK").await;
        let expected = if guess < 5 { StatusCode::BAD_REQUEST } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(page.status, expected, "guess {guess}: {}", page.text());
    }
    // A right one is not looked at either.
    let code = acme.device().begin(SCOPE).await;
    let page = acme.enter(&mut browser, code["user_code"].as_str().expect("a user code")).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.text());
}
