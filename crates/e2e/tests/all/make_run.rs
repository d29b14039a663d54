//! `make run`, from nothing to a signed-in terminal, and what it says the second time.

use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use e2e::form_browser::FormBrowser;
use e2e::places::{command, free_port, program, tool};
use e2e::process::{Process, signal};
use e2e::server::Answer;
use e2e::terminal::Terminal;
use e2e::wait::until;
use reqwest::StatusCode;

const OWNER: &str = "owner@acme.example";
const GOES_ON: &str = "The server goes on until you press Ctrl-C.";

/// One place to run in: a folder and a port.
struct Run {
    folder: tempfile::TempDir,
    port: u16,
}

impl Run {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), port: free_port() }
    }

    /// One of the operator's commands on this run's data.
    fn operator(&self, arguments: &[&str]) -> serde_json::Value {
        let mut server = command(program("doorward-server"));
        server.env("DOORWARD_DATA_DIR", self.data()).args(arguments).arg("--json");
        Answer::of(server, "").json()
    }

    fn terminal(&self, fresh: &str) -> Terminal {
        Terminal::start(&self.command(fresh), 100, 60)
    }

    fn command(&self, fresh: &str) -> std::process::Command {
        self.command_with(program("doorward-server").parent().expect("a program lies in a folder"), fresh)
    }

    fn command_with(&self, programs: &Path, fresh: &str) -> std::process::Command {
        let mut run = command(tool("run"));
        run.env("PORT", self.port.to_string()).env("DATA", self.data()).env("FRESH", fresh);
        run.env("PROGRAMS", programs);
        run
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn browser(&self) -> FormBrowser {
        FormBrowser::new(&format!("http://localhost:{}", self.port))
    }

    fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }
}

/// The word that follows this one.
fn word_after<'a>(text: &'a str, word: &str) -> &'a str {
    let mut words = text.split_whitespace().skip_while(|found| *found != word).skip(1);
    words.next().unwrap_or_else(|| panic!("nothing follows {word:?}: {text}"))
}

async fn sign_in(browser: &mut FormBrowser, password: &str) -> StatusCode {
    browser.open("/login").await;
    let page = browser.press("Sign in", &[("email", OWNER), ("password", password)]).await;
    page.status
}

async fn approve(browser: &mut FormBrowser, user_code: &str) {
    browser.open("/orgs/acme-corp/device").await;
    browser.press("Continue", &[("user_code", user_code)]).await;
    let page = browser.press("Approve", &[("confirm", "yes")]).await;
    assert_eq!(page.url.path(), "/orgs/acme-corp/device/result", "{}", page.text());
}

async fn stops(mut terminal: Terminal, run: &Run) {
    terminal.press("\u{3}");
    terminal.wait_for("Stopped.").await;
    terminal.end().await;
    assert!(!run.listens(), "the server goes on after Ctrl-C");
}

#[tokio::test]
async fn from_nothing_to_signed_in_and_again() {
    let run = Run::new();

    // The first time: an account, a password, a code.
    let terminal = run.terminal("");
    terminal.wait_for("Waiting").await;
    let shown = terminal.text();
    assert_eq!(word_after(&shown, "Account"), OWNER);
    assert_eq!(word_after(&shown, "Portal"), format!("http://localhost:{}/orgs/acme-corp/portal", run.port));
    let password = word_after(&shown, "Password").to_owned();
    assert!(shown.contains('█') || shown.contains('▄'), "no QR code: {shown}");
    let mut browser = run.browser();
    assert_eq!(sign_in(&mut browser, &password).await, StatusCode::OK);
    approve(&mut browser, word_after(&shown, "Code")).await;
    terminal.wait_for(GOES_ON).await;
    // What `whoami` says.
    let shown = terminal.text();
    assert_eq!(word_after(&shown, "Organization"), "acme-corp");
    assert!(shown.contains(&format!("Signed in as  {OWNER}")), "{shown}");
    stops(terminal, &run).await;

    second_run(&run, &password).await;
    fresh_run(&run).await;
}

/// Everything is still there, and says how to go on. The password is lost, and set anew.
async fn second_run(run: &Run, password: &str) {
    let terminal = run.terminal("");
    terminal.wait_for(GOES_ON).await;
    let shown = terminal.text();
    assert!(shown.contains(&format!("Signed in as  {OWNER}")), "{shown}");
    assert!(shown.contains("make run FRESH=1") && !shown.contains("Waiting"), "{shown}");
    assert!(!shown.contains(password), "the password is shown again");

    let line = shown.lines().find(|line| line.contains("set-password")).expect("how to set another password").trim();
    let other = "plum-colored folding ladder 4";
    let answer = Answer::of(command_line(line), &format!("{other}\n"));
    assert_eq!(answer.status, 0, "{line}: {answer:?}");
    assert_eq!(sign_in(&mut run.browser(), password).await, StatusCode::BAD_REQUEST);
    assert_eq!(sign_in(&mut run.browser(), other).await, StatusCode::OK);

    // A second one beside it: its port is taken.
    let answer = Answer::of(run.command(""), "");
    assert_ne!(answer.status, 0);
    let hint = format!("make run PORT={}", run.port + 1);
    assert!(answer.stderr.contains("taken") && answer.stderr.contains(&hint), "{answer:?}");
    stops(terminal, run).await;
}

/// As a person's shell runs it, in the project's folder.
fn command_line(line: &str) -> std::process::Command {
    let mut shell = command("sh");
    shell.args(["-c", line]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    shell
}

/// A new code in place of the sign-in that is kept; Ctrl-C while it waits.
async fn fresh_run(run: &Run) {
    let terminal = run.terminal("1");
    terminal.wait_for("Waiting").await;
    assert!(!run.data().join("config/doorward/credentials.json").exists() || !terminal.text().contains("Still"));
    stops(terminal, run).await;
}

/// The two programs, of which the server's kills whoever runs it as soon as it has done this command.
fn deadly(folder: &Path, done: &str) -> std::path::PathBuf {
    let programs = folder.join(done.replace(' ', "-"));
    std::fs::create_dir(&programs).expect("a folder");
    let server = programs.join("doorward-server");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $2\" = '{done}' ] || exec '{0}' \"$@\"\n'{0}' \"$@\" && kill -KILL \"$PPID\"\n",
        program("doorward-server").display()
    );
    std::fs::write(&server, script).expect("a file");
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    symlink(program("doorward"), programs.join("doorward")).expect("a link");
    programs
}

/// Whatever it was doing when it was killed, the next run goes on by itself.
#[tokio::test]
async fn killed_before_it_noted_down_what_it_made() {
    let run = Run::new();
    for done in ["migrate ", "org create", "user create", "user set-password", "app create"] {
        let answer = Answer::of(run.command_with(&deadly(run.folder.path(), done), ""), "");
        assert_ne!(answer.status, 0, "{done}: {answer:?}");
        assert!(!run.listens(), "{done}: it went on");
    }
    let terminal = run.terminal("");
    terminal.wait_for("Waiting").await;
    let shown = terminal.text();
    let mut browser = run.browser();
    assert_eq!(sign_in(&mut browser, word_after(&shown, "Password")).await, StatusCode::OK);
    approve(&mut browser, word_after(&shown, "Code")).await;
    terminal.wait_for(GOES_ON).await;
    stops(terminal, &run).await;
    let count = |list: serde_json::Value, name: &str| {
        list.as_array().expect("a list").iter().filter(|one| one["name"] == name).count()
    };
    assert_eq!(count(run.operator(&["app", "list", "--org", "acme-corp"]), "Acme CLI"), 1, "made twice");
    assert_eq!(count(run.operator(&["user", "list"]), "Acme Owner"), 1);
}

/// A run that was killed leaves its server behind: the next one says which process that is.
#[tokio::test]
async fn a_server_left_behind_is_named() {
    let run = Run::new();
    // Without a terminal, whose end would end the server as well.
    let mut first = Process::start("make run", run.command(""), &run.folder.path().join("log"));
    until("a code", async || first.log().contains("\"code\"").then_some(())).await;
    first.kill();
    assert!(run.listens(), "the server went with it");
    let server = std::fs::read_to_string(run.data().join("run/server")).expect("it is noted down");
    let server: u32 = server.trim().parse().expect("a process's number");
    let answer = Answer::of(run.command(""), "");
    assert_eq!(answer.status, 1, "{answer:?}");
    assert!(answer.stderr.contains(&format!("kill {server}.")), "{answer:?}");
    signal("TERM", server);
    until("the port to be free", async || (!run.listens()).then_some(())).await;
    // What is noted of it stays, and misleads nobody.
    let terminal = run.terminal("");
    terminal.wait_for("Waiting").await;
    stops(terminal, &run).await;
}
