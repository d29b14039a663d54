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

async fn refund(db: &Db, receipt: Receipt, now: Timestamp) {
    db.write("refund", Class::Durable, move |conn| budget::refund(conn, &receipt, now)).await.unwrap();
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
            refund(&db, receipt, NOW).await;
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
}
