//! What 500 people who sign in at the same moment cost: the server's memory, and how long devices wait for the answers to
//! their polls meanwhile, beside what they wait when nobody signs in.
//! Browsers, devices, server and database share the machine's cores.
#![expect(clippy::expect_used, reason = "a measurement that fails has no figure")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use e2e::acme::{Acme, ORGANIZATION, PASSWORD, SCOPE};
use e2e::database::Engine;
use e2e::device::Device;
use e2e::server::Server;
use reqwest::StatusCode;
use tokio::time::{Instant, MissedTickBehavior, interval};

const SIGN_INS: usize = 500;
const PEOPLE: usize = 10;
/// How many polls a second are offered.
const PACE: u32 = 200;
const IDLE: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut server = Server::on(engine);
        // So many at once come from many networks and belong to many people; here they are few.
        server.set("WRONG_PASSWORDS_PER_NETWORK", "100000");
        server.set("WRONG_PASSWORDS_PER_ACCOUNT", "100000");
        let mut acme = Acme::in_server(server);
        for number in 0..PEOPLE {
            let account = ["user", "create", "--email", &address(number), "--name", "Grace", "--org", ORGANIZATION];
            let account = [&account[..], &["--role", "member", "--password-stdin", "--verified"]].concat();
            acme.server.json(&account, &format!("{PASSWORD}\n"));
        }
        acme.server.start().await;
        measure(engine, &acme).await;
    }
}

fn address(number: usize) -> String {
    format!("grace{number}@acme.example")
}

async fn measure(engine: Engine, acme: &Acme) {
    let quiet = polls(acme, || tokio::time::sleep(IDLE)).await;
    acme.server.watch_memory_anew();
    let before = acme.server.memory();
    let (busy_answers, start) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let meanwhile = polls(acme, || sign_everyone_in(acme, Arc::clone(&busy_answers))).await;
    let took = start.elapsed();
    let peak = acme.server.memory();
    println!(
        "{engine:?}: {SIGN_INS} sign-ins at once: {:.1} s, {} answers of 503 on the way",
        took.as_secs_f64(),
        busy_answers.load(Ordering::Relaxed)
    );
    println!("  memory: {} MB before, {} MB at most", before.resident / 1_000_000, peak.highest / 1_000_000);
    println!("  polls, idle:      {}", figures(quiet));
    println!("  polls, meanwhile: {}", figures(meanwhile));
}

/// Everybody fills in the form, and all send it at the same moment; who is told to come again does.
async fn sign_everyone_in(acme: &Acme, busy_answers: Arc<AtomicUsize>) {
    let local = tokio::task::LocalSet::new();
    let ready = Arc::new(tokio::sync::Barrier::new(SIGN_INS));
    let browsers = (0..SIGN_INS).map(|number| {
        let (mut browser, ready, busy) = (acme.browser(), Arc::clone(&ready), Arc::clone(&busy_answers));
        local.spawn_local(async move {
            browser.open("/login").await;
            ready.wait().await;
            loop {
                let who = address(number % PEOPLE);
                let page = browser.press("Sign in", &[("email", &who), ("password", PASSWORD)]).await;
                if page.status != StatusCode::SERVICE_UNAVAILABLE {
                    assert!(page.status.is_success() && page.url.path() != "/login", "{}: {}", page.url, page.text());
                    return;
                }
                busy.fetch_add(1, Ordering::Relaxed);
                let seconds = page.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                tokio::time::sleep(Duration::from_secs(seconds.expect("when to come again"))).await;
                browser.open("/login").await;
            }
        })
    });
    let browsers = browsers.collect::<Vec<_>>();
    let all = async {
        for browser in browsers {
            browser.await.expect("everybody gets in");
        }
    };
    local.run_until(all).await;
}

/// How long each poll took while something else went on: polled at a fixed pace from a thread of its own, each code once.
async fn polls<W: Future>(acme: &Acme, meanwhile: impl FnOnce() -> W) -> Vec<Duration> {
    let device = acme.device();
    let mut codes = Vec::new();
    for _ in 0..PACE * 60 {
        let code = device.begin(SCOPE).await;
        codes.push(code["device_code"].as_str().expect("a device code").to_owned());
    }
    let over = Arc::new(AtomicBool::new(false));
    let polling = {
        let (over, device) = (Arc::clone(&over), acme.device());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(paced(device, codes, over))
        })
    };
    meanwhile().await;
    over.store(true, Ordering::Relaxed);
    polling.join().expect("no poll fails")
}

async fn paced(device: Device, codes: Vec<String>, over: Arc<AtomicBool>) -> Vec<Duration> {
    let mut pace = interval(Duration::from_secs(1) / PACE);
    // A poll that was late counts as late, and the next ones are not left out for it.
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut polls = tokio::task::JoinSet::new();
    for code in codes {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let due = pace.tick().await;
        let device = device.clone();
        polls.spawn(async move {
            let (_, answer) = device.poll(&code).await;
            assert_eq!(answer["error"], "authorization_pending", "{answer}");
            due.elapsed()
        });
    }
    polls.join_all().await
}

fn figures(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    format!("{:5} answered, median {:5.1} ms, p99 {:5.1} ms, longest {:5.1} ms", took.len(), at(50), at(99), at(100))
}
