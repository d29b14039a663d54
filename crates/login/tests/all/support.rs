//! A user in a scratch database.

use model::audit::{Actor, By};
use model::context::Origin;
use model::id::UserId;
use model::time::Timestamp;
use model::user::{User, UserState};
use std::net::{IpAddr, Ipv4Addr};
use store::{Class, Db};
use testkit::clock::TestClock;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

pub(crate) fn by(clock: &TestClock, user: UserId) -> By {
    let origin = Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "Firefox (Linux)");
    By::request(Actor::User(user), (&clock.moment(), &origin))
}

/// Makes a user.
pub(crate) async fn user(db: &Db, clock: &TestClock, email: &'static str) -> User {
    let user = User {
        id: UserId::draw(&clock.moment()),
        email: email.to_owned(),
        name: "Ada".to_owned(),
        email_verified_at: Some(clock.now()),
        language: None,
        state: UserState::Active,
        credentials_changed_at: clock.now(),
    };
    let made = user.clone();
    db.write("user", Class::Durable, move |conn| {
        assert!(store::tables::users::insert(conn, &made, email, NOW)?);
        Ok(())
    })
    .await
    .unwrap();
    user
}
