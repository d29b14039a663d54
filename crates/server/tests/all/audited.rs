//! What the table of routes calls audited leaves one row in the log, and does not happen without it.

use crate::rows::Rows;
use crate::stage::{PASSWORD, Stage, path};
use crate::support::{Answer, TestApp};
use routes::{Method, Route, RouteSpec, TABLE};
use testkit::Scratch;

/// What keeps the log from being written, and lets it be again.
async fn move_log(app: &TestApp, from: &'static str, to: &'static str) {
    app.write(move |conn| conn.execute_sql(&format!("ALTER TABLE {from} RENAME TO {to}"))).await;
}

async fn sent(stage: &Stage, spec: &RouteSpec) -> Answer {
    match spec.route {
        Route::Revoke => {
            let fields = [
                ("client_id", stage.acme.cd.client_id.as_str()),
                ("token", stage.acme.tokens["refresh_token"].as_str().unwrap()),
            ];
            stage.app.form(&path(spec, &stage.acme.org, &stage.acme), &fields).await
        }
        _ if spec.csrf => {
            let browser = stage.sender(spec.route).await;
            let form = stage.form(&browser, spec).await;
            browser.submit(&form).await
        }
        other => panic!("{other:?} changes something: say here how"),
    }
}

testkit::both_engines! {
    async fn an_audited_change_and_its_row_are_one(engine: Scratch) {
        for spec in TABLE.iter().filter(|spec| spec.audited || (spec.csrf && spec.method == Method::Post)) {
            let stage = Stage::new(Scratch::new(engine.kind())).await;
            let browser = stage.sender(spec.route).await;
            // The form first: showing it may need steps that are audited themselves.
            let form = if spec.csrf { Some(stage.form(&browser, spec).await) } else { None };
            let send = async || match &form {
                Some(form) => browser.submit(form).await,
                None => sent(&stage, spec).await,
            };
            if spec.audited {
                let before = Rows::of(&stage.app).await.without(&["audit"]);
                move_log(&stage.app, "audit", "audit_elsewhere").await;
                let answer = send().await;
                assert!(answer.status >= 500, "{:?} without its row: {} {}", spec.route, answer.status, answer.text);
                move_log(&stage.app, "audit_elsewhere", "audit").await;
                let after = Rows::of(&stage.app).await.without(&["audit"]);
                // An attempt to sign in is charged before it is looked at, whatever becomes of it.
                let changed: Vec<&str> = before.changed(&after).into_iter().filter(|table| {
                    !(spec.route == Route::LoginSubmit && *table == "budgets")
                }).collect();
                assert!(changed.is_empty(), "{:?} changed {changed:?} without its row", spec.route);
            }
            let before = Rows::of(&stage.app).await.count("audit");
            let answer = send().await;
            assert!([200, 303].contains(&answer.status), "{:?}: {} {}", spec.route, answer.status, answer.text);
            let rows = Rows::of(&stage.app).await.count("audit") - before;
            assert_eq!(rows, usize::from(spec.audited), "{:?}", spec.route);
        }
    }

    async fn the_log_holds_ids_and_no_secret(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let browser = stage.app.browser();
        let login = TABLE.iter().find(|spec| spec.route == Route::LoginSubmit).unwrap();
        let form = stage.form(&browser, login).await;
        assert_eq!(browser.submit(&form).await.status, 303);
        let log = stage.app.texts("SELECT actor || ' ' || action || ' ' || object || ' ' || details AS value FROM audit").await.join("\n");
        for action in ["session.started", "grant.approved", "grant.redeemed", "application.created", "member.added"] {
            assert!(log.contains(action), "{action}: {log}");
        }
        let secrets = [
            PASSWORD,
            stage.acme.tokens["refresh_token"].as_str().unwrap(),
            stage.acme.tokens["access_token"].as_str().unwrap(),
            &stage.acme.pending.device_code,
            &stage.acme.pending.user_code,
            &browser.cookie("doorward_session").unwrap(),
            stage.acme.cs.secret.as_deref().unwrap(),
        ];
        for secret in secrets {
            assert!(!log.contains(secret), "{log}");
        }
    }
}
