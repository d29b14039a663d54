//! Opaque tokens within bounds: how many of them are good, how many somebody makes in a day, how long they are kept.

use crate::embedded::{Acme, answered, decide, of, set_up, start};
use crate::support::{App, TestApp};
use crate::tokens_page::{Scene, revocable, scene, unregistered};
use issuer::opaque::Minting;
use model::application::ClientKind;
use model::audit::By;
use model::id::{GrantId, OpaqueTokenId, OrgId, UserId};
use model::opaque::{OpaqueKind, TokenPrefixes, USUAL_LIFETIME};
use model::org::Role;
use model::refresh::RevocationReason;
use model::user::UserState;
use protocol::scope::Scopes;
use routes::url;
use store::tables::opaque_ends::{self, Which};
use testkit::Scratch;

const DAY: u64 = 24 * 60 * 60;

/// A token, and its text.
type Collected = (OpaqueTokenId, String);

impl TestApp {
    /// Lets an application collect so many tokens for somebody, a second apart: the oldest first.
    async fn collected(
        &self,
        user: UserId,
        org: &OrgId,
        (client, kind): (&App, OpaqueKind),
        count: usize,
    ) -> Vec<Collected> {
        let mut all = Vec::new();
        for _ in 0..count {
            self.wait(1);
            let by = By::operator(&self.clock.moment());
            let minting = Minting {
                id: OpaqueTokenId::draw(&by.moment),
                kind,
                name: "Nightly build".to_owned(),
                org_id: org.clone(),
                grant_id: Some(GrantId::draw(&by.moment)),
                home_org_id: client.org.clone(),
                application_id: client.id,
                user_id: user,
                scopes: Scopes::parse("read").unwrap(),
                resources: Vec::new(),
                lifetime: USUAL_LIFETIME,
            };
            let mint = move |conn: &mut store::Conn| {
                issuer::opaque::mint(conn, minting.clone(), &TokenPrefixes::default(), &by)
            };
            let (token, text) = self.write(mint).await;
            all.push((token.id, text.expose().clone()));
        }
        all
    }

    async fn end_all(&self, user: UserId) -> usize {
        let by = By::operator(&self.clock.moment());
        self.write(move |conn| opaque_ends::end_all(conn, user, Which::All, RevocationReason::User, &by)).await
    }

    async fn token_rows(&self) -> i64 {
        self.number("SELECT count(*) AS value FROM opaque_tokens").await
    }
}

fn strangers() -> App {
    App { org: OrgId::instance(), id: unregistered(), client_id: "~unregistered".to_owned(), secret: None }
}

testkit::both_engines! {
    async fn the_twenty_first_token_of_a_web_view_ends_the_oldest(engine: Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, ada } = &scene;
        let other = app.app(acme, ClientKind::Public, |settings| settings.embedded.enabled = true).await;
        let ben = app.user("ben@acme.example", &[(acme, Role::Member)]).await;
        let (_, others) = app.collected(*ada, acme, (&other, OpaqueKind::Embedded), 1).await.remove(0);
        let (_, bens) = app.collected(ben, acme, (inside, OpaqueKind::Embedded), 1).await.remove(0);
        let sign_in = async || {
            app.wait(1);
            let browser = app.signed_in(*ada).await;
            let page = browser.get(&start(inside, &[])).await;
            of(&answered(app, &decide(&browser, &page, acme, "approve").await), "access_token").to_owned()
        };
        let mut tokens = Vec::new();
        for _ in 0..20 {
            tokens.push(sign_in().await);
        }
        assert!(app.is_good(acme, &tokens[0]).await);
        tokens.push(sign_in().await);
        assert!(!app.is_good(acme, &tokens[0]).await);
        for good in tokens[1..].iter().chain([&others, &bens]) {
            assert!(app.is_good(acme, good).await);
        }
        let log = "SELECT actor || ' ' || details AS value FROM audit WHERE action = 'token.revoked'";
        let expected = format!("user:{ada} {{\"reason\":\"replaced\"}}");
        assert_eq!(app.texts(log).await, [expected]);
        // What has expired makes room by itself.
        app.wait(3600);
        tokens.push(sign_in().await);
        assert!(app.is_good(acme, &tokens[21]).await);
        assert_eq!(app.audited("token.revoked").await, 1);
    }

    async fn the_hundred_and_first_key_of_a_client_ends_its_oldest(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let made = app.keys(ada, &acme, OpaqueKind::ApiKey, 1).await.remove(0);
        let strangers = strangers();
        let (_, elsewhere) = app.collected(ada, &beta, (&strangers, OpaqueKind::ApiKey), 1).await.remove(0);
        let keys = app.collected(ada, &acme, (&strangers, OpaqueKind::ApiKey), 100).await;
        let tokens = app.collected(ada, &acme, (&App::mcp(), OpaqueKind::Mcp), 100).await;
        assert_eq!((app.good_keys().await, app.audited("token.revoked").await), (202, 0));
        app.wait(1);
        let collected = App::mcp().log_in_for(&app, &app.signed_in(ada).await, &acme).await;
        let newest = collected["access_token"].as_str().unwrap().to_owned();
        assert!(!app.is_good(&acme, &tokens[0].1).await);
        let others = [&tokens[1].1, &tokens[99].1, &newest, &keys[0].1, &made];
        for good in others {
            assert!(app.is_good(&acme, good).await);
        }
        let log = "SELECT actor || ' ' || details AS value FROM audit WHERE action = 'token.revoked'";
        assert_eq!(app.texts(log).await, ["client:doorward-mcp {\"reason\":\"replaced\"}"]);
        app.collected(ada, &acme, (&strangers, OpaqueKind::ApiKey), 1).await;
        assert!(!app.is_good(&acme, &keys[0].1).await && app.is_good(&acme, &keys[1].1).await);
        // What somebody has made by hand makes no room for a program, though both are keys of no client.
        assert!(app.is_good(&acme, &made).await && app.is_good(&beta, &elsewhere).await);
        assert_eq!(app.good_keys().await, 202);
    }

    async fn whoever_makes_and_revokes_in_a_loop_is_stopped(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let wanted: (&str, &str, &[&str]) = ("mcp", "acme", &["read"]);
        // All that somebody may have can be revoked and made anew.
        for revoked in [100, 98] {
            app.keys(ada, &acme, OpaqueKind::ApiKey, revoked).await;
            assert_eq!(app.end_all(ada).await, revoked);
            browser.make_key(wanted).await;
            let [revoke] = &revocable(&browser).await[..] else { panic!("one") };
            assert_eq!(browser.submit(revoke).await.status, 303);
        }
        let refused = browser.submit(&browser.key_form(wanted).await).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("You have made and revoked many in this organization within a day"), "{}", refused.text);
        assert_eq!(app.good_keys().await, 0);
        browser.make_key(("mcp", "beta", &["read"])).await;
        app.wait(DAY - 1);
        let browser = app.signed_in(ada).await;
        let form = browser.key_form(("mcp", "acme", &["read"])).await;
        assert_eq!(browser.submit(&form).await.status, 400);
        app.wait(1);
        assert_eq!(browser.submit(&form).await.status, 200);
    }

    async fn of_many_one_is_revoked_and_no_app_s(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        app.keys(ada, &acme, OpaqueKind::ApiKey, 30).await;
        let (view, _) = app.collected(ada, &acme, (&App::mcp(), OpaqueKind::Embedded), 1).await.remove(0);
        let browser = app.signed_in(ada).await;
        let forms = revocable(&browser).await;
        assert_eq!(forms.len(), 30);
        for _ in 0..2 {
            assert_eq!(browser.submit(&forms[7]).await.status, 303);
        }
        let left = revocable(&browser).await;
        assert_eq!(left.len(), 29);
        assert!(left.iter().all(|form| form.action != forms[7].action));
        assert_eq!((app.good_keys().await, app.audited("token.revoked").await), (30, 1));
        let fields = [("csrf_token", browser.token_for(("key-revoke", &view.to_string())))];
        assert_eq!(browser.post(&url::revoke_key(view), &fields).await.status, 404);
        assert_eq!(app.good_keys().await, 30);
    }

    async fn what_was_revoked_is_kept_for_a_month(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let tokens = app.collected(ada, &acme, (&App::mcp(), OpaqueKind::Mcp), 2).await;
        let browser = app.signed_in(ada).await;
        assert_eq!(browser.submit(&revocable(&browser).await[1]).await.status, 303);
        app.wait(30 * DAY - 1);
        app.sweep().await;
        assert_eq!(app.token_rows().await, 2);
        app.wait(1);
        app.sweep().await;
        assert_eq!(app.token_rows().await, 1);
        assert!(app.is_good(&acme, &tokens[1].1).await, "what is good stays");
        app.wait(60 * DAY - 4);
        assert!(app.is_good(&acme, &tokens[1].1).await);
        assert_eq!(app.end_all(ada).await, 1);
        app.wait(30 * DAY);
        app.sweep().await;
        assert_eq!(app.token_rows().await, 0);
    }

    async fn more_than_one_statement_ends_are_ended_all_the_same(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let ben = app.user("ben@acme.example", &[(&acme, Role::Member)]).await;
        let bens = app.keys(ben, &acme, OpaqueKind::ApiKey, 1).await.remove(0);
        app.keys(ada, &acme, OpaqueKind::ApiKey, 700).await;
        app.keys(ada, &beta, OpaqueKind::Mcp, 320).await;
        let moment = app.clock.moment();
        app.write(move |conn| directory::users::set_state(conn, ada, UserState::Disabled, &By::operator(&moment))).await;
        assert_eq!((app.good_keys().await, app.audited("token.revoked").await), (1, 1020));
        let logged = "SELECT count(DISTINCT object) AS value FROM audit WHERE action = 'token.revoked' AND org_id = 'beta'";
        assert_eq!(app.number(logged).await, 320);
        assert!(app.is_good(&acme, &bens).await);
    }

    async fn uses_that_can_not_be_noted_take_no_others_along(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let strangers = strangers();
        // Three parts, as so many are written at once.
        let mut tokens = app.collected(ada, &acme, (&strangers, OpaqueKind::ApiKey), 100).await;
        for org in ["beta", "gamma", "delta", "epsilon"] {
            let org = if ["delta", "epsilon"].contains(&org) { app.org(org).await } else { OrgId::parse(org).unwrap() };
            tokens.extend(app.collected(ada, &org, (&strangers, OpaqueKind::ApiKey), 100).await);
        }
        let orgs = app.texts("SELECT org_id AS value FROM opaque_tokens ORDER BY id").await;
        let note = |at| {
            for ((token, _), org) in tokens.iter().zip(&orgs) {
                app.state.last_used.note(&OrgId::parse(org).unwrap(), *token, at);
            }
        };
        app.sql("UPDATE opaque_tokens SET name = 'cursed' WHERE id = (SELECT id FROM opaque_tokens ORDER BY id LIMIT 1)").await;
        app.write(|conn| {
            conn.execute_sql(if conn.is_postgres() {
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$; \
                 CREATE TRIGGER cursed BEFORE UPDATE ON opaque_tokens FOR EACH ROW WHEN (NEW.name = 'cursed') EXECUTE FUNCTION refuse()"
            } else {
                "CREATE TRIGGER cursed BEFORE UPDATE ON opaque_tokens WHEN NEW.name = 'cursed' BEGIN SELECT RAISE(ABORT, 'no'); END"
            })
        })
        .await;
        let at = app.clock.now();
        note(at);
        assert!(server::jobs::note_uses(app.state.clone()).await.is_err());
        let noted = "SELECT count(*) AS value FROM opaque_tokens WHERE last_used_at IS NOT NULL";
        assert_eq!(app.number(noted).await, 300, "all but the two hundred that the cursed one was among");
        app.sql("UPDATE opaque_tokens SET name = 'mended', last_used_at = last_used_at + 1 WHERE name <> 'cursed'").await;
        app.sql("DELETE FROM opaque_tokens WHERE name = 'cursed'").await;
        note(at);
        server::jobs::note_uses(app.state.clone()).await.unwrap();
        let mut times = app.numbers("SELECT DISTINCT last_used_at AS value FROM opaque_tokens ORDER BY 1").await;
        assert_eq!((times.remove(0), times.remove(0), times.len()), (at.millis(), at.millis() + 1, 0), "none was used earlier than is known");
    }
}
