//! Invariant 12: however many guesses run at once, no more than the budget is evaluated.

use login::budget::{self, Charging, Receipt};
use model::budget::{Budget, BudgetLimits, WINDOW};
use model::context::Network;
use model::id::UserId;
use model::secret::Key;
use model::time::Timestamp;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use store::{Class, Db};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn user(n: u32) -> Budget {
    Budget::CodesByUser(UserId::from_uuid(Uuid::from_u128(u128::from(n))))
}

fn network(n: u32) -> Budget {
    Budget::CodesByNetwork(Network::of(IpAddr::V4(Ipv4Addr::from_bits(n))))
}

async fn charge(db: &Db, wanted: Vec<Budget>, now: Timestamp) -> Charging {
    let key = Key::from_bytes([1; 32]);
    let written = db.write("charge", Class::Durable, move |conn| {
        budget::charge(conn, &wanted, &BudgetLimits::default(), &key, now)
    });
    written.await.unwrap().into_inner()
}

async fn refund(db: &Db, receipt: Receipt) {
    db.write("refund", Class::Durable, move |conn| budget::refund(conn, &receipt)).await.unwrap();
}

async fn taken(db: &Db, guesses: impl Iterator<Item = Vec<Budget>>) -> usize {
    let running: Vec<_> = guesses
        .enumerate()
        .map(|(at, wanted)| {
            let db = db.clone();
            // Different milliseconds: the rows of a spread budget are chosen by them.
            let now = NOW.after(Duration::from_millis(at as u64 % 97));
            tokio::spawn(async move { matches!(charge(&db, wanted, now).await, Charging::Taken(_)) })
        })
        .collect();
    let mut taken = 0;
    for guess in running {
        taken += usize::from(guess.await.unwrap());
    }
    taken
}

testkit::both_engines! {
    async fn four_hundred_strangers_at_once_spend_the_servers_budget_and_no_more(engine: testkit::Scratch) {
        let db = engine.db();
        let guesses = (0..400).map(|n| vec![user(n), network(n), Budget::CodesInServer]);
        assert_eq!(taken(&db, guesses).await, 300);
    }

    async fn one_users_guesses_at_once_are_five(engine: testkit::Scratch) {
        let db = engine.db();
        assert_eq!(taken(&db, (0..50).map(|n| vec![user(1), network(n), Budget::CodesInServer])).await, 5);
    }

    async fn what_was_right_is_given_back_and_a_refusal_costs_nothing(engine: testkit::Scratch) {
        let db = engine.db();
        for _ in 0..20 {
            let Charging::Taken(receipt) = charge(&db, vec![user(1), network(1)], NOW).await else { panic!("spent") };
            refund(&db, receipt).await;
        }
        assert_eq!(taken(&db, (0..9).map(|n| vec![user(1), network(n)])).await, 5);
        // The user's budget is spent, so the network's is not charged either.
        assert_eq!(taken(&db, (0..30).map(|_| vec![user(1), network(77)])).await, 0);
        assert_eq!(taken(&db, (2..40).map(|n| vec![user(n), network(77)])).await, 20);
    }

    async fn a_window_ends(engine: testkit::Scratch) {
        let db = engine.db();
        assert_eq!(taken(&db, (0..9).map(|n| vec![user(1), network(n)])).await, 5);
        let Charging::Spent { retry_after } = charge(&db, vec![user(1)], NOW.after(Duration::from_secs(60))).await else { panic!("taken") };
        assert!(retry_after > Duration::from_secs(530) && retry_after <= Duration::from_secs(541), "{retry_after:?}");
        let later = NOW.after(WINDOW + Duration::from_secs(1));
        assert!(matches!(charge(&db, vec![user(1)], later).await, Charging::Taken(_)));
    }

    async fn no_row_refuses_while_another_has_room(engine: testkit::Scratch) {
        // Sixteen connections at one millisecond: all begin at the same row.
        let db = engine.open(store::DbConfig { pg_threads: 16, ..engine.config() });
        let guesses: Vec<_> = (0..320)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { matches!(charge(&db, vec![Budget::CodesInServer], NOW).await, Charging::Taken(_)) })
            })
            .collect();
        let mut taken = 0;
        for guess in guesses {
            taken += usize::from(guess.await.unwrap());
        }
        assert_eq!(taken, 300);
        let rows = db.read("shares", |conn| conn.numbers_by_sql("SELECT CAST(spent AS BIGINT) AS value FROM budgets ORDER BY slot")).await.unwrap();
        assert_eq!(rows.len(), 16);
        assert!(rows.iter().all(|spent| (18..=19).contains(spent)), "{rows:?}");
    }

    async fn nothing_is_given_back_to_another_window(engine: testkit::Scratch) {
        let db = engine.db();
        let Charging::Taken(early) = charge(&db, vec![user(1)], NOW).await else { panic!("spent") };
        let later = NOW.after(WINDOW);
        for _ in 0..5 {
            assert!(matches!(charge(&db, vec![user(1)], later).await, Charging::Taken(_)));
        }
        refund(&db, early.clone()).await;
        assert!(matches!(charge(&db, vec![user(1)], later).await, Charging::Spent { .. }));
        // Nor where the row is gone.
        db.write("sweep", Class::Durable, |conn| conn.execute_sql("DELETE FROM budgets")).await.unwrap();
        refund(&db, early).await;
        let rows = db.read("rows", |conn| conn.numbers_by_sql("SELECT count(*) AS value FROM budgets")).await.unwrap();
        assert_eq!(rows, [0]);
    }

    async fn a_network_that_is_spent_makes_no_row_about_anybody(engine: testkit::Scratch) {
        let db = engine.db();
        for n in 0..20 {
            assert!(matches!(charge(&db, vec![network(1), user(n)], NOW).await, Charging::Taken(_)));
        }
        for n in 20..60 {
            assert!(matches!(charge(&db, vec![network(1), user(n)], NOW).await, Charging::Spent { .. }));
        }
        let rows = db.read("rows", |conn| conn.numbers_by_sql("SELECT count(*) AS value FROM budgets")).await.unwrap();
        assert_eq!(rows, [21]);
    }
}
