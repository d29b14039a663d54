//! What a new password, a disabled account and an ended membership leave of what was let in before: nothing, also of
//! what runs at the same moment.

use crate::races::{at_once, cookie_of, grant_of, member, origin, poll_of, presented, redeem};
use crate::support::{App, Browser, Codes, START, TestApp, keyring};
use crate::tokens::text;
use issuer::refresh::{self, RefreshRequest};
use login::attempt::Waiter;
use login::session;
use login::session::Completed;
use login::sign_in::{self, Attempt, Begun, Comparison, Outcome};
use model::application::ClientKind;
use model::audit::By;
use model::budget::BudgetLimits;
use model::client::Entrance;
use model::context::Origin;
use model::fault::Fault;
use model::id::{GrantId, OrgId, UserId};
use model::login_attempt::{NewDevicePolicy, Onward};
use model::moment::Moment;
use model::org::Role;
use model::secret::{Digest, Purpose, Secret};
use model::session::SessionPolicy;
use model::user::UserState;
use model::user_code::TypedCode;
use registry::clients;
use registry::grants::claim::{self, Claimant};
use registry::grants::decide::{self, Verdict};
use serde_json::json;
use store::Conn;

const ADA: &str = "ada@acme.example";

/// How often a race is run.
const ROUNDS: usize = 25;

struct Scene {
    app: TestApp,
    acme: OrgId,
    cd: App,
    ada: UserId,
}

async fn scene(engine: testkit::Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let cd = app.device_app(&acme).await;
    let ada = app.user(ADA, &[(&acme, Role::Member)]).await;
    // Who may sign in from where has tests of its own.
    app.set_new_device_policy(NewDevicePolicy::Off).await;
    Scene { app, acme, cd, ada }
}

fn new_password(conn: &mut Conn, user: UserId, hash: &str, moment: &Moment) -> Result<(), Fault> {
    directory::users::set_password(
        conn,
        user,
        &Secret::new(hash.to_owned()),
        directory::access::Keys::All,
        &By::operator(moment),
    )
}

/// An attempt to sign in whose password is about to be compared.
fn attempt(conn: &mut Conn, moment: &Moment) -> Result<Comparison, Fault> {
    attempt_from(conn, None, moment)
}

/// The same from a browser with this cookie.
fn attempt_from(conn: &mut Conn, device_cookie: Option<Digest>, moment: &Moment) -> Result<Comparison, Fault> {
    let attempt = Attempt { email_key: ADA.to_owned(), device_cookie, origin: origin() };
    let (limits, key) = (BudgetLimits::default(), keyring().key(Purpose::Budget));
    match sign_in::begin(conn, &attempt, &limits, &key, moment)? {
        Begun::Compare(comparison) => Ok(*comparison),
        Begun::Spent { .. } => panic!("the budget is spent"),
    }
}

fn complete(conn: &mut Conn, comparison: &Comparison, moment: &Moment) -> Result<Option<Completed>, Fault> {
    let onward = Onward { next: "/orgs".to_owned(), remember: false };
    let waiter = Waiter { browser: Digest::of(Purpose::PreSession, "browser"), onward, keys: keyring() };
    match sign_in::complete(conn, comparison, &waiter, &SessionPolicy::default(), (moment, &origin()))? {
        Outcome::SignedIn(completed) => Ok(Some(*completed)),
        Outcome::Refused => Ok(None),
        other => panic!("{other:?}"),
    }
}

impl Scene {
    async fn signed_in(&self) -> Browser<'_> {
        self.app.signed_in(self.ada).await
    }

    /// A code that ada has approved and no device has collected.
    async fn approved(&self) -> Codes {
        let codes = self.cd.begin(&self.app).await;
        self.signed_in().await.approve(&self.acme, &codes.user_code).await;
        codes
    }

    /// A code that the person with this session has claimed.
    async fn claimed(&self, codes: &Codes, cookie: Digest) -> GrantId {
        let (org, typed, at) = (self.acme.clone(), TypedCode::read(&codes.user_code), self.app.clock.moment());
        let claimed = self.app.write(move |conn| {
            let member = member(conn, &org, &cookie)?;
            Ok(claim::claim(conn, Claimant::Member(&member), &typed, &keyring(), &at)?.theirs().unwrap().grant_id)
        });
        claimed.await
    }

    async fn active_families(&self) -> i64 {
        self.app.number("SELECT count(*) AS value FROM families WHERE state = 'active'").await
    }

    /// Whether anything that the tokens are good for still works.
    async fn assert_over(&self, tokens: &serde_json::Value) {
        self.cd.refresh(&self.app, &text(tokens, "refresh_token")).await.assert_error("invalid_grant");
        self.app.userinfo(&self.acme, &text(tokens, "access_token")).await.assert_token_refused();
        self.app.me(&self.acme, &text(tokens, "access_token")).await.assert_token_refused();
    }
}

testkit::both_engines! {
    async fn what_was_proven_before_the_credentials_changed_counts_no_more(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, cd) = (&scene.app, &scene.cd);
        let cs = app.app(&scene.acme, ClientKind::Confidential, |_| {}).await;
        let browser = scene.signed_in().await;
        let (codes, tokens) = (scene.approved().await, cd.log_in(app, &browser).await);
        let own = cs.log_in(app, &browser).await;
        // As a change leaves it that ran while each of them was being stored, and saw none: the time alone tells.
        let proven = START.millis();
        for (changed, good) in [(proven, true), (proven + 1, false), (proven, true)] {
            app.write(move |conn| conn.execute_sql(&format!("UPDATE users SET credentials_changed_at = {changed}"))).await;
            assert_eq!(browser.is_signed_in().await, good);
            for (token, holder) in [(text(&tokens, "access_token"), &cs), (text(&own, "refresh_token"), &cs)] {
                assert_eq!(holder.introspect(app, &token).await["active"], good);
            }
            if good {
                app.userinfo(&scene.acme, &text(&tokens, "access_token")).await.ok();
            } else {
                scene.assert_over(&tokens).await;
                cd.poll(app, &codes.device_code).await.assert_error("access_denied");
                assert_eq!(cs.introspect(app, &text(&tokens, "access_token")).await, json!({"active": false}));
            }
        }
        app.wait(5);
        cd.refresh(app, &text(&tokens, "refresh_token")).await.ok();
        cd.poll(app, &codes.device_code).await.ok();
    }

    async fn a_new_password_ends_everything_and_locks_nobody_out(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        let (browser, codes) = (scene.signed_in().await, scene.approved().await);
        let tokens = scene.cd.log_in(app, &browser).await;
        // In the very millisecond of all that, and of the sign-in that follows; twice, and with a clock that is behind.
        for (round, hash) in ["$first", "$second", "$third"].into_iter().enumerate() {
            let at = moment.clone();
            let new = app
                .write(move |conn| {
                    new_password(conn, ada, hash, &at)?;
                    let comparison = attempt(conn, &at)?;
                    Ok(complete(conn, &comparison, &at)?.unwrap())
                })
                .await;
            let fresh = app.browser();
            fresh.set_cookie(app.session_cookie(), new.new.cookie.expose());
            assert!(fresh.is_signed_in().await, "{hash}");
            assert!(!browser.is_signed_in().await);
            assert_eq!(app.number("SELECT count(*) AS value FROM sessions").await, 1, "{hash}");
            if round == 1 {
                app.clock.set(START.before(std::time::Duration::from_secs(2)));
            }
        }
        app.clock.set(START);
        scene.assert_over(&tokens).await;
        scene.cd.poll(app, &codes.device_code).await.assert_error("access_denied");
        assert_eq!((app.audited("user.password_set").await, app.audited("family.revoked").await), (3, 1));
        // Two browsers and what they signed in with after the first two changes.
        assert_eq!(app.audited("session.ended").await, 4);
    }

    async fn a_sign_in_with_the_old_password_begins_no_session(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        let at = moment.clone();
        let begun = app
            .write(move |conn| {
                let comparison = attempt(conn, &at)?;
                new_password(conn, ada, "$new", &at)?;
                complete(conn, &comparison, &at)
            })
            .await;
        assert!(begun.is_none());
        // At once: whichever is first, the old password leaves no session.
        for round in 0..ROUNDS {
            let (at, hash) = (moment.clone(), format!("$round {round}"));
            let comparison = {
                let at = at.clone();
                app.write(move |conn| attempt(conn, &at)).await
            };
            let done = at_once(&app.db, 4, move |number, conn| {
                if number == 0 {
                    return new_password(conn, ada, &hash, &at).map(|()| None);
                }
                complete(conn, &comparison, &at)
            });
            for completed in done.into_iter().flatten() {
                let cookie = completed.new.session.digest;
                let still = app.write(move |conn| session::signed_in(conn, &cookie, START)).await;
                assert!(still.is_none(), "round {round}");
            }
            app.write(|conn| conn.execute_sql("DELETE FROM budgets")).await;
        }
    }

    async fn an_approval_given_while_the_password_changes_is_worth_nothing(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        for round in 0..ROUNDS {
            let browser = scene.signed_in().await;
            let (codes, cookie) = (scene.cd.begin(app).await, cookie_of(app, &browser));
            let grant = scene.claimed(&codes, cookie).await;
            let (org, at) = (scene.acme.clone(), moment.clone());
            let hash = format!("$round {round}");
            at_once(&app.db, 2, move |number, conn| {
                if number == 0 {
                    return new_password(conn, ada, &hash, &at);
                }
                let Some(signed_in) = session::signed_in(conn, &cookie, START)? else { return Ok(()) };
                let member = directory::members::member(conn, &org, signed_in.at(&org), at.now())?.unwrap();
                decide::decide(conn, (&org, member.present()), grant, Verdict::Approve(&member), (&at, &origin())).map(drop)
            });
            let answer = scene.cd.poll(app, &codes.device_code).await;
            assert_ne!(answer.status, 200, "round {round}: {}", answer.text);
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 0);
    }

    async fn what_is_collected_or_refreshed_while_the_password_changes_is_over(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        for round in 0..ROUNDS {
            let codes = scene.approved().await;
            let tokens = scene.cd.log_in(app, &scene.signed_in().await).await;
            let (poll, grant) = (poll_of(&scene.cd, &codes), grant_of(app, &scene.cd, &codes).await);
            let (org, client, at) = (scene.acme.clone(), presented(&scene.cd), moment.clone());
            let token = Secret::new(text(&tokens, "refresh_token"));
            let request = RefreshRequest { token, scopes: None, resources: Vec::new(), origin: origin() };
            let hash = format!("$round {round}");
            let successors = at_once(&app.db, 3, move |number, conn| match number {
                0 => new_password(conn, ada, &hash, &at).map(|()| None),
                1 => redeem(conn, &poll, grant, &at).map(|_| None),
                _ => {
                    let now = clients::authenticate(conn, &org, &client, Entrance::Token)?.unwrap();
                    let key = keyring().key(Purpose::RefreshToken);
                    let rotated = refresh::refresh(conn, &now.client, &request, (&now.organization, &key), &at)?;
                    Ok(rotated.ok().map(|rotated| rotated.refresh_token().expose().clone()))
                }
            });
            for token in successors.iter().flatten() {
                scene.cd.refresh(app, token).await.assert_error("invalid_grant");
            }
            scene.assert_over(&tokens).await;
            assert_eq!(scene.active_families().await, 0, "round {round}");
        }
    }

    async fn an_account_switched_off_or_a_membership_ended_loses_its_families_for_good(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada) = (&scene.app, scene.ada);
        let beta = app.org("beta").await;
        let put = async |org: &OrgId| {
            let (org, moment) = (org.clone(), app.clock.moment());
            app.write(move |conn| directory::members::put(conn, &org, (ada, Role::Member), &By::operator(&moment))).await;
        };
        put(&beta).await;
        let at_beta = app.device_app(&beta).await;
        for (number, what) in ["membership", "account"].into_iter().enumerate() {
            let browser = scene.signed_in().await;
            let tokens = scene.cd.log_in(app, &browser).await;
            let elsewhere = at_beta.log_in(app, &browser).await;
            let (pending, approved) = (scene.cd.begin(app).await, scene.approved().await);
            let ended = app.audited("family.revoked").await;
            if number == 0 {
                app.end_membership(&scene.acme, ada).await;
            } else {
                app.set_user_state(ada, UserState::Disabled).await;
            }
            scene.assert_over(&tokens).await;
            scene.cd.poll(app, &approved.device_code).await.assert_error("access_denied");
            scene.cd.poll(app, &pending.device_code).await.assert_error("authorization_pending");
            if number == 0 {
                put(&scene.acme).await;
                at_beta.refresh(app, &text(&elsewhere, "refresh_token")).await.ok();
                assert!(browser.is_signed_in().await, "the account is not the organization's to end");
            } else {
                app.set_user_state(ada, UserState::Disabled).await;
                app.set_user_state(ada, UserState::Active).await;
                at_beta.refresh(app, &text(&elsewhere, "refresh_token")).await.assert_error("invalid_grant");
                assert!(!browser.is_signed_in().await, "a session that has ended stays so");
            }
            scene.assert_over(&tokens).await;
            // The first round leaves a family at beta, which ends with the account too.
            assert_eq!(app.audited("family.revoked").await - ended, [1, 3][number], "{what}: each once");
            // What was still under way goes on; what somebody approved as a member they approve again.
            scene.signed_in().await.approve(&scene.acme, &pending.user_code).await;
            app.wait(5);
            let still: &[&Codes] = if number == 0 { &[&pending] } else { &[&pending, &approved] };
            if number == 0 {
                scene.cd.poll(app, &approved.device_code).await.assert_error("access_denied");
            }
            for codes in still {
                let tokens = scene.cd.poll(app, &codes.device_code).await.ok();
                scene.cd.revoke(app, &tokens.at("refresh_token")).await.ok();
            }
        }
        assert_eq!(app.audited("session.ended").await, 5, "all browsers of the account, and once each");
        assert_eq!(app.audited("user.disabled").await, 1);
        assert_eq!(app.audited("grant.withdrawn").await, 1, "the membership's");
    }

    async fn each_approval_that_is_withdrawn_is_audited_with_its_reason(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        let beta = app.org("beta").await;
        let (org, at) = (beta.clone(), moment.clone());
        app.write(move |conn| directory::members::put(conn, &org, (ada, Role::Member), &By::operator(&at))).await;
        let at_beta = app.device_app(&beta).await;
        let elsewhere = at_beta.begin(app).await;
        let browser = scene.signed_in().await;
        browser.approve(&beta, &elsewhere.user_code).await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        let withdrawn = "SELECT org_id || ' ' || actor || '\n' || details AS value FROM audit WHERE action = 'grant.withdrawn' ORDER BY org_id, id";
        app.end_membership(&scene.acme, ada).await;
        // The names of an object come in any order.
        let read = |rows: Vec<String>| -> Vec<(String, serde_json::Value)> {
            let parted = rows.iter().map(|row| row.split_once('\n').unwrap());
            parted.map(|(by, details)| (by.to_owned(), serde_json::from_str(details).unwrap())).collect()
        };
        let row = |by: &str, reason| (by.to_owned(), serde_json::json!({ "reason": reason, "user": ada.to_string() }));
        let here = row("acme operator", "admin");
        assert_eq!(read(app.texts(withdrawn).await), [here.clone(), here.clone()]);
        app.write(move |conn| new_password(conn, ada, "$new", &moment)).await;
        let there = row("beta operator", "credentials");
        assert_eq!(read(app.texts(withdrawn).await), [here.clone(), here, there], "each once");
        for codes in [&first, &second] {
            scene.cd.poll(app, &codes.device_code).await.assert_error("access_denied");
        }
        at_beta.poll(app, &elsewhere.device_code).await.assert_error("access_denied");
    }

    async fn nobody_approves_behind_an_ended_membership_or_account(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        for round in 0..8 {
            let browser = scene.signed_in().await;
            let (codes, cookie) = (scene.cd.begin(app).await, cookie_of(app, &browser));
            let grant = scene.claimed(&codes, cookie).await;
            let (org, at) = (scene.acme.clone(), moment.clone());
            // Who approves has been let in before it ends, and decides while the end is being stored, or right after.
            let approved = at_once(&app.db, 2, move |number, conn| {
                if number == 0 {
                    if round % 2 == 0 {
                        directory::members::remove(conn, &org, ada, &By::operator(&at))?;
                        std::thread::sleep(std::time::Duration::from_millis(60));
                    } else {
                        directory::users::set_state(conn, ada, UserState::Disabled, &By::operator(&at))?;
                    }
                    return Ok(None);
                }
                let Some(signed_in) = session::signed_in(conn, &cookie, START)? else { return Ok(None) };
                let Some(member) = directory::members::member(conn, &org, signed_in.at(&org), at.now())? else { return Ok(None) };
                std::thread::sleep(std::time::Duration::from_millis(30));
                let decided = decide::decide(conn, (&org, member.present()), grant, Verdict::Approve(&member), (&at, &origin()))?;
                let entitled = "SELECT count(*) AS value FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.org_id = 'acme' AND u.state = 'active'";
                Ok(matches!(decided, decide::Decided::Approved(..)).then_some(conn.numbers_by_sql(entitled)?))
            });
            for entitled in approved.iter().flatten() {
                assert_eq!(entitled, &[1], "round {round}: approved behind the end");
            }
            let (org, at) = (scene.acme.clone(), moment.clone());
            app.write(move |conn| {
                directory::users::set_state(conn, ada, UserState::Active, &By::operator(&at))?;
                directory::members::put(conn, &org, (ada, Role::Member), &By::operator(&at)).map(drop)
            })
            .await;
            if round % 2 == 0 {
                // Nothing that was approved as a member before is collected as a member again.
                let answer = scene.cd.poll(app, &codes.device_code).await;
                assert_ne!(answer.status, 200, "round {round}: {}", answer.text);
            }
        }
    }

    async fn a_new_password_forgets_the_browsers_and_not_that_there_were_any(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        let ever = "SELECT count(*) AS value FROM users WHERE first_known_device_at IS NOT NULL";
        let known = "SELECT count(*) AS value FROM known_devices";
        assert_eq!((app.number(ever).await, app.number(known).await), (0, 0));
        let at = moment.clone();
        let completed = app
            .write(move |conn| {
                new_password(conn, ada, "$first", &at)?;
                let comparison = attempt(conn, &at)?;
                Ok(complete(conn, &comparison, &at)?.unwrap())
            })
            .await;
        assert_eq!((app.number(ever).await, app.number(known).await), (1, 1));
        // Who knew the old password has no guesses at the new one beside the account's.
        let cookie = Digest::of(Purpose::KnownDevice, completed.device_cookie.unwrap().expose());
        app.write(move |conn| {
            new_password(conn, ada, "$second", &moment)?;
            attempt_from(conn, Some(cookie), &moment).map(drop)
        })
        .await;
        assert_eq!((app.number(ever).await, app.number(known).await), (1, 0));
        assert_eq!((app.spent("passwords_by_address").await, app.spent("passwords_by_known_device").await), (1, 0));
    }

    async fn an_account_knows_so_many_browsers_and_no_more(engine: testkit::Scratch) {
        use login::known_device::MOST_OF_ACCOUNT;
        let scene = scene(engine).await;
        let (app, ada) = (&scene.app, scene.ada);
        let start = scene.app.clock.moment();
        app.write(move |conn| new_password(conn, ada, "$first", &start)).await;
        let mut cookies = Vec::new();
        for number in 0..=MOST_OF_ACCOUNT {
            app.wait(1);
            let moment = app.clock.moment();
            // The first browser comes back before the last one is new.
            let back = cookies.first().copied().filter(|_| number == MOST_OF_ACCOUNT);
            let completed = app
                .write(move |conn| {
                    if back.is_some() {
                        let comparison = attempt_from(conn, back, &moment)?;
                        assert!(complete(conn, &comparison, &moment)?.unwrap().device_cookie.is_none());
                    }
                    let comparison = attempt(conn, &moment)?;
                    Ok(complete(conn, &comparison, &moment)?.unwrap())
                })
                .await;
            cookies.push(Digest::of(Purpose::KnownDevice, completed.device_cookie.unwrap().expose()));
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM known_devices").await, MOST_OF_ACCOUNT);
        let now = app.clock.moment().now();
        let still = app
            .write(move |conn| {
                let known = cookies.iter().map(|cookie| store::tables::known_devices::by_cookie(conn, ada, cookie, now));
                known.map(|found| found.map(|found| found.is_some())).collect::<Result<Vec<_>, _>>()
            })
            .await;
        let gone: Vec<usize> = (0..still.len()).filter(|at| !still[*at]).collect();
        assert_eq!(gone, [1], "that which was not used for longest");
    }

    async fn all_known_browsers_together_have_so_many_guesses(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        let at = moment.clone();
        app.write(move |conn| new_password(conn, ada, "$first", &at)).await;
        let mut guesses = 0;
        for number in 0..8u8 {
            let at = moment.clone();
            guesses += app
                .write(move |conn| {
                    let comparison = attempt(conn, &at)?;
                    let cookie = complete(conn, &comparison, &at)?.unwrap().device_cookie.unwrap();
                    let cookie = Digest::of(Purpose::KnownDevice, cookie.expose());
                    let place = Origin::new(std::net::IpAddr::from([192, 0, 2, number]), "test");
                    let mut taken = 0;
                    for _ in 0..15 {
                        let guess = Attempt { email_key: ADA.to_owned(), device_cookie: Some(cookie), origin: place.clone() };
                        let begun = sign_in::begin(conn, &guess, &BudgetLimits::default(), &keyring().key(Purpose::Budget), &at)?;
                        taken += i32::from(matches!(begun, Begun::Compare(_)));
                    }
                    Ok(taken)
                })
                .await;
        }
        assert_eq!(guesses, 50);
    }

    async fn no_family_opens_behind_an_ended_membership_or_account(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada, moment) = (&scene.app, scene.ada, scene.app.clock.moment());
        for round in 0..ROUNDS * 2 {
            let codes = scene.approved().await;
            let (poll, grant) = (poll_of(&scene.cd, &codes), grant_of(app, &scene.cd, &codes).await);
            let (org, at) = (scene.acme.clone(), moment.clone());
            at_once(&app.db, 2, move |number, conn| {
                if number == 0 {
                    return redeem(conn, &poll, grant, &at).map(drop);
                }
                if round % 2 == 0 {
                    directory::members::remove(conn, &org, ada, &By::operator(&at)).map(drop)
                } else {
                    directory::users::set_state(conn, ada, UserState::Disabled, &By::operator(&at)).map(drop)
                }
            });
            assert_eq!(scene.active_families().await, 0, "round {round}");
            let (org, at) = (scene.acme.clone(), moment.clone());
            app.write(move |conn| {
                directory::users::set_state(conn, ada, UserState::Active, &By::operator(&at))?;
                directory::members::put(conn, &org, (ada, Role::Member), &By::operator(&at))
            })
            .await;
        }
    }
}
