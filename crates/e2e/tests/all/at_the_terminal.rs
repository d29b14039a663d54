//! `doorward login` at a terminal and in a script, when things do not go straight.

use std::time::Duration;

use e2e::acme::{Acme, EMAIL};
use e2e::clock::Clock;
use e2e::database::Engine;
use e2e::terminal::Terminal;

/// The code that stands on the screen last.
fn user_code(terminal: &Terminal) -> String {
    let shown = terminal.text();
    let mut lines = shown.lines().filter_map(|line| line.trim().strip_prefix("Code"));
    lines.next_back().unwrap_or_else(|| panic!("no code: {shown}")).trim().to_owned()
}

/// An Acme whose program polls every second.
async fn hasty() -> (Acme, e2e::form_browser::FormBrowser) {
    let acme = Acme::on(Engine::Sqlite).await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.change(&mut browser, &[("poll_interval", "1")]).await;
    (acme, browser)
}

#[tokio::test]
async fn denied() {
    let (acme, mut browser) = hasty().await;
    let cli = acme.cli();
    let terminal = cli.on_terminal(&["login", "--no-browser", "--client-id", &acme.client_id], 80, 24);
    terminal.wait_for("Waiting").await;
    acme.enter(&mut browser, &user_code(&terminal)).await;
    browser.press("Deny", &[]).await;
    terminal.wait_for("The request was denied. Nobody was signed in.").await;
    assert_eq!(terminal.end().await, 3);
}

/// The server goes away while the program waits, and comes back: the program says so, and goes on.
#[tokio::test]
async fn the_server_is_restarted_meanwhile() {
    let (mut acme, mut browser) = hasty().await;
    let cli = acme.cli();
    let terminal = cli.on_terminal(&["login", "--no-browser", "--client-id", &acme.client_id], 100, 60);
    terminal.wait_for("Waiting").await;
    acme.server.terminate().await;
    terminal.wait_for("The server is away, still trying").await;
    acme.server.start().await;
    acme.approve(&mut browser, &user_code(&terminal)).await;
    terminal.wait_for(&format!("Signed in as {EMAIL}")).await;
    assert_eq!(terminal.end().await, 0);
    assert_eq!(cli.run(&["token"]).status, 0);
}

/// The server's clock is put back again and again, so that polls seem too fast: the program polls less often from then on,
/// tells so where programs listen, and gets its tokens in the end.
#[tokio::test]
async fn asked_to_slow_down() {
    let mut acme = Acme::prepared(Engine::Sqlite);
    let clock = acme.server.put_clock();
    let mut ahead = Duration::from_secs(60);
    clock.set_ahead(ahead);
    acme.server.start().await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.change(&mut browser, &[("poll_interval", "3")]).await;
    let cli = acme.cli();
    let mut login = cli.start(&["login", "--no-browser", "--client-id", &acme.client_id]);
    let code = login.event("code").await;
    assert_eq!((&code["interval"], &code["expires_in"]), (&3.into(), &1800.into()), "{code}");
    let slower = loop {
        tokio::select! {
            slower = login.event("slow_down") => break slower,
            // Of each two seconds the server sees one.
            () = tokio::time::sleep(Duration::from_secs(2)) => {
                ahead -= Duration::from_secs(1);
                clock.set_ahead(ahead);
            }
        }
    };
    assert_eq!(slower["interval"], 8, "{slower}");
    acme.approve(&mut browser, code["user_code"].as_str().expect("a user code")).await;
    let done = login.event("done").await;
    assert_eq!(done["email"], EMAIL, "{done}");
    let (status, told) = login.end().await;
    assert_eq!(status, 0, "{told}");
    assert!(told.contains("open") && told.contains("enter the code"), "people are told nothing: {told}");
}

/// An expired code: at a terminal the program offers another one, in a script it ends.
#[tokio::test]
async fn the_code_expires() {
    let mut acme = Acme::prepared(Engine::Sqlite);
    let clock = acme.server.put_clock();
    acme.server.start().await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.change(&mut browser, &[("poll_interval", "1")]).await;
    let arguments = ["login", "--no-browser", "--client-id", &acme.client_id];
    let (cli, other) = (acme.cli(), acme.cli());
    let mut terminal = cli.on_terminal(&arguments, 100, 60);
    let mut script = other.start(&arguments);
    script.event("code").await;
    terminal.wait_for("Waiting").await;
    let first = user_code(&terminal);

    clock.set_ahead(Duration::from_secs(1801));
    let error = script.event("error").await;
    assert_eq!(error["error"], "expired_token", "{error}");
    assert_eq!(script.end().await.0, 3);

    terminal.wait_for("This code has expired. Press Enter for a new one").await;
    // The program, which lives today, would not believe tokens of half an hour from now.
    clock.set_ahead(Duration::ZERO);
    terminal.press("\n");
    e2e::wait::until("another code", async || (user_code(&terminal) != first).then_some(())).await;
    acme.approve(&mut browser, &user_code(&terminal)).await;
    terminal.wait_for(&format!("Signed in as {EMAIL}")).await;
    assert_eq!(terminal.end().await, 0);
}

/// Twenty scripts want a token at the moment at which the one that is kept ends: one of them renews it for all.
#[tokio::test]
async fn twenty_scripts_renew_once() {
    let acme = Acme::on(Engine::Postgres).await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.change(&mut browser, &[("poll_interval", "1")]).await;
    let mut cli = acme.cli();
    let clock = Clock::new(cli.folder());
    cli.live_by(clock.clone());
    let mut login = cli.start(&["login", "--no-browser", "--client-id", &acme.client_id]);
    let code = login.event("code").await;
    acme.approve(&mut browser, code["user_code"].as_str().expect("a user code")).await;
    login.event("done").await;
    let first = cli.run(&["token"]).stdout;
    let generations = || acme.server.ask("SELECT count(*) FROM refresh_tokens");
    assert_eq!(generations(), "1", "a fresh token is not renewed");

    for hour in 1..=2 {
        clock.set_ahead(Duration::from_secs(hour * 3_600));
        let answers = std::thread::scope(|scripts| {
            let running = (0..20).map(|_| scripts.spawn(|| cli.run(&["token"]))).collect::<Vec<_>>();
            running.into_iter().map(|script| script.join().expect("it ends")).collect::<Vec<_>>()
        });
        for answer in &answers {
            assert_eq!((answer.status, &answer.stdout), (0, &answers[0].stdout), "{answer:?}");
        }
        assert_ne!(answers[0].stdout, first);
        assert_eq!(generations(), (1 + hour).to_string());
    }
    assert_eq!(acme.server.ask("SELECT count(*) FROM families WHERE state <> 'active'"), "0");
    assert_eq!(cli.run(&["whoami"]).status, 0);
}

/// Nobody reads what is printed into a window of this size: it says so, in place of half a picture.
#[tokio::test]
async fn a_small_window() {
    let acme = Acme::on(Engine::Sqlite).await;
    let cli = acme.cli();
    let mut terminal = cli.on_terminal(&["login", "--no-browser", "--client-id", &acme.client_id], 40, 12);
    terminal.wait_for("Waiting").await;
    assert!(terminal.text().contains("The window is too small for the QR code."), "{}", terminal.text());
    terminal.press("\u{3}");
    terminal.wait_for("Stopped. Nobody was signed in.").await;
    assert_eq!(terminal.end().await, 1);
}

/// An operator at a terminal is asked for the password, which is not shown, and Enter ends it; a pipe is read to its end, in silence.
#[tokio::test]
async fn a_password_is_asked_for() {
    let acme = Acme::prepared(Engine::Sqlite);
    let arguments = ["user", "set-password", "--email", EMAIL, "--password-stdin"];
    let mut terminal = Terminal::start(&acme.server.command(&arguments), 100, 24);
    terminal.wait_for("Type the password").await;
    terminal.press("plum-colored folding ladder 4\n");
    terminal.wait_for("Set the password of").await;
    assert!(!terminal.shown().contains("folding"), "{}", terminal.shown());
    assert_eq!(terminal.end().await, 0);
    let piped = acme.server.run(&arguments, "plum-colored folding ladder 5\n");
    assert_eq!((piped.status, piped.stderr.as_str()), (0, ""), "{piped:?}");
}

/// The terminal shows again what is typed, whether the password was given or not.
#[tokio::test]
async fn a_terminal_is_left_as_it_was() {
    let acme = Acme::prepared(Engine::Sqlite);
    let inner = acme.server.command(&["user", "set-password", "--email", EMAIL, "--password-stdin"]);
    for (keys, said) in
        [("plum-colored folding ladder 6\n", "Set the password of"), ("folding\u{3}", "stopped by Ctrl-C")]
    {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "\"$@\"; stty -a; echo the end", "sh"]).arg(inner.get_program()).args(inner.get_args());
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut terminal = Terminal::start(&command, 100, 24);
        terminal.wait_for("Type the password").await;
        terminal.press(keys);
        terminal.wait_for("the end").await;
        let shown = terminal.text();
        assert!(shown.contains(said) && !shown.contains("folding"), "{shown}");
        assert!(shown.contains(" echo ") && shown.contains("intr = ^C") && shown.contains("eol = <undef>"), "{shown}");
        assert_eq!(terminal.end().await, 0);
    }
}
