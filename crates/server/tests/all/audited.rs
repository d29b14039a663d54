//! What the table of routes calls audited leaves one row in the log, and does not happen without it.

use crate::json_dialect::begin as json_begin;
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{PASSWORD, Stage, path};
use crate::support::{Answer, App, Browser, TestApp};
use model::login_attempt::NewDevicePolicy;
use routes::{Method, Route, RouteSpec, TABLE};
use serde_json::json;
use testkit::Scratch;

/// Rows that don't say from where: those of the command line, and no others.
const HOMELESS: &str = "SELECT count(*) AS value FROM audit WHERE address IS NULL";

/// What is charged before it is looked at.
const CHARGED: [Route; 5] = [
    Route::LoginSubmit,
    Route::ChangePassword,
    Route::StepUpSubmit,
    Route::PortalCreateProvider,
    Route::PortalEditProvider,
];

/// What keeps the log from being written, and lets it be again.
async fn move_log(app: &TestApp, from: &'static str, to: &'static str) {
    app.write(move |conn| conn.execute_sql(&format!("ALTER TABLE {from} RENAME TO {to}"))).await;
}

/// What a program that changes something sends.
async fn fields(stage: &Stage, spec: &RouteSpec) -> Vec<(&'static str, String)> {
    let client_id = ("client_id", stage.acme.cd.client_id.clone());
    match spec.route {
        Route::Revoke => {
            vec![client_id, ("token", stage.acme.tokens["refresh_token"].as_str().unwrap().to_owned())]
        }
        Route::Token => {
            let codes = stage.acme.cd.begin(&stage.app).await;
            stage.ada().await.approve(&stage.acme.org, &codes.user_code).await;
            let grant_type = "urn:ietf:params:oauth:grant-type:device_code".to_owned();
            vec![client_id, ("grant_type", grant_type), ("device_code", codes.device_code)]
        }
        Route::InstanceRevoke => {
            vec![("client_id", "doorward-mcp".to_owned()), ("token", stage.acme.key.clone())]
        }
        Route::InstanceToken => {
            let mcp = App::mcp();
            let codes = mcp.begin(&stage.app).await;
            stage.ada().await.approve_anywhere(&stage.acme.org, &codes.user_code).await;
            let grant_type = "urn:ietf:params:oauth:grant-type:device_code".to_owned();
            vec![("client_id", mcp.client_id), ("grant_type", grant_type), ("device_code", codes.device_code)]
        }
        other => panic!("{other:?} changes something: say here how"),
    }
}

/// What is ready to be sent.
enum Ready {
    Form(PageForm),
    Fields(Vec<(&'static str, String)>),
    /// A token that its holder gives up.
    Bearer(String),
    /// An object, with the value against forgery where the route wants one.
    Json(serde_json::Value, String),
}

/// What a program that speaks JSON sends, for its user or for itself.
async fn object(stage: &Stage, browser: &Browser<'_>, route: Route) -> Ready {
    let codes = json_begin(&stage.app).await;
    if route == Route::JsonToken {
        browser.approve_anywhere(&stage.acme.org, &codes.user_code).await;
        return Ready::Json(json!({ "device_code": codes.device_code }), String::new());
    }
    let seen = browser.get(&format!("/api/auth/device/lookup?user_code={}", codes.user_code)).await;
    let token = seen.json["csrf_token"].as_str().unwrap().to_owned();
    Ready::Json(json!({ "user_code": codes.user_code }), token)
}

testkit::both_engines! {
    async fn an_audited_change_and_its_row_are_one(engine: Scratch) {
        for spec in TABLE.iter().filter(|spec| spec.audited || (spec.csrf && spec.method == Method::Post)) {
            let stage = Stage::new(Scratch::new(engine.kind())).await;
            let browser = stage.sender(spec.route).await;
            // The form first: showing it may need steps that are audited themselves.
            let ready = match spec.route {
                _ if spec.csrf => Ready::Form(stage.form(&browser, spec).await),
                Route::EndMe => Ready::Bearer(stage.acme.tokens["access_token"].as_str().unwrap().to_owned()),
                Route::EndInstanceMe => Ready::Bearer(stage.acme.key.clone()),
                Route::JsonAuthorize | Route::JsonDeny | Route::JsonToken => object(&stage, &browser, spec.route).await,
                _ => Ready::Fields(fields(&stage, spec).await),
            };
            let send = async || -> Answer {
                match &ready {
                    Ready::Form(form) => browser.submit(form).await,
                    Ready::Bearer(token) => {
                        let target = path(spec, &stage.acme.org, &stage.acme);
                        Answer::of(stage.app.request(reqwest::Method::DELETE, &target).bearer_auth(token)).await
                    }
                    Ready::Json(object, token) => {
                        let request = browser.request(reqwest::Method::POST, spec.pattern).json(object);
                        let request = request.header("sec-fetch-site", "same-origin").header("x-csrf-token", token);
                        Answer::of(request).await
                    }
                    Ready::Fields(fields) => {
                        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                        stage.app.form(&path(spec, &stage.acme.org, &stage.acme), &fields).await
                    }
                }
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
                    !(CHARGED.contains(&spec.route) && *table == "budgets")
                }).collect();
                assert!(changed.is_empty(), "{:?} changed {changed:?} without its row", spec.route);
            }
            let before = Rows::of(&stage.app).await.count("audit");
            let homeless = stage.app.number(HOMELESS).await;
            let answer = send().await;
            assert!([200, 204, 302, 303].contains(&answer.status), "{:?}: {} {}", spec.route, answer.status, answer.text);
            let rows = Rows::of(&stage.app).await.count("audit") - before;
            let expected = match spec.route {
                // Beside its own: one for each session and each app that it ends, and one for the session that begins.
                Route::ChangePassword => 5,
                // The code that was used, and the session that begins.
                Route::NewDeviceRecovery => 2,
                // The other session, and the app's access.
                Route::EndOtherSessions => 2,
                // The browser and the session that began in it; both browsers, and the session in the other.
                Route::ForgetDevice => 2,
                Route::ForgetDevices => 3,
                // The membership, the app's access, the key, both sessions, the account.
                Route::DeleteAccount => 6,
                // The account, the membership, the session.
                Route::RegisterComplete | Route::InvitationRegister => 3,
                // The organization, its first application, the membership.
                Route::CreateOrganization => 3,
                // The provider, and the organization.
                Route::PortalDeleteOrganization => 2,
                _ => usize::from(spec.audited),
            };
            assert_eq!(rows, expected, "{:?}", spec.route);
            assert_eq!(stage.app.number(HOMELESS).await, homeless, "the row of {:?} says from where", spec.route);
        }
    }

    async fn the_log_holds_ids_and_no_secret(engine: Scratch) {
        let stage = Stage::new(engine).await;
        stage.app.set_new_device_policy(NewDevicePolicy::Off).await;
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
