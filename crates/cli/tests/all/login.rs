use crate::support::{Home, Poll, acme};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread::sleep;
use std::time::Duration;

const HOUR: Poll = Poll::Granted { lasts: 3600 };

#[test]
fn a_login_off_a_terminal_is_told_in_json_lines() {
    let server = acme(600, vec![Poll::Refused("authorization_pending"), Poll::Away, Poll::Refused("slow_down"), HOUR]);
    let home = Home::new();
    let ran = home.run(&["login", "--server", &server.url(), "--org", "acme"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let issuer = format!("{}/orgs/acme", server.url());
    let mut lines = ran.lines();
    let expires_at = lines[2]["expires_at"].take().as_i64().unwrap();
    assert!((expires_at - client::now().seconds() - 3600).abs() < 30);
    assert_eq!(
        lines,
        [
            json!({
                "event": "code", "user_code": "WDJB-MJHT", "verification_uri": format!("{issuer}/device"),
                "verification_uri_complete": format!("{issuer}/device?user_code=WDJB-MJHT"), "expires_in": 600, "interval": 1,
            }),
            json!({"event": "slow_down", "interval": 6}),
            json!({
                "event": "done", "server": server.url(), "org_id": "acme", "dialect": "rfc8628",
                "client_id": "doorward-cli", "sub": "u1", "email": "ada@acme.example", "scope": "openid email", "expires_at": null,
            }),
        ]
    );
    assert!(ran.err.contains("enter the code WDJB-MJHT"), "{}", ran.err);
    assert!(ran.err.contains("can't be reached"), "{}", ran.err);
    assert!(!ran.out.contains("\"dc\"") && !ran.out.contains("rt1") && !ran.err.contains("rt1"));
    assert_eq!(fs::metadata(home.credentials()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(server.seen("/device_authorization")[0].field("client_id"), "doorward-cli");
}

#[test]
fn each_end_has_its_event_and_exit_code() {
    for (expires_in, polls, exit, error) in [
        (600, vec![Poll::Refused("access_denied")], 3, "access_denied"),
        (600, vec![Poll::Refused("expired_token")], 3, "expired_token"),
        (2, vec![], 3, "expired_token"),
        (600, vec![Poll::Refused("invalid_grant")], 1, "invalid_grant"),
    ] {
        let server = acme(expires_in, polls);
        let home = Home::new();
        let ran = home.run(&["login", "--server", &server.url(), "--org", "acme"]);
        let last = ran.lines().pop().unwrap();
        assert_eq!((ran.exit, &last["event"], &last["error"]), (exit, &json!("error"), &json!(error)), "{ran:?}");
        assert!(ran.err.contains(last["message"].as_str().unwrap()));
        assert!(!home.credentials().exists());
    }
}

#[test]
fn what_stops_a_login_before_it_begins() {
    let busy = crate::scripted::Scripted::start(|_| crate::scripted::Reply::RetryAfter(429, 30));
    let server = acme(600, vec![]);
    let (busy, good) = (busy.url(), server.url());
    for (args, exit, sentence) in [
        (vec!["login", "--server", &busy, "--org", "acme"], 4, "Try again in 30 seconds"),
        (vec!["login", "--server", &good, "--org", "beta"], 1, "knows no such organization"),
        (vec!["login", "--server", "http://127.0.0.1:1", "--org", "acme"], 1, "can't be reached"),
        (vec!["login", "--server", "http://auth.example", "--org", "acme"], 2, "https://"),
        (vec!["login", "--server", &good, "--org", "A/B"], 2, "organization's id"),
        (vec!["login", "--server", &good], 2, "doorward login --org"),
        (vec!["login", "--server", &good, "--org", "acme", "--client-name", "x"], 2, "--dialect api_key"),
    ] {
        let ran = Home::new().run(&args);
        assert_eq!(ran.exit, exit, "{args:?} {ran:?}");
        assert!(ran.err.contains(sentence), "{args:?} {ran:?}");
        assert_eq!(ran.lines().pop().unwrap()["event"], "error");
    }
    assert_eq!(Home::new().run(&["login", "--dialect", "soap"]).exit, 2);
    assert_eq!(Home::new().run(&["dance"]).exit, 2);
    assert!(server.seen("/device_authorization").is_empty());
}

#[test]
fn server_and_organization_may_come_from_the_environment() {
    let server = acme(600, vec![HOUR]);
    let home = Home::new();
    let output =
        home.doorward(&["login"]).env("DOORWARD_SERVER", server.url()).env("DOORWARD_ORG", "acme").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_browser_is_opened_where_there_is_a_desktop_of_ones_own() {
    for (variables, args, opened) in [
        (vec![("DISPLAY", ":7")], vec![], true),
        (vec![("DISPLAY", ":7")], vec!["--no-browser"], false),
        (vec![("DISPLAY", ":7"), ("SSH_CONNECTION", "a 1 b 22")], vec![], false),
        (vec![], vec![], false),
    ] {
        let server = acme(600, vec![HOUR]);
        let home = Home::new();
        let program = home.path().join("xdg-open");
        fs::write(
            &program,
            "#!/bin/sh\necho \"$@\" > \"$HOME/opened.new\"; mv \"$HOME/opened.new\" \"$HOME/opened\"\n",
        )
        .unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", home.path().display());
        let url = server.url();
        let all = [&["login", "--server", &url, "--org", "acme"][..], &args].concat();
        let status = home.doorward(&all).env("PATH", path).envs(variables.clone()).output().unwrap().status;
        assert!(status.success());
        let trace = home.path().join("opened");
        for _ in 0..100 {
            if trace.exists() || !opened {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        assert_eq!(trace.exists(), opened, "{variables:?} {args:?}");
        if opened {
            assert_eq!(
                fs::read_to_string(trace).unwrap().trim(),
                format!("{url}/orgs/acme/device?user_code=WDJB-MJHT")
            );
        }
    }
}

#[test]
fn a_desktop_without_a_program_for_it_changes_nothing() {
    let server = acme(600, vec![HOUR]);
    let home = Home::new();
    let url = server.url();
    let output = home.doorward(&["login", "--server", &url, "--org", "acme"]).env("DISPLAY", ":7").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn completions_are_what_the_shell_reads() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = home.run(&["completions", shell]);
        assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
        for word in ["login", "logout", "whoami", "no-browser", "dialect", "api_key", "mcp", "client-name", "scope"] {
            assert!(ran.out.contains(word), "{shell}: {word}");
        }
    }
    let script = home.path().join("completions");
    fs::write(&script, home.run(&["completions", "bash"]).out).unwrap();
    let read = std::process::Command::new("bash").arg("-n").arg(&script).status().unwrap();
    assert!(read.success(), "bash can read it");
    assert_eq!(home.run(&["completions", "dos"]).exit, 2);
}
