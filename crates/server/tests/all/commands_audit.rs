//! The operator's look at the audit log: whether it is as it was sealed.

use crate::commands::Operator;
use model::time::Timestamp;
use serde_json::{Value, json};
use store::Class;
use testkit::{Scratch, both_engines_sync};

impl Operator {
    /// Gives every row its place, as a running server does some seconds after it was written.
    fn seal(&self) {
        let db = self.scratch.db();
        let last = db.blocking().read("last", |conn| conn.numbers_by_sql("SELECT max(at) AS value FROM audit"));
        let later = Timestamp::from_millis(last.unwrap()[0] + 60_000);
        db.blocking()
            .write("seal", Class::Durable, move |conn| directory::audit_chain::seal(conn, "test", later, 500))
            .unwrap();
    }

    fn tamper(&self, sql: &'static str) {
        let changed = self.scratch.db().blocking().write("sql", Class::Durable, move |conn| conn.changed_by_sql(sql));
        assert_eq!(changed.unwrap().into_inner(), 1, "{sql}");
    }
}

both_engines_sync! {
    fn a_log_is_verified_row_by_row(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        operator.json("org create beta");
        let rows = operator.count("audit WHERE org_id = 'acme-corp'");
        // Nothing is sealed yet, and told so.
        let before = operator.json("audit verify");
        let nothing = json!({"org_id": "acme-corp", "rows": 0, "unsealed": rows, "end": null, "flaw": null});
        assert_eq!(before.as_array().unwrap().iter().find(|log| log["org_id"] == "acme-corp"), Some(&nothing));
        let said = operator.run("audit verify --org acme-corp");
        assert!(said.exit == 0 && said.out.contains("NOT SEALED YET") && said.out.contains("nothing sealed"), "{said:?}");

        operator.seal();
        operator.json("org set acme-corp --name Another");
        let all = operator.json("audit verify");
        let logs: Vec<&Value> = all.as_array().unwrap().iter().map(|log| &log["org_id"]).collect();
        assert_eq!(logs, [&Value::Null, &json!("acme-corp"), &json!("beta")]);
        let acme = &all[1];
        assert_eq!((&acme["rows"], &acme["unsealed"], &acme["flaw"]), (&json!(rows), &json!(1), &Value::Null));
        let end = acme["end"].as_str().unwrap();
        assert!(end.len() == 64 && end.bytes().all(|byte| byte.is_ascii_hexdigit()), "{end}");
        assert_eq!(all[0]["rows"], json!(operator.count("audit WHERE org_id = '~server'")));
        let said = operator.run("audit verify");
        assert!(said.exit == 0 && said.err.is_empty() && said.out.contains(end) && said.out.contains("(the server)"), "{said:?}");
        // The same end as long as nothing is sealed, another one after.
        assert_eq!(operator.json("audit verify --org acme-corp")[0]["end"], end);
        operator.seal();
        assert_ne!(operator.json("audit verify --org acme-corp")[0]["end"], end);
        assert!(operator.refused(1, "audit verify --org nowhere").contains("no organization nowhere"));
    }

    fn an_altered_row_is_named(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        operator.seal();
        let id = &operator.json_lines("audit export --org acme-corp")[0]["id"];
        let position = operator.count("audit WHERE org_id = 'acme-corp'");
        operator.tamper("UPDATE audit SET details = '{}' WHERE org_id = 'acme-corp' AND action = 'member.added'");
        let said = operator.run("audit verify");
        let sentence = format!("The log of acme-corp is broken at position {position}: the row {} is not what was sealed there.", id.as_str().unwrap());
        assert!(said.exit == 1 && said.err.starts_with(&sentence), "{said:?}");
        assert!(said.out.contains(&format!("broken at {position}")), "{said:?}");
        // The other logs hold, and are told.
        let told = operator.run("audit verify --json");
        let logs: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!((told.exit, &logs[0]["flaw"]), (1, &Value::Null));
        assert_eq!(logs[1]["flaw"], json!({"position": position, "what": "altered", "id": id}));
        assert_eq!((&logs[1]["rows"], &logs[1]["end"]), (&json!(position - 1), &Value::Null));
    }

    fn a_deleted_row_is_named_by_its_place(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        operator.json("user create --email bob@acme.example --name Bob");
        operator.seal();
        operator.tamper("DELETE FROM audit WHERE org_id = 'acme-corp' AND position = 2");
        operator.tamper("DELETE FROM audit WHERE org_id = '~server' AND position = 1");
        let said = operator.run("audit verify");
        assert_eq!(said.exit, 1, "{said:?}");
        assert!(said.err.contains("The log of acme-corp is broken at position 2: the row that was sealed there is gone."), "{said:?}");
        assert!(said.err.contains("The log of the server is broken at position 1"), "each log's first flaw: {said:?}");
        assert_eq!(operator.run("audit verify --org acme-corp").err.lines().count(), 1);
    }

    fn rows_in_no_log_are_told(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        operator.tamper("UPDATE audit SET org_id = '~elsewhere' WHERE org_id = 'acme-corp' AND action = 'member.added'");
        let said = operator.run("audit verify");
        assert!(said.exit == 1 && said.err.contains("\"~elsewhere\""), "{said:?}");
    }

    fn a_log_is_printed(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let acme = operator.json_lines("audit export --org acme-corp");
        let actions: Vec<&str> = acme.iter().map(|row| row["action"].as_str().unwrap()).collect();
        assert_eq!(actions[0], "member.added");
        assert!(actions.contains(&"organization.created") && acme.iter().all(|row| row["organization"] == "acme-corp"));
        // The server's own, which no organization's admin sees.
        let server = operator.json_lines("audit export --format ndjson");
        assert!(!server.is_empty() && server.iter().all(|row| row["organization"].is_null()), "{server:?}");
        let csv = operator.run("audit export --org acme-corp --format csv");
        assert_eq!((csv.exit, csv.out.lines().count()), (0, acme.len() + 1), "{csv:?}");
        assert!(csv.out.starts_with("\"id\",\"at\",\"organization\","), "{csv:?}");
        assert!(operator.refused(2, "audit export --org acme-corp").contains("--json"));
        operator.refused(2, "audit export --format xlsx");
        assert_eq!(operator.run("audit export --org nowhere").exit, 1);
    }
}

impl Operator {
    /// The lines of a log.
    fn json_lines(&self, line: &str) -> Vec<Value> {
        let answer = self.run(line);
        assert_eq!((answer.exit, answer.err.as_str()), (0, ""), "{line}: {answer:?}");
        answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
