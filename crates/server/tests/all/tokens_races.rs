//! Keys that are made by hand while something ends that they rest on: what is good afterwards rests on all of it.

use crate::page_form::PageForm;
use crate::races::{at_once, cookie_of, origin};
use crate::support::{START, TestApp};
use crate::tokens_page::{Scene, scene};
use directory::access::Keys;
use directory::members::{self, Removed};
use login::session;
use model::audit::{Actor, By};
use model::fault::Fault;
use model::id::{OpaqueTokenId, OrgId};
use model::moment::Moment;
use model::name::DisplayName;
use model::opaque::{OpaqueKind, TokenPrefixes};
use model::org::Role;
use model::secret::{Digest, Secret};
use protocol::scope::Scopes;
use routes::url;
use server::by_hand::{self, Made, Wanted};
use std::thread;
use std::time::Duration;
use store::Conn;
use testkit::Scratch;

/// How often a race is run.
const ROUNDS: u64 = 25;

fn wanted(org: &OrgId, moment: &Moment) -> Wanted {
    Wanted {
        id: OpaqueTokenId::draw(moment),
        kind: OpaqueKind::ApiKey,
        name: DisplayName::parse("Nightly build").unwrap(),
        org_id: org.clone(),
        scopes: Scopes::parse("read").unwrap(),
        lifetime: Duration::from_secs(24 * 60 * 60),
    }
}

/// Makes a key as the page does; whether it was made.
fn make(conn: &mut Conn, org: &OrgId, cookie: &Digest, moment: &Moment) -> Result<bool, Fault> {
    let Some(signed_in) = session::signed_in(conn, cookie, START)? else { return Ok(false) };
    let by = By::request(Actor::User(model::user::Reader::user(&signed_in).id), (moment, &origin()));
    Ok(match by_hand::make(conn, &signed_in, wanted(org, moment), &TokenPrefixes::default(), &by)? {
        Made::Key(_) => true,
        Made::SignedOut | Made::NotAMember | Made::TooMany => false,
        other => panic!("{other:?}"),
    })
}

/// Whether this thread of two makes the key, which each does in turn; and both get their turn to be late.
fn is_maker(round: u64, number: usize) -> bool {
    let number = u64::try_from(number).unwrap();
    if round / 2 % 2 == number {
        thread::sleep(Duration::from_micros(150 * round));
    }
    round % 2 == number
}

async fn assert_none_good(app: &TestApp) {
    assert_eq!(app.good_keys().await, 0);
    assert_eq!(app.audited("token.made").await, app.audited("token.revoked").await, "each that was made has ended");
}

testkit::both_engines! {
    async fn no_key_is_good_behind_an_ended_membership(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let cookie = cookie_of(&app, &app.signed_in(ada).await);
        for round in 0..ROUNDS {
            let (org, moment) = (acme.clone(), app.clock.moment());
            at_once(&app.db, 2, move |number, conn| {
                if is_maker(round, number) {
                    return make(conn, &org, &cookie, &moment);
                }
                assert_eq!(members::remove(conn, &org, ada, &By::operator(&moment))?, Removed::Ended);
                Ok(true)
            });
            assert_none_good(&app).await;
            let (org, moment) = (acme.clone(), app.clock.moment());
            app.write(move |conn| members::put(conn, &org, (ada, Role::Member), &By::operator(&moment))).await;
        }
        assert!(app.audited("token.made").await > 0, "the key was first at least once");
    }

    async fn no_key_is_good_behind_a_reset(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        for round in 0..ROUNDS {
            let cookie = cookie_of(&app, &app.signed_in(ada).await);
            let (org, moment) = (acme.clone(), app.clock.moment());
            at_once(&app.db, 2, move |number, conn| {
                if is_maker(round, number) {
                    return make(conn, &org, &cookie, &moment);
                }
                directory::users::set_password(conn, ada, &Secret::new("hash".to_owned()), Keys::All, &By::operator(&moment))?;
                Ok(true)
            });
            assert_none_good(&app).await;
        }
        assert!(app.audited("token.made").await > 0, "the key was first at least once");
    }

    async fn no_key_of_a_session_is_good_behind_its_end_with_all_keys(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let own = app.signed_in(ada).await;
        for _ in 0..ROUNDS {
            let other = app.signed_in(ada).await;
            let form = other.key_form(("api_key", acme.as_str(), &["read"])).await;
            let end = PageForm::to(&own.get(url::SESSIONS).await, url::END_OTHER_SESSIONS).with("keys", "yes");
            let (made, ended) = tokio::join!(other.submit(&form), own.submit(&end));
            assert!([200, 303, 403].contains(&made.status), "{}", made.text);
            assert_eq!(ended.status, 303, "{}", ended.text);
            assert_none_good(&app).await;
        }
    }

    async fn of_many_who_make_their_last_key_at_once_one_does(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let cookie = cookie_of(&app, &app.signed_in(ada).await);
        app.keys(ada, &acme, OpaqueKind::Mcp, 99).await;
        let (org, moment) = (acme.clone(), app.clock.moment());
        let made = at_once(&app.db, 8, move |_, conn| make(conn, &org, &cookie, &moment));
        assert_eq!(made.iter().filter(|made| **made).count(), 1);
        assert_eq!(app.good_keys().await, 100);
    }
}
