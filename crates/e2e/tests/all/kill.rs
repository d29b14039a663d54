//! `kill -9` at the worst moments: what was acknowledged stays, and no code gives two tokens.

use e2e::acme::{Acme, SCOPE};
use e2e::database::Engine;
use reqwest::StatusCode;

on_both_engines!(case_58_between_approval_and_poll, case_58_in_the_middle_of_polls);

const ROUNDS: usize = 20;

async fn case_58_between_approval_and_poll(engine: Engine) {
    let mut acme = Acme::on(engine).await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    for round in 0..ROUNDS {
        let device = acme.device();
        let code = device.begin(SCOPE).await;
        let device_code = code["device_code"].as_str().expect("a device code");
        acme.approve(&mut browser, code["user_code"].as_str().expect("a user code")).await;
        acme.server.kill();
        acme.server.start().await;

        let (status, tokens) = device.poll(device_code).await;
        assert_eq!(status, StatusCode::OK, "round {round}: {tokens}");
        assert!(tokens["access_token"].is_string() && tokens["refresh_token"].is_string(), "round {round}");
        let (status, error) = device.poll(device_code).await;
        let answer = (status, error["error"].as_str());
        assert_eq!(answer, (StatusCode::BAD_REQUEST, Some("invalid_grant")), "round {round}");
    }
}

/// The kill meets eight polls on their way: however far each has come, at most one brought tokens, before or after.
async fn case_58_in_the_middle_of_polls(engine: Engine) {
    let mut acme = Acme::on(engine).await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    let mut collected = 0;
    for round in 0..ROUNDS {
        let device = acme.device();
        let code = device.begin(SCOPE).await;
        let device_code = code["device_code"].as_str().expect("a device code").to_owned();
        acme.approve(&mut browser, code["user_code"].as_str().expect("a user code")).await;
        let polls = (0..8).map(|_| tokio::spawn(brings_tokens(acme.device(), device_code.clone()))).collect::<Vec<_>>();
        // From before the first poll arrives to after the last was answered, over the rounds.
        tokio::time::sleep(std::time::Duration::from_millis(round as u64)).await;
        acme.server.kill();
        let mut brought = 0;
        for poll in polls {
            brought += usize::from(poll.await.expect("a poll ends"));
        }
        acme.server.start().await;
        let (status, answer) = device.poll(&device_code).await;
        let after = usize::from(status == StatusCode::OK);
        assert!(brought + after <= 1, "round {round}: {brought} before the kill, {after} after it: {answer}");
        if after == 0 {
            assert_eq!(answer["error"], "invalid_grant", "round {round}: redeemed, if perhaps unheard");
        }
        collected += brought + after;
    }
    assert!(collected > 0, "no round brought tokens");
}

/// Whether a poll was answered with tokens; a connection that breaks brings none.
async fn brings_tokens(device: e2e::device::Device, device_code: String) -> bool {
    device.try_poll(&device_code).await.is_some_and(|(status, _)| status == StatusCode::OK)
}
