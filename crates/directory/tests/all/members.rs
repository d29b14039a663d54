//! An organization keeps an owner, whatever runs at once.

use directory::members::{self, Put, Removed};
use directory::users::NewUser;
use directory::{organizations, users};
use model::audit::By;
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::moment::Moment;
use model::name::DisplayName;
use model::org::Role;
use std::sync::Barrier;
use std::thread;
use store::tables::memberships;
use store::{Class, Conn, Db};
use testkit::clock::TestClock;

fn write<T: Send + 'static>(db: &Db, body: impl FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static) -> T {
    db.blocking().write("test", Class::Durable, body).unwrap().into_inner()
}

/// An organization with these members.
fn acme(db: &Db, moment: &Moment, roles: &[Role]) -> (OrgId, Vec<UserId>) {
    let org = OrgId::parse("acme").unwrap();
    let (made, roles, moment) = (org.clone(), roles.to_vec(), moment.clone());
    let members = write(db, move |conn| {
        organizations::create(conn, &made, &DisplayName::parse("Acme").unwrap(), &By::operator(&moment))?.unwrap();
        let mut members = Vec::new();
        for (number, role) in roles.iter().enumerate() {
            let new = NewUser {
                email: format!("u{number}@acme.example"),
                name: DisplayName::parse("Ada").unwrap(),
                password_hash: None,
                verified: true,
                language: None,
            };
            let user = users::create(conn, &new, &By::operator(&moment))?.unwrap().id;
            assert_eq!(members::put(conn, &made, (user, *role), &By::operator(&moment))?, Put::Changed);
            members.push(user);
        }
        Ok(members)
    });
    (org, members)
}

fn owners(db: &Db, org: &OrgId) -> Vec<UserId> {
    let org = org.clone();
    let all = db.blocking().read("members", move |conn| memberships::all(conn, &org)).unwrap();
    all.into_iter().filter(|(_, role)| *role == Role::Owner).map(|(user, _)| user.id).collect()
}

testkit::both_engines_sync! {
    fn owners_who_end_each_other_at_once_leave_one(engine: testkit::Scratch) {
        let (db, moment) = (engine.db(), TestClock::default().moment());
        let (org, all) = acme(&db, &moment, &[Role::Owner, Role::Owner, Role::Owner]);
        for round in 0..60 {
            let barrier = Barrier::new(3);
            thread::scope(|scope| {
                for number in 0..3 {
                    let (db, barrier, org, moment) = (&db, &barrier, org.clone(), moment.clone());
                    // In a ring; some are removed, others only made something less.
                    let (user, removes) = (all[(number + 1) % 3], (round + number) % 2 == 0);
                    scope.spawn(move || {
                        barrier.wait();
                        write(db, move |conn| {
                            if removes {
                                members::remove(conn, &org, user, &By::operator(&moment)).map(drop)
                            } else {
                                members::put(conn, &org, (user, Role::Admin), &By::operator(&moment)).map(drop)
                            }
                        });
                    });
                }
            });
            assert_eq!(owners(&db, &org).len(), 1, "round {round}: all but the last went");
            for user in &all {
                let (org, user, moment) = (org.clone(), *user, moment.clone());
                write(&db, move |conn| members::put(conn, &org, (user, Role::Owner), &By::operator(&moment)));
            }
        }
    }

    fn the_last_owner_stays_one_by_every_way(engine: testkit::Scratch) {
        let (db, moment) = (engine.db(), TestClock::default().moment());
        let (org, all) = acme(&db, &moment, &[Role::Owner, Role::Member]);
        let [owner, other] = all[..] else { panic!("two members") };
        let put = |user, role| {
            let (org, moment) = (org.clone(), moment.clone());
            write(&db, move |conn| members::put(conn, &org, (user, role), &By::operator(&moment)))
        };
        let remove = |user| {
            let (org, moment) = (org.clone(), moment.clone());
            write(&db, move |conn| members::remove(conn, &org, user, &By::operator(&moment)))
        };
        for role in [Role::Admin, Role::Member] {
            assert_eq!(put(owner, role), Put::LastOwner);
        }
        assert_eq!(remove(owner), Removed::LastOwner);
        assert_eq!((put(owner, Role::Owner), put(other, Role::Member)), (Put::Already, Put::Already));
        assert_eq!(owners(&db, &org), [owner]);
        assert_eq!(put(other, Role::Owner), Put::Changed);
        assert_eq!((put(owner, Role::Member), remove(owner)), (Put::Changed, Removed::Ended));
        assert_eq!((remove(owner), remove(other)), (Removed::NoMember, Removed::LastOwner));
        let told = db.blocking().read("audit", |conn| {
            conn.numbers_by_sql("SELECT count(*) AS value FROM audit WHERE action LIKE 'member.%'")
        });
        assert_eq!(told.unwrap(), [5], "what changed, and nothing else");
    }

    fn of_many_who_add_a_member_at_once_all_succeed(engine: testkit::Scratch) {
        let (db, moment) = (engine.db(), TestClock::default().moment());
        let (org, all) = acme(&db, &moment, &[Role::Owner, Role::Member]);
        let user = all[1];
        for _ in 0..10 {
            let (ending, at) = (org.clone(), moment.clone());
            write(&db, move |conn| members::remove(conn, &ending, user, &By::operator(&at)));
            let barrier = Barrier::new(4);
            let begun: Vec<Put> = thread::scope(|scope| {
                let threads: Vec<_> = (0..4)
                    .map(|_| {
                        let (db, barrier, org, moment) = (&db, &barrier, org.clone(), moment.clone());
                        scope.spawn(move || {
                            barrier.wait();
                            write(db, move |conn| {
                                members::put(conn, &org, (user, Role::Member), &By::operator(&moment))
                            })
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(begun.iter().filter(|put| **put == Put::Changed).count(), 1, "{begun:?}");
        }
    }
}
