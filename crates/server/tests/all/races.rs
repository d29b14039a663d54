//! Many at once on one row: the use cases on database connections of their own, without HTTP in between to slow them
//! down. Exactly one wins, on both engines.

use crate::support::{App, Browser, Codes, START, TestApp, keyring};
use issuer::families;
use issuer::refresh::{self, RefreshRequest};
use login::session;
use model::audit::By;
use model::client::{Entrance, PresentedClient};
use model::context::Origin;
use model::fault::Fault;
use model::id::{ClientId, GrantId, OrgId};
use model::moment::Moment;
use model::org::Role;
use model::refresh::RevocationReason;
use model::secret::{Digest, Purpose, Secret};
use model::user::OrgMember;
use model::user_code::TypedCode;
use registry::clients;
use registry::grants::claim::{self, Claimant};
use registry::grants::decide::{self, Decided, Verdict};
use registry::grants::poll::{self, Poll, Redemption};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Barrier;
use std::thread;
use store::{Class, Conn, Db};

pub(crate) fn origin() -> Origin {
    Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "test")
}

pub(crate) fn presented(client: &App) -> PresentedClient {
    PresentedClient { client_id: ClientId::from_wire(client.client_id.as_str()), secret: None, by_header: false }
}

pub(crate) fn poll_of(client: &App, codes: &Codes) -> Poll {
    Poll {
        org_id: client.org.clone(),
        client: presented(client),
        device_code: Digest::of(Purpose::DeviceCode, &codes.device_code),
        code_verifier: None,
    }
}

/// Runs `count` writes from one barrier, each on a thread of its own.
pub(crate) fn at_once<T: Send + 'static>(
    db: &Db,
    count: usize,
    body: impl Fn(usize, &mut Conn) -> Result<T, Fault> + Clone + Send + Sync + 'static,
) -> Vec<T> {
    let barrier = Barrier::new(count);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                let (body, barrier) = (body.clone(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let run = move |conn: &mut Conn| body(number, conn);
                    db.blocking().write("race", Class::Durable, run).unwrap().into_inner()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Redeems as the server does: grant and family in one transaction. Gives whether it was this call.
pub(crate) fn redeem(conn: &mut Conn, poll: &Poll, grant: GrantId, moment: &Moment) -> Result<bool, Fault> {
    match poll::redeem(conn, poll, grant, |_| true, (moment, &origin()))? {
        Redemption::Made(made) => {
            let (parties, terms) = ((&made.application, &made.user), (&made.organization, moment));
            families::open(conn, &made.redemption, parties, terms).map(|_| true)
        }
        Redemption::Outcome(_) | Redemption::NoLongerEntitled => Ok(false),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn grant_of(app: &TestApp, client: &App, codes: &Codes) -> GrantId {
    let (org, id) = (client.org.clone(), ClientId::from_wire(client.client_id.as_str()));
    let digest = Digest::of(Purpose::DeviceCode, &codes.device_code);
    app.db
        .read("test", move |conn| {
            Ok(store::tables::polls::by_device_code(conn, &org, &id, &digest)?.unwrap().grant.unwrap().id)
        })
        .await
        .unwrap()
}

/// The member whose browser this is, proven in the caller's transaction.
pub(crate) fn member(conn: &mut Conn, org: &OrgId, cookie: &Digest) -> Result<OrgMember, Fault> {
    let signed_in = session::signed_in(conn, cookie, START)?.unwrap();
    Ok(directory::members::member(conn, org, signed_in.at(org), START)?.unwrap())
}

pub(crate) fn cookie_of(app: &TestApp, browser: &Browser<'_>) -> Digest {
    Digest::of(Purpose::Session, &browser.cookie(app.session_cookie()).unwrap())
}

const LIVE_LEAVES: &str = "SELECT count(*) AS value FROM refresh_tokens WHERE first_used_at IS NULL";

testkit::both_engines! {
    async fn case_06_of_a_hundred_redemptions_one_is_made(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        for round in 1..=3 {
            let codes = cd.begin(&app).await;
            browser.approve(&acme, &codes.user_code).await;
            let (poll, grant, moment) = (poll_of(&cd, &codes), grant_of(&app, &cd, &codes).await, app.clock.moment());
            let made = at_once(&app.db, 100, move |_, conn| redeem(conn, &poll, grant, &moment));
            assert_eq!(made.iter().filter(|made| **made).count(), 1);
            assert_eq!(app.number("SELECT count(*) AS value FROM families").await, round);
            assert_eq!(app.number("SELECT count(*) AS value FROM refresh_tokens").await, round);
            assert_eq!(app.audited("grant.redeemed").await, usize::try_from(round).unwrap());
        }
    }

    async fn case_08_of_approve_and_deny_one_counts_two_hundred_times(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let (cookie, moment) = (cookie_of(&app, &browser), app.clock.moment());
        for _ in 0..200 {
            let codes = cd.begin(&app).await;
            let (org, typed, at) = (acme.clone(), TypedCode::read(&codes.user_code), moment.clone());
            let grant = app
                .write(move |conn| {
                    let member = member(conn, &org, &cookie)?;
                    Ok(claim::claim(conn, Claimant::Member(&member), &typed, &keyring(), &at)?.theirs().unwrap().grant_id)
                })
                .await;
            let (org, at) = (acme.clone(), moment.clone());
            let decided = at_once(&app.db, 2, move |number, conn| {
                let member = member(conn, &org, &cookie)?;
                let verdict = if number == 0 { Verdict::Approve(&member) } else { Verdict::Deny };
                decide::decide(conn, (&org, member.present()), grant, verdict, (&at, &origin()))
            });
            let approved = match &decided[..] {
                [Decided::Approved(..), Decided::TooLate] => true,
                [Decided::TooLate, Decided::Denied] => false,
                other => panic!("{other:?}"),
            };
            let (poll, at) = (poll_of(&cd, &codes), moment.clone());
            assert_eq!(app.write(move |conn| redeem(conn, &poll, grant, &at)).await, approved);
        }
        assert_eq!(app.audited("grant.approved").await + app.audited("grant.denied").await, 200);
    }

    async fn of_a_hundred_people_who_type_a_code_one_claims_it(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let mut cookies = Vec::new();
        for number in 0..20 {
            let user = app.user(&format!("u{number}@acme.example"), &[(&acme, Role::Member)]).await;
            cookies.push(cookie_of(&app, &app.signed_in(user).await));
        }
        let codes = cd.begin(&app).await;
        let (org, typed, moment) = (acme.clone(), TypedCode::read(&codes.user_code), app.clock.moment());
        let claimed = at_once(&app.db, 100, move |number, conn| {
            let member = member(conn, &org, &cookies[number % cookies.len()])?;
            Ok((number % cookies.len(), claim::claim(conn, Claimant::Member(&member), &typed, &keyring(), &moment)?.theirs().is_some()))
        });
        let winners: std::collections::BTreeSet<usize> =
            claimed.into_iter().filter_map(|(user, claimed)| claimed.then_some(user)).collect();
        assert_eq!(winners.len(), 1);
    }

    async fn an_algorithm_that_changes_during_a_poll_costs_no_grant(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let browser = app.signed_in(app.user("u1@acme.example", &[(&acme, Role::Member)]).await).await;
        let codes = cd.begin(&app).await;
        browser.approve(&acme, &codes.user_code).await;
        // Without the keys the write changes nothing.
        let (poll, moment, grant) = (poll_of(&cd, &codes), app.clock.moment(), grant_of(&app, &cd, &codes).await);
        app.write(move |conn| {
            let redemption = poll::redeem(conn, &poll, grant, |_| false, (&moment, &origin()))?;
            assert!(matches!(redemption, Redemption::KeysFirst(_)), "{redemption:?}");
            Ok(())
        })
        .await;
        assert_eq!(app.audited("grant.redeemed").await, 0);
        // On SQLite the redeeming write waits behind the change, and the read before it is from before it.
        let (org, by) = (acme.clone(), By::operator(&app.clock.moment()));
        let change = app.write(move |conn| {
            thread::sleep(std::time::Duration::from_millis(400));
            let changes = model::org::OrgChanges { signing_alg: Some(model::algorithm::Algorithm::EdDsa), ..Default::default() };
            directory::organizations::change(conn, &org, &changes, &by)
        });
        let poll = async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            cd.poll(&app, &codes.device_code).await
        };
        let (changed, answer) = tokio::join!(change, poll);
        assert!(matches!(changed, directory::organizations::Changed::Made(_)));
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn case_26_of_a_hundred_refreshes_all_get_the_one_successor(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let mut token = cd.log_in(&app, &browser).await["refresh_token"].as_str().unwrap().to_owned();
        for generation in 1..=3 {
            let (org, client, moment) = (acme.clone(), presented(&cd), app.clock.moment());
            let request = RefreshRequest { token: Secret::new(token.clone()), scopes: None, resources: Vec::new(), origin: origin() };
            let successors = at_once(&app.db, 100, move |_, conn| {
                let now = clients::authenticate(conn, &org, &client, Entrance::Token)?.unwrap();
                let key = keyring().key(Purpose::RefreshToken);
                match refresh::refresh(conn, &now.client, &request, (&now.organization, &key), &moment)? {
                    Ok(rotated) => Ok(rotated.refresh_token().expose().clone()),
                    Err(refusal) => panic!("{refusal:?}"),
                }
            });
            let distinct: std::collections::BTreeSet<&String> = successors.iter().collect();
            assert_eq!(distinct.len(), 1);
            assert_ne!(successors[0], token);
            token = successors[0].clone();
            assert_eq!(app.number(LIVE_LEAVES).await, 1);
            assert_eq!(app.number("SELECT count(*) AS value FROM refresh_tokens").await, generation + 1);
        }
    }

    async fn a_family_revoked_while_it_is_refreshed_is_over(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        for round in 1..=20 {
            let tokens = cd.log_in(&app, &browser).await;
            let token = tokens["refresh_token"].as_str().unwrap().to_owned();
            let (org, client, moment) = (acme.clone(), presented(&cd), app.clock.moment());
            let request = RefreshRequest { token: Secret::new(token.clone()), scopes: None, resources: Vec::new(), origin: origin() };
            let digest = Digest::of(Purpose::RefreshToken, &token);
            let successors = at_once(&app.db, 8, move |number, conn| {
                if number == 7 {
                    let (record, _) = store::tables::families::by_refresh_token(conn, &org, &digest)?.unwrap();
                    assert!(store::tables::families::end(conn, &org, record.family.id, RevocationReason::User, &By::operator(&moment))?);
                    return Ok(None);
                }
                let now = clients::authenticate(conn, &org, &client, Entrance::Token)?.unwrap();
                let key = keyring().key(Purpose::RefreshToken);
                let rotated = refresh::refresh(conn, &now.client, &request, (&now.organization, &key), &moment)?;
                Ok(rotated.ok().map(|rotated| rotated.refresh_token().expose().clone()))
            });
            for token in successors.iter().flatten().chain([&token]) {
                cd.refresh(&app, token).await.assert_error("invalid_grant");
            }
            assert_eq!(app.number("SELECT count(*) AS value FROM families WHERE state = 'revoked'").await, round);
        }
    }
}
