//! A database that can't keep up: strangers are turned away while there is still room for those who are known.

use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::TestApp;
use model::application::{ApplicationSettings, ClientKind};
use model::fault::Fault;
use model::org::Role;
use protocol::token::GrantType;
use routes::url;
use std::future::Future;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use store::{Class, Conn};

/// As many requests may wait; strangers may fill three quarters of them.
const ROOM: usize = 8;

/// Asks now, and waits elsewhere.
fn asked<T: Send + 'static>(request: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(request)
}

/// How much waits for a thread that writes.
fn waiting(app: &TestApp) -> usize {
    app.db.load().last().unwrap().requests
}

async fn until(so: impl Fn() -> bool) {
    while !so() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

testkit::both_engines! {
    async fn strangers_leave_room_for_those_who_are_signed_in(engine: testkit::Scratch) {
        let threads = if engine.kind() == testkit::EngineKind::Sqlite { 1 } else { 2 };
        let app = TestApp::with_room_for(engine, ROOM).await;
        let acme = app.org("acme").await;
        let ada = app.user_with_password("ada@acme.example", PASSWORD, &[(&acme, Role::Member)]).await;
        let own = |settings: &mut ApplicationSettings| settings.grants = [GrantType::ClientCredentials].into();
        let (cd, cs) = (app.device_app(&acme).await, app.app(&acme, ClientKind::Confidential, own).await);
        let (known, stranger) = (app.signed_in(ada).await, app.browser());
        let tokens = cd.log_in(&app, &known).await;
        cs.client_credentials(&app).await.ok();
        let login = stranger.sign_in_form("ada@acme.example", PASSWORD).await;
        let entry = PageForm::to(&stranger.get(&url::device(&acme)).await, &url::device(&acme));
        let typed = entry.with("user_code", &cd.begin(&app).await.user_code);
        let leave = PageForm::to(&known.get(url::ORGANIZATIONS).await, url::LOGOUT);

        // Every thread that writes is busy, and strangers have taken what they may of the places to wait.
        let (go, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let (tell, told) = mpsc::channel();
        let mut busy = Vec::new();
        for _ in 0..threads {
            let (db, wait, tell) = (app.db.clone(), wait.clone(), tell.clone());
            busy.push(asked(async move {
                let held = move |_: &mut Conn| {
                    tell.send(()).map_err(|_| Fault::broken("the test has ended"))?;
                    // Once told, or once the test has ended.
                    wait.lock().unwrap().recv().map_err(|_| Fault::broken("the test has ended"))
                };
                db.write("held", Class::Relaxed, held).await.map(drop)
            }));
        }
        for _ in 0..threads {
            tokio::task::block_in_place(|| told.recv()).unwrap();
        }
        for _ in 0..ROOM * 3 / 4 {
            let db = app.db.clone();
            busy.push(asked(async move { db.write_shedding("stranger", Class::Relaxed, |_| Ok(())).await.map(drop) }));
        }
        until(|| waiting(&app) >= ROOM * 3 / 4).await;

        let mut refused = vec![
            ("device request", app.form(&cd.endpoint("device_authorization"), &[("client_id", &cd.client_id)]).await),
            ("refresh", cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await),
            ("revoke", cd.revoke(&app, tokens["access_token"].as_str().unwrap()).await),
            ("sign-in", stranger.submit(&login).await),
        ];
        let own = cs.client_credentials(&app).await;
        if app.db.is_postgres() {
            refused.push(("client credentials", own));
        } else {
            // They read, and there are other threads for that.
            own.ok();
            // Who is at the page is read first, which waits with all others where one kind of thread does both.
            refused.push(("a code to wait", stranger.submit(&typed).await));
        }
        for (what, answer) in refused {
            assert_eq!(answer.status, 503, "{what}: {}", answer.text);
            assert!(!answer.header("retry-after").is_empty(), "{what}");
        }
        let left = known.submit(&leave);
        let let_go = async {
            until(|| waiting(&app) > ROOM * 3 / 4).await;
            (0..threads).for_each(|_| go.send(()).unwrap());
        };
        let (left, ()) = tokio::join!(left, let_go);
        assert_eq!(left.status, 303, "{}", left.text);
        for done in busy {
            done.await.unwrap().unwrap();
        }
        // What was turned away works now: nothing of it was used up.
        cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.ok();
        assert_eq!(stranger.submit(&login).await.status, 303);
    }
}
