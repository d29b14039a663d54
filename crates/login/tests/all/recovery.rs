//! A recovery code works once, for its user, until there are new ones.

use crate::support::{NOW, by, user};
use login::recovery;
use model::id::UserId;
use store::{Class, Db};
use testkit::clock::TestClock;

async fn make(db: &Db, clock: &TestClock, user: UserId) -> Vec<String> {
    let by = by(clock, user);
    let made = db.write("make", Class::Durable, move |conn| recovery::make(conn, user, &by)).await.unwrap();
    made.into_inner().iter().map(recovery::shown).collect()
}

async fn spend(db: &Db, clock: &TestClock, user: UserId, code: &str) -> bool {
    let (by, code) = (by(clock, user), code.to_owned());
    let spent = db.write("spend", Class::Durable, move |conn| recovery::spend(conn, user, &code, &by));
    spent.await.unwrap().into_inner()
}

async fn left(db: &Db, user: UserId) -> Option<usize> {
    db.read("left", move |conn| recovery::left(conn, user)).await.unwrap().map(|(left, _)| left)
}

testkit::both_engines! {
    async fn a_code_works_once_and_for_its_user_alone(engine: testkit::Scratch) {
        let (db, clock) = (engine.db(), TestClock::new(NOW, 7));
        let (ada, ben) = (user(&db, &clock, "ada@acme.example").await.id, user(&db, &clock, "ben@beta.example").await.id);
        assert_eq!(left(&db, ada).await, None);
        let codes = make(&db, &clock, ada).await;
        assert_eq!((codes.len(), left(&db, ada).await), (10, Some(10)));
        assert!(!spend(&db, &clock, ben, &codes[0]).await, "another's");
        assert!(!spend(&db, &clock, ada, "").await && !spend(&db, &clock, ada, "00000-00000-00000-00000").await);
        assert!(spend(&db, &clock, ada, &codes[0].to_lowercase().replace('-', " ")).await, "as people type it");
        assert!(!spend(&db, &clock, ada, &codes[0]).await, "once");
        assert_eq!(left(&db, ada).await, Some(9));
        let mut log = db.read("log", |conn| conn.texts_by_sql("SELECT action || ' ' || details AS value FROM audit")).await.unwrap();
        log.sort();
        // The names in the details have no order to rely on.
        assert!(log.len() == 2 && log[0].starts_with("user.recovery_code_used ") && log[0].contains("\"left\":9"), "{log:?}");
        assert!(log[1].starts_with("user.recovery_codes_made "), "{log:?}");
        for code in &codes {
            let plain = code.replace('-', "");
            assert!(!log.join(" ").contains(&plain) && !log.join(" ").contains(code), "no code is in the log");
        }
    }

    async fn new_codes_replace_those_before(engine: testkit::Scratch) {
        let (db, clock) = (engine.db(), TestClock::new(NOW, 7));
        let ada = user(&db, &clock, "ada@acme.example").await.id;
        let old = make(&db, &clock, ada).await;
        assert!(spend(&db, &clock, ada, &old[0]).await);
        let new = make(&db, &clock, ada).await;
        assert_eq!(left(&db, ada).await, Some(10));
        for code in &old {
            assert!(!spend(&db, &clock, ada, code).await, "{code}");
        }
        assert!(spend(&db, &clock, ada, &new[9]).await);
    }

    async fn of_many_who_bring_one_code_at_once_one_is_let_through(engine: testkit::Scratch) {
        let (db, clock) = (engine.open(store::DbConfig { pg_threads: 8, ..engine.config() }), TestClock::new(NOW, 7));
        let ada = user(&db, &clock, "ada@acme.example").await.id;
        let code = make(&db, &clock, ada).await[0].clone();
        let tries: Vec<_> = (0..20)
            .map(|_| {
                let (db, clock, code) = (db.clone(), clock.clone(), code.clone());
                tokio::spawn(async move { spend(&db, &clock, ada, &code).await })
            })
            .collect();
        let mut spent = 0;
        for one in tries {
            spent += usize::from(one.await.unwrap());
        }
        assert_eq!(spent, 1);
    }
}
