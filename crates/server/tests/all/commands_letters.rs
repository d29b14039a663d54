//! What the operator sees of letters, and does about those that did not go out.

use crate::commands::Operator;
use delivery::outbox;
use delivery::{DeviceAuthorized, Letter, SendProblem, To};
use model::id::{LetterId, OrgId};
use model::language::Language;
use model::time::Timestamp;
use std::time::Duration;
use store::Class;
use testkit::clock::TestClock;
use testkit::{Scratch, both_engines_sync};

impl Operator {
    /// Posts a letter that the mail server refuses for good, or for now.
    fn refused_letter(&self, clock: &TestClock, permanent: bool, what: &str) -> LetterId {
        clock.advance(Duration::from_secs(1));
        let letter = Letter::DeviceAuthorized(DeviceAuthorized {
            user_name: "Ada".to_owned(),
            app_name: "Acme CLI".to_owned(),
            app_verified: true,
            organization: "Acme Corp".to_owned(),
            colour: None,
            org_id: OrgId::parse("acme-corp").unwrap(),
            scopes: Vec::new(),
            approved_at: clock.now(),
            address: "192.0.2.7".parse().unwrap(),
            program: String::new(),
        });
        let (moment, what) = (clock.moment(), what.to_owned());
        let write = move |conn: &mut store::Conn| {
            let id =
                outbox::post(conn, &letter, To { address: "ada@acme.example", language: Language::English }, &moment)?;
            let (lease, ready) = outbox::lease_due(conn, "test", moment.now(), 100)?.unwrap();
            let row = &ready.iter().find(|ready| ready.row.id == id).unwrap().row;
            let outcome = Err(SendProblem { permanent, server_wide: false, what: what.clone() });
            assert!(outbox::mark(conn, lease, row, &outcome, moment.now())?);
            outbox::release(conn, lease)?;
            Ok(id)
        };
        self.scratch.db().blocking().write("letter", Class::Durable, write).unwrap().into_inner()
    }
}

const STATES: &str = "SELECT state || ' ' || attempts AS value FROM outbox ORDER BY id";

both_engines_sync! {
    fn letters_that_were_given_up_are_shown_and_tried_again(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let clock = TestClock::new(Timestamp::from_seconds(1_800_000_000), 3);
        assert!(!operator.run("doctor").out.contains("given up"));
        assert_eq!(operator.json("letter list"), serde_json::json!([]));
        assert_eq!(operator.json("letter retry"), serde_json::json!({"retried": 0}));
        let first = operator.refused_letter(&clock, true, "550 5.1.1 no such mailbox");
        operator.refused_letter(&clock, false, "451 come again");
        let second = operator.refused_letter(&clock, true, "554 5.6.0 content refused");

        let told = operator.run("doctor");
        assert_eq!(told.exit, 0, "{told:?}");
        for words in ["wait to go out: 1", "451 come again", "doctor --mail", "given up: 2", "device_authorized to ada@acme.example: 554 5.6.0 content refused", "letter retry"] {
            assert!(told.out.contains(words), "{words}: {}", told.out);
        }
        assert!(!told.out.contains("no such mailbox"), "the newest is told");

        let listed = operator.json("letter list");
        let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap()).collect();
        assert_eq!((ids.len(), ids[0], ids[1]), (3, &*second.to_string(), &*first.to_string()));
        assert_eq!((&listed[1]["state"], &listed[1]["problem"]), (&"given up".into(), &"550 5.1.1 no such mailbox".into()));
        assert_eq!((&listed[2]["state"], &listed[2]["attempts"]), (&"waiting".into(), &1.into()));
        let table = operator.run("letter list").out;
        assert!(table.contains("PROBLEM") && table.contains("554 5.6.0 content refused"), "{table}");

        assert_eq!(operator.texts(STATES), ["dead 1", "waiting 1", "dead 1"]);
        assert_eq!(operator.json(&format!("letter retry --id {first}")), serde_json::json!({"retried": 1}));
        assert_eq!(operator.texts(STATES), ["waiting 0", "waiting 1", "dead 1"]);
        let again = operator.refused(1, &format!("letter retry --id {first}"));
        assert!(again.contains("letter list"), "it is not given up any more: {again}");
        assert_eq!(operator.json("letter retry"), serde_json::json!({"retried": 1}));
        assert_eq!(operator.texts(STATES), ["waiting 0", "waiting 1", "waiting 0"]);
        assert!(operator.refused(2, "letter retry --id nonsense").contains("nonsense"));
    }

    fn a_test_letter_goes_where_all_letters_go(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let before = operator.count("outbox");
        let told = operator.run("doctor --mail ada@acme.example");
        assert!(told.exit == 0 && told.out.contains("Test letter: The letter is a file"), "{told:?}");
        let folder = std::path::Path::new(&operator.env["DOORWARD_DATA_DIR"]).join("mail");
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        let letter = std::fs::read_to_string(file).unwrap();
        assert!(letter.contains("To: ada@acme.example") && letter.contains("A test letter from localhost:8080"), "{letter}");
        let told = operator.run("doctor --mail ada");
        assert!(told.exit == 1 && told.out.contains("\"ada\" is not an e-mail address"), "{told:?}");
        assert_eq!(operator.count("outbox"), before, "nothing is left for later");
    }

    fn the_operator_passes_on_a_link_for_a_new_password(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let made = operator.json("user reset-link --email Ada@acme.example");
        let url = made["url"].as_str().unwrap();
        assert!(url.starts_with("http://localhost:8080/reset/") && url.len() == 28 + 64, "{made}");
        assert_eq!(made["email"], "ada@acme.example");
        let told = operator.run("user reset-link --email ada@acme.example").out;
        assert!(told.lines().last().unwrap().starts_with("http://localhost:8080/reset/") && told.contains("It works once"), "{told}");
        let rows = operator.texts("SELECT actor || ' ' || action AS value FROM audit WHERE action = 'user.reset_link_made'");
        assert_eq!(rows, ["operator user.reset_link_made"; 2]);
        let stored = operator.texts("SELECT kind || ' ' || email AS value FROM mail_links");
        assert_eq!(stored, ["reset ada@acme.example"; 2]);
        assert!(operator.refused(1, "user reset-link --email nobody@acme.example").contains("Nobody has"));
        operator.json("user disable --email ada@acme.example");
        assert!(operator.refused(1, "user reset-link --email ada@acme.example").contains("disabled"));
    }
}
