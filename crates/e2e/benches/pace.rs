//! How fast one node answers on this machine: codes asked for, polls that are still pending, whole grants redeemed.
//! Client, server and database share the machine's cores, so the figures compare changes, not products.
#![expect(clippy::expect_used, reason = "a measurement that fails has no figure")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use e2e::acme::{Acme, SCOPE};
use e2e::database::Engine;
use e2e::device::Device;
use tokio::time::Instant;

const CONNECTIONS: usize = 32;
const REQUESTS: usize = 20_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let acme = Acme::on(engine).await;
        let codes = Arc::new(std::sync::Mutex::new(Vec::new()));
        let begin = {
            let codes = Arc::clone(&codes);
            async move |device: &Device, _: usize| {
                let code = device.begin(SCOPE).await;
                let device_code = code["device_code"].as_str().expect("a device code").to_owned();
                codes.lock().expect("no one fails while holding it").push(device_code);
            }
        };
        measure(&format!("{engine:?}: device_authorization"), &acme, begin).await;
        let codes = Arc::new(codes.lock().expect("no one fails while holding it").clone());
        // Each code once, as a second poll within its interval would be told to slow down.
        let poll = async move |device: &Device, number: usize| {
            let (_, answer) = device.poll(&codes[number]).await;
            assert_eq!(answer["error"], "authorization_pending", "{answer}");
        };
        measure(&format!("{engine:?}: pending poll"), &acme, poll).await;
    }
}

async fn measure<F>(what: &str, acme: &Acme, request: F)
where
    F: AsyncFn(&Device, usize) + Clone + 'static,
{
    let next = Arc::new(AtomicUsize::new(0));
    let local = tokio::task::LocalSet::new();
    let start = Instant::now();
    let workers = (0..CONNECTIONS).map(|_| {
        let (next, request, device) = (Arc::clone(&next), request.clone(), acme.device());
        local.spawn_local(async move {
            let mut took = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= REQUESTS {
                    return took;
                }
                let asked = Instant::now();
                request(&device, number).await;
                took.push(asked.elapsed());
            }
        })
    });
    let workers = workers.collect::<Vec<_>>();
    let mut took = Vec::new();
    local
        .run_until(async {
            for worker in workers {
                took.extend(worker.await.expect("no request fails"));
            }
        })
        .await;
    let total = start.elapsed();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!("{what:34} {}", figures(took.len(), total, at(50), at(99)));
}

fn figures(requests: usize, total: Duration, median: Duration, slow: Duration) -> String {
    let rate = requests as f64 / total.as_secs_f64();
    format!("{rate:8.0}/s   median {:5.1} ms   p99 {:5.1} ms", ms(median), ms(slow))
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
