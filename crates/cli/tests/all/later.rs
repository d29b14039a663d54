use crate::support::{Home, Poll, Ran, acme};
use serde_json::json;
use std::fs;

#[test]
fn token_prints_the_token_and_nothing_else() {
    let server = acme(600, vec![Poll::Granted { lasts: 3600 }]);
    let home = Home::signed_in(&server);
    let ran = home.run(&["token"]);
    assert_eq!((ran.exit, ran.out.as_str(), ran.err.as_str()), (0, "at1\n", ""));
    assert_eq!(home.run(&["token", "--server", &format!("{}/", server.url()), "--org", "acme"]).out, "at1\n");
    assert_eq!(home.run(&["token", "--org", "beta"]).exit, 3);
}

#[test]
fn twenty_programs_at_expiry_renew_once_and_none_is_logged_out() {
    let server = acme(600, vec![Poll::Granted { lasts: 1 }]);
    let home = Home::signed_in(&server);
    let running: Vec<_> = (0..20).map(|_| home.doorward(&["token"]).spawn().unwrap()).collect();
    for one in running {
        let ran = Ran::from(one.wait_with_output().unwrap());
        assert_eq!((ran.exit, ran.out.as_str()), (0, "at2\n"), "{ran:?}");
    }
    let renewals =
        server.seen("/token").into_iter().filter(|request| request.field("grant_type") == "refresh_token").count();
    assert_eq!(renewals, 1);
}

#[test]
fn whoami_says_what_the_server_says_and_what_it_signed() {
    let server = acme(600, vec![Poll::Granted { lasts: 1 }]);
    let home = Home::signed_in(&server);
    let ran = home.run(&["whoami"]);
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
    let line = &ran.lines()[0];
    assert_eq!(
        (&line["event"], &line["server"], &line["org_id"]),
        (&json!("done"), &json!(server.url()), &json!("acme"))
    );
    assert_eq!((&line["me"]["email"], &line["me"]["kind"]), (&json!("ada@acme.example"), &json!("jwt")));
    assert_eq!((&line["claims"]["sub"], &line["claims"]["aud"]), (&json!("u1"), &json!("doorward-cli")));
}

#[test]
fn a_missing_sign_in_says_how_to_get_one() {
    let home = Home::new();
    for args in [&["token"][..], &["whoami"], &["logout"]] {
        let ran = home.run(args);
        assert_eq!(ran.exit, 3);
        assert!(ran.err.contains("doorward login --org YOUR-ORGANIZATION"), "{ran:?}");
        assert_eq!(ran.out.is_empty(), args == ["token"], "{ran:?}");
    }
    let ran = home.run(&["token", "--org", "acme", "--server", "https://auth.example"]);
    assert!(ran.err.contains("doorward login --server https://auth.example --org acme"), "{ran:?}");
}

#[test]
fn a_sign_in_that_the_server_has_ended_says_so() {
    let server = acme(600, vec![Poll::Granted { lasts: 1 }]);
    let home = Home::signed_in(&server);
    let text = fs::read_to_string(home.credentials()).unwrap();
    fs::write(home.credentials(), text.replace("rt1", "rt0")).unwrap();
    let ran = home.run(&["token"]);
    assert_eq!((ran.exit, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(ran.err.contains("has ended this sign-in") && ran.err.contains("--org acme"), "{ran:?}");
}

#[test]
fn logout_tells_the_server_and_then_forgets() {
    let server = acme(600, vec![Poll::Granted { lasts: 3600 }]);
    let home = Home::signed_in(&server);
    let ran = home.run(&["logout"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_eq!((&ran.lines()[0]["event"], &ran.lines()[0]["revoked"]), (&json!("done"), &json!(true)));
    assert_eq!(server.seen("/revoke")[0].field("token"), "rt1");
    assert!(!fs::read_to_string(home.credentials()).unwrap().contains("at1"));
    assert_eq!(home.run(&["token"]).exit, 3);
}

#[test]
fn logout_without_the_server_forgets_only_if_asked_to() {
    let server = acme(600, vec![Poll::Granted { lasts: 3600 }]);
    let home = Home::signed_in(&server);
    drop(server);
    let ran = home.run(&["logout"]);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(ran.err.contains("can't be reached") && ran.err.contains("--forget"), "{ran:?}");
    assert_eq!(home.run(&["token"]).out, "at1\n");

    let ran = home.run(&["logout", "--forget"]);
    assert_eq!((ran.exit, &ran.lines()[0]["revoked"]), (0, &json!(false)), "{ran:?}");
    assert!(ran.err.contains("the server was not told"), "{ran:?}");
    assert_eq!(home.run(&["token"]).exit, 3);
}
