//! A secret of one purpose is good at what it is for, and nowhere else (invariant 10): every kind of secret at everything that
//! takes one. Both lists are the product's and the compiler's, so that a new kind is tried everywhere by itself.

use crate::purpose_consumers::{Consumer, Verdict};
use crate::purpose_specimens::Specimen;
use crate::purpose_world::World;
use crate::rows::Rows;
use testkit::Scratch;

/// What a refused secret may change: how many guesses are left.
const MAY_CHANGE: [&str; 1] = ["budgets"];

/// Pairs that turned out otherwise than they should.
async fn tried(world: &World, consumer: Consumer, specimen: Specimen, expected: Verdict) -> Option<String> {
    let verdict = consumer.presents(world, &world.at(specimen).text).await;
    (verdict != expected).then(|| format!("{specimen:?} at {consumer:?}: {verdict:?}"))
}

testkit::both_engines! {
    async fn a_secret_is_good_at_what_it_is_for_and_nowhere_else(engine: Scratch) {
        let mut world = World::new(engine).await;
        let mut wrong = Vec::new();
        // The browser whose sign-in waits for want of a known device's cookie: from here on, it waits already.
        assert_eq!(Consumer::KnownDeviceCookie.presents(&world, "").await, Verdict::Refused);
        for consumer in Consumer::ALL {
            let before = Rows::of(world.app()).await.without(&MAY_CHANGE);
            for specimen in Specimen::all().into_iter().filter(|specimen| !consumer.takes(*specimen)) {
                wrong.extend(tried(&world, *consumer, specimen, Verdict::Refused).await);
                world.forgive().await;
            }
            // Where one was accepted, what that changed is told below.
            if wrong.is_empty() {
                before.assert_unchanged(world.app(), &format!("what {consumer:?} does not take")).await;
            }
        }
        assert_eq!(wrong, [""; 0], "secrets of other purposes");
        // Nothing has changed, so all of them were alive, as the same are that are made now in the same way.
        for consumer in Consumer::ALL {
            let taken: Vec<Specimen> =
                Specimen::all().into_iter().filter(|specimen| consumer.takes(*specimen)).collect();
            assert!(!taken.is_empty(), "{consumer:?} takes nothing that there is");
            for specimen in taken {
                world.begin_anew().await;
                world.renew(specimen).await;
                if let Some(companion) = consumer.companion() {
                    world.renew(companion).await;
                }
                wrong.extend(tried(&world, *consumer, specimen, Verdict::Accepted).await);
            }
        }
        assert_eq!(wrong, [""; 0], "secrets of the right purpose");
        for specimen in Specimen::all() {
            assert!(Consumer::ALL.iter().any(|consumer| consumer.takes(specimen)), "nothing takes {specimen:?}");
        }
    }
}
