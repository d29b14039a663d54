use super::*;

const ROW: ChainedRow<'_> = ChainedRow {
    log: "acme",
    position: 2,
    id: &[7; 16],
    at: 1_793_631_600_000,
    actor: "user:1",
    action: "grant.approved",
    object: "2",
    address: None,
    details: "{}",
};

#[test]
fn every_part_of_a_row_and_its_place_counts() {
    let changes: [(&str, ChainedRow<'_>); 11] = [
        ("log", ChainedRow { log: "beta", ..ROW }),
        ("position", ChainedRow { position: 3, ..ROW }),
        ("id", ChainedRow { id: &[8; 16], ..ROW }),
        ("at", ChainedRow { at: ROW.at + 1, ..ROW }),
        ("actor", ChainedRow { actor: "operator", ..ROW }),
        ("action", ChainedRow { action: "grant.denied", ..ROW }),
        ("object", ChainedRow { object: "3", ..ROW }),
        ("address", ChainedRow { address: Some("192.0.2.7"), ..ROW }),
        ("an empty address", ChainedRow { address: Some(""), ..ROW }),
        ("details", ChainedRow { details: "{\"a\":1}", ..ROW }),
        ("text moved to the next column", ChainedRow { actor: "user:", action: "1grant.approved", ..ROW }),
    ];
    let sealed = row_hash(&CHAIN_START, &ROW);
    for (what, changed) in changes {
        assert_ne!(row_hash(&CHAIN_START, &changed), sealed, "{what}");
    }
    assert_ne!(row_hash(&sealed, &ROW), sealed, "the row before");
}

#[test]
fn the_hash_is_the_same_for_good() {
    // Computed by another program over the same parts.
    let hex: String = row_hash(&CHAIN_START, &ROW).bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "d30eb0b0075f77c545f7b038967aa829b8c5015e8ec9797afd8aa264f1ed71e1");
}

#[test]
fn actors_are_read_as_they_are_written() {
    let user = UserId::from_uuid(Uuid::from_u128(7));
    for actor in [Actor::User(user), Actor::Client("a:b".to_owned()), Actor::Operator, Actor::Stranger] {
        assert_eq!(Actor::parse(&actor.text()), Some(actor));
    }
    for unknown in ["", "user", "user:7", "operator:", "somebody"] {
        assert_eq!(Actor::parse(unknown), None, "{unknown}");
    }
}

#[test]
fn a_span_of_time_is_a_span_of_ids() {
    struct Bytes(u8);
    impl crate::moment::RandomSource for Bytes {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }
    for time in [0, 1, 1_793_631_600_000] {
        let of = |byte, at| Moment::new(Timestamp::from_millis(at), std::sync::Arc::new(Bytes(byte))).uuid();
        let first = first_id_at(Timestamp::from_millis(time));
        assert!(of(0, time) >= first && of(u8::MAX, time) >= first, "{time}");
        assert!(time == 0 || of(u8::MAX, time - 1) < first, "{time}");
    }
    assert_eq!(first_id_at(Timestamp::from_millis(-1)), Uuid::nil());
}
