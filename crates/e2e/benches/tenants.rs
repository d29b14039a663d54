//! What ten thousand organizations cost each other. Two servers run side by side: one has Acme alone, the other Acme and
//! 10,000 organizations more with five applications each, all made through the pages. They are asked for the same things in
//! turns, and what counts is the ratio of the two.
//!
//! 1. 500 people found 20 organizations each and register five applications in each.
//! 2. The portal: the owner of Acme looks at pages of Acme, which has as much in it on either server.
//! 3. Discovery, device codes and polls: the crowded server's requests go to another organization each time.
//!
//! Client, servers and databases share the machine's cores.
#![expect(clippy::expect_used, reason = "a measurement that fails has no figure")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use e2e::acme::{Acme, ORGANIZATION, SCOPE};
use e2e::database::Engine;
use e2e::device::Device;
use e2e::form_browser::FormBrowser;
use e2e::server::Server;
use reqwest::StatusCode;
use tokio::task::LocalSet;
use tokio::time::Instant;

const FOUNDERS: usize = 500;
/// The most that one person may found.
const FOUNDED_BY_EACH: usize = 20;
const APPLICATIONS: usize = 5;
const FOUNDERS_AT_ONCE: usize = 8;
const PASSWORD: &str = "ten thousand doors and a key 3";

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
/// Prime to the number of organizations: one after the other comes up, and neighbours in the database do not.
const STRIDE: usize = 7_919;

/// One of the two servers.
struct Side {
    acme: Acme,
    /// Organizations with one application of each, in the order of their requests.
    tenants: Vec<(String, Device)>,
    next: Cell<usize>,
    codes: RefCell<Vec<(usize, String)>>,
    owner: Vec<RefCell<FormBrowser>>,
    http: reqwest::Client,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let alone = Side::new(Acme::on(engine).await, Vec::new()).await;
        let crowded = crowded(engine).await;
        let sides = [Rc::new(alone), Rc::new(crowded)];
        println!(
            "{engine:?}: one organization, {} organizations, ratio (range of {ROUNDS} pairs)",
            FOUNDERS * FOUNDED_BY_EACH
        );
        memory("at start", &sides);
        for page in ["applications", "members", "devices", "audit"] {
            compare(&format!("portal: {page}"), 1_000, &sides, async move |side, connection| {
                portal(side, connection, page).await;
            })
            .await;
        }
        compare("discovery", 20_000, &sides, discovery).await;
        compare("device_authorization", 6_000, &sides, begin).await;
        compare("pending poll", 6_000, &sides, poll).await;
        memory("at the end", &sides);
    }
}

/// Makes the crowded server and starts it anew, so that nothing is in its memory from the making.
async fn crowded(engine: Engine) -> Side {
    let mut server = Server::on(engine);
    server.set("ORG_CREATION", "anyone");
    let mut acme = Acme::in_server(server);
    for founder in 0..FOUNDERS {
        let account =
            ["user", "create", "--email", &address(founder), "--name", "Grace", "--password-stdin", "--verified"];
        acme.server.json(&account, &format!("{PASSWORD}\n"));
    }
    acme.server.start().await;
    let start = Instant::now();
    let (local, next) = (LocalSet::new(), Rc::new(Cell::new(0)));
    let url = acme.server.url();
    let founding = (0..FOUNDERS_AT_ONCE).map(|_| {
        let (url, next) = (url.clone(), Rc::clone(&next));
        local.spawn_local(async move {
            while next.get() < FOUNDERS {
                let founder = next.replace(next.get() + 1);
                found(&url, founder).await;
            }
        })
    });
    let founding = founding.collect::<Vec<_>>();
    let all = async {
        for founders in founding {
            founders.await.expect("everybody founds");
        }
    };
    local.run_until(all).await;
    println!("{engine:?}: made through the pages in {:.0} s", start.elapsed().as_secs_f64());
    acme.server.terminate().await;
    let again = Instant::now();
    acme.server.start().await;
    println!("{engine:?}: ready {:.2} s after its start", again.elapsed().as_secs_f64());
    let tenants = tenants(engine, &acme);
    Side::new(acme, tenants).await
}

fn address(founder: usize) -> String {
    format!("grace{founder}@many.example")
}

async fn found(url: &str, founder: usize) {
    let mut browser = FormBrowser::new(url);
    browser.open("/login").await;
    let page = browser.press("Sign in", &[("email", &address(founder)), ("password", PASSWORD)]).await;
    assert!(page.status.is_success() && page.url.path() != "/login", "{}: {}", page.url, page.text());
    for number in 0..FOUNDED_BY_EACH {
        let organization = format!("many-{}", founder * FOUNDED_BY_EACH + number);
        browser.open("/orgs/new").await;
        let page = browser.press("Create organization", &[("name", "One of many"), ("org_id", &organization)]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        for application in 1..=APPLICATIONS {
            browser.open(&format!("/orgs/{organization}/portal/applications/new")).await;
            let page = browser.press("Create application", &[("name", &format!("Program {application}"))]).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        }
    }
}

/// Each of the many with its third application.
fn tenants(engine: Engine, acme: &Acme) -> Vec<(String, Device)> {
    let together = match engine {
        Engine::Sqlite => "group_concat",
        Engine::Postgres => "string_agg",
    };
    let query =
        format!("SELECT {together}(org_id || ' ' || client_id, ',') FROM applications WHERE name = 'Program 3'");
    let found = acme.server.ask(&query);
    let found = found.split(',').map(|pair| pair.split_once(' ').expect("an organization and its application"));
    let (url, device) = (acme.server.url(), acme.device());
    let tenants = found.map(|(org, client)| (org.to_owned(), device.of(&url, org, client))).collect::<Vec<_>>();
    assert_eq!(tenants.len(), FOUNDERS * FOUNDED_BY_EACH);
    tenants
}

impl Side {
    /// Without tenants, all requests go to Acme.
    async fn new(acme: Acme, tenants: Vec<(String, Device)>) -> Self {
        let tenants = if tenants.is_empty() { vec![(ORGANIZATION.to_owned(), acme.device())] } else { tenants };
        let mut owner = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut browser = acme.browser();
            acme.sign_in(&mut browser).await;
            owner.push(RefCell::new(browser));
        }
        let (next, codes) = (Cell::new(0), RefCell::default());
        Self { acme, tenants, next, codes, owner, http: reqwest::Client::new() }
    }

    fn next_tenant(&self) -> usize {
        self.next.replace((self.next.get() + STRIDE) % self.tenants.len())
    }
}

async fn discovery(side: &Side, _: usize) {
    let (organization, _) = &side.tenants[side.next_tenant()];
    let issuer = format!("{}/orgs/{organization}", side.acme.server.url());
    let answer = side.http.get(format!("{issuer}/.well-known/openid-configuration")).send().await.expect("an answer");
    let metadata = answer.text().await.expect("the metadata");
    assert!(metadata.contains(&format!("\"{issuer}\"")), "{metadata}");
}

async fn begin(side: &Side, _: usize) {
    let tenant = side.next_tenant();
    let code = side.tenants[tenant].1.begin(SCOPE).await;
    let code = code["device_code"].as_str().expect("a device code").to_owned();
    side.codes.borrow_mut().push((tenant, code));
}

/// Each code once, as a second poll within its interval would be told to slow down.
async fn poll(side: &Side, _: usize) {
    let (tenant, code) = side.codes.borrow_mut().pop().expect("as many codes as polls");
    let (_, answer) = side.tenants[tenant].1.poll(&code).await;
    assert_eq!(answer["error"], "authorization_pending", "{answer}");
}

#[expect(clippy::await_holding_refcell_ref, reason = "each connection has its own browser")]
async fn portal(side: &Side, connection: usize, page: &str) {
    let mut browser = side.owner[connection].borrow_mut();
    let shown = browser.open(&format!("/orgs/{ORGANIZATION}/portal/{page}")).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
}

/// What one sample says.
#[derive(Clone, Copy)]
struct Sample {
    /// Requests a second.
    rate: f64,
    /// Milliseconds.
    median: f64,
    /// Milliseconds.
    p99: f64,
    /// Milliseconds of a core that the server used for a request.
    processor: f64,
}

/// Samples of `requests` from one side and the other, in turns, the first to begin changing each time.
async fn compare<F>(what: &str, requests: usize, sides: &[Rc<Side>; 2], request: F)
where
    F: AsyncFn(&Side, usize) + Clone + 'static,
{
    let mut samples = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for turn in 0..2 {
            let side = (round + turn) % 2;
            samples[side].push(sample(requests, &sides[side], request.clone()).await);
        }
    }
    let [alone, crowded] = &samples;
    let of = |samples: &[Sample], figure: fn(&Sample) -> f64| middle(samples.iter().map(figure).collect());
    let side = |samples: &[Sample]| {
        let (rate, median) = (of(samples, |sample| sample.rate), of(samples, |sample| sample.median));
        let (p99, processor) = (of(samples, |sample| sample.p99), of(samples, |sample| sample.processor));
        format!("{rate:6.0}/s {median:5.1} ms p99 {p99:6.1} ms cpu {processor:5.2} ms")
    };
    let ratio = |figure: fn(&Sample) -> f64| {
        let ratios = alone.iter().zip(crowded).map(|(alone, crowded)| figure(crowded) / figure(alone));
        let mut ratios = ratios.collect::<Vec<_>>();
        ratios.sort_by(f64::total_cmp);
        format!("{:.2} ({:.2}–{:.2})", ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1])
    };
    let ratios = format!("rate {} cpu {}", ratio(|sample| sample.rate), ratio(|sample| sample.processor));
    println!("  {what:22} | {} | {} | {ratios}", side(alone), side(crowded));
}

async fn sample<F>(requests: usize, side: &Rc<Side>, request: F) -> Sample
where
    F: AsyncFn(&Side, usize) + Clone + 'static,
{
    let (local, next) = (LocalSet::new(), Rc::new(Cell::new(0)));
    let (used, start) = (side.acme.server.processor_time(), Instant::now());
    let connections = (0..CONNECTIONS).map(|connection| {
        let (side, next, request) = (Rc::clone(side), Rc::clone(&next), request.clone());
        local.spawn_local(async move {
            let mut took = Vec::new();
            while next.get() < requests {
                next.set(next.get() + 1);
                let asked = Instant::now();
                request(&side, connection).await;
                took.push(asked.elapsed());
            }
            took
        })
    });
    let connections = connections.collect::<Vec<_>>();
    let all = async {
        let mut took = Vec::new();
        for connection in connections {
            took.extend(connection.await.expect("no request fails"));
        }
        took
    };
    let mut took = local.run_until(all).await;
    let (elapsed, used) = (start.elapsed(), side.acme.server.processor_time() - used);
    took.sort_unstable();
    let at = |percent: usize| milliseconds(took[(took.len() - 1) * percent / 100]);
    let requests = took.len() as f64;
    let (rate, processor) = (requests / elapsed.as_secs_f64(), milliseconds(used) / requests);
    Sample { rate, median: at(50), p99: at(99), processor }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn memory(when: &str, sides: &[Rc<Side>; 2]) {
    let [alone, crowded] = sides.each_ref().map(|side| side.acme.server.memory().resident / 1_000_000);
    println!("  memory {when}: {alone} MB, {crowded} MB");
}
