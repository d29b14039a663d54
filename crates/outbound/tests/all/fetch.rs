//! Requests to servers on this machine, well behaved and not.

use outbound::{Asker, Failed, Limits, Outbound, Request, Rules};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that answers each connection with these bytes, and then does as it is told.
async fn server(answer: impl Into<Vec<u8>>, then: Then) -> SocketAddr {
    let (listener, answer) = (TcpListener::bind(("127.0.0.1", 0)).await.unwrap(), answer.into());
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut heard = [0; 4096];
                let _ = stream.read(&mut heard).await;
                let _ = stream.write_all(&answer).await;
                match then {
                    Then::Close => {}
                    Then::Stall => tokio::time::sleep(Duration::from_secs(60)).await,
                    Then::GoOn => while stream.write_all(&[b'x'; 4096]).await.is_ok() {},
                }
            });
        }
    });
    address
}

#[derive(Clone, Copy)]
enum Then {
    Close,
    Stall,
    GoOn,
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn limits() -> Limits {
    Limits {
        whole: Duration::from_millis(700),
        longest: 10_000,
        operator_each: 2,
        tenant_each: 2,
        tenants_together: 3,
        queue: Duration::from_millis(200),
        ..Limits::default()
    }
}

fn way_to_all(addresses: &[SocketAddr], limits: Limits) -> Outbound {
    let private = addresses.iter().map(|address| address.to_string().parse().unwrap()).collect();
    Outbound::new(Rules { private, limits }, "test").unwrap()
}

fn way_to(address: SocketAddr) -> Outbound {
    way_to_all(&[address], limits())
}

async fn get(way: &Outbound, url: &str) -> Result<(u16, Vec<u8>), Failed> {
    way.send(Request::get(url)).await.map(|answer| (answer.status, answer.body))
}

#[tokio::test]
async fn an_allowed_host_is_asked_at_its_port_alone() {
    let (allowed, other) = (server(ok("{}"), Then::Close).await, server(ok("{}"), Then::Close).await);
    let way = way_to(allowed);
    assert_eq!(get(&way, &format!("http://{allowed}/x")).await, Ok((200, b"{}".to_vec())));
    for url in [format!("http://{other}/"), format!("http://localhost:{}/", allowed.port())] {
        assert_eq!(get(&way, &url).await, Err(Failed::Address), "{url}");
    }
    assert_eq!(get(&way, &format!("https://{other}/")).await, Err(Failed::Private));
}

#[tokio::test]
async fn a_name_of_a_private_address_is_not_asked() {
    let address = server(ok("{}"), Then::Close).await;
    let way = Outbound::new(Rules::default(), "test").unwrap();
    for url in
        [format!("https://localhost:{}/", address.port()), "https://127.0.0.1/".to_owned(), "https://[::1]/".to_owned()]
    {
        assert_eq!(get(&way, &url).await, Err(Failed::Private), "{url}");
    }
    // Ways of writing an address that browsers and resolvers understand.
    for url in ["https://0x7f000001/", "https://2130706433/", "https://127.1/", "https://[::ffff:7f00:1]/"] {
        assert_eq!(get(&way, url).await, Err(Failed::Private), "{url}");
    }
    for url in [
        "http://example.com/",
        "ftp://example.com/",
        "https://u:p@example.com/",
        "https://u@example.com/",
        "x",
        "file:///etc/passwd",
    ] {
        assert_eq!(get(&way, url).await, Err(Failed::Address), "{url}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let target = server(ok("secret"), Then::Close).await;
    for status in ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"] {
        let answer = format!("HTTP/1.1 {status}\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
        let address = server(answer, Then::Close).await;
        assert_eq!(get(&way_to(address), &format!("http://{address}/")).await, Err(Failed::Redirected), "{status}");
    }
}

#[tokio::test]
async fn who_is_too_slow_or_never_ends_is_cut_off() {
    let silent = server("", Then::Stall).await;
    assert_eq!(get(&way_to(silent), &format!("http://{silent}/")).await, Err(Failed::TooSlow));
    let half = server("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", Then::Stall).await;
    assert_eq!(get(&way_to(half), &format!("http://{half}/")).await, Err(Failed::TooSlow));
    let endless = server("HTTP/1.1 200 OK\r\n\r\n", Then::GoOn).await;
    assert_eq!(get(&way_to(endless), &format!("http://{endless}/")).await, Err(Failed::TooLong));
    let long = server(ok(&"x".repeat(10_001)), Then::Close).await;
    assert_eq!(get(&way_to(long), &format!("http://{long}/")).await, Err(Failed::TooLong));
    let just = server(ok(&"x".repeat(10_000)), Then::Close).await;
    assert_eq!(get(&way_to(just), &format!("http://{just}/")).await.map(|(status, _)| status), Ok(200));
    let broken = server("nonsense", Then::Close).await;
    assert!(matches!(get(&way_to(broken), &format!("http://{broken}/")).await, Err(Failed::Unreachable(_))));
}

#[tokio::test]
async fn only_so_many_are_under_way_for_each_and_others_go_on() {
    let (silent, well) = (server("", Then::Stall).await, server(ok("{}"), Then::Close).await);
    let way = way_to_all(&[silent, well], limits());
    let (slow, fast) = (format!("http://{silent}/"), format!("http://{well}/"));
    let of = |tenant: &str| way.on_behalf_of(Asker::Tenant(tenant.to_owned()));
    let (acme, beta, operator) = (of("acme"), of("beta"), way.on_behalf_of(Asker::Operator("google".to_owned())));
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (tenants, operators) = tokio::join!(get(&beta, &fast), get(&operator, &fast));
        assert_eq!([tenants.map(|(status, _)| status), operators.map(|(status, _)| status)], [Ok(200), Ok(200)]);
    };
    let (one, two, three, ()) = tokio::join!(get(&acme, &slow), get(&acme, &slow), get(&acme, &slow), others);
    assert_eq!([one, two, three], [Err(Failed::TooSlow), Err(Failed::TooSlow), Err(Failed::Busy)]);
    // All tenants together have a bound, which the operator's are none of.
    let gamma = of("gamma");
    let operators = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (tenants, operators) = tokio::join!(get(&gamma, &fast), get(&operator, &fast));
        assert_eq!(
            [tenants.map(|(status, _)| status), operators.map(|(status, _)| status)],
            [Err(Failed::Busy), Ok(200)]
        );
    };
    let (one, two, three, ()) = tokio::join!(get(&acme, &slow), get(&acme, &slow), get(&beta, &slow), operators);
    assert_eq!([one, two, three], [Err(Failed::TooSlow), Err(Failed::TooSlow), Err(Failed::TooSlow)]);
}

#[tokio::test]
async fn one_too_many_waits_a_little_for_its_turn() {
    let silent = server("", Then::Stall).await;
    let limits = Limits { whole: Duration::from_millis(300), tenant_each: 1, ..Limits::default() };
    let way = way_to_all(&[silent], limits);
    let (acme, slow) = (way.on_behalf_of(Asker::Tenant("acme".to_owned())), format!("http://{silent}/"));
    let (one, two) = tokio::join!(get(&acme, &slow), get(&acme, &slow));
    assert_eq!([one, two], [Err(Failed::TooSlow), Err(Failed::TooSlow)]);
}
