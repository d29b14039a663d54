//! The portal's members, and those who are invited.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser, TestApp};
use model::id::{OrgId, UserId};
use model::org::Role;
use routes::url;
use testkit::Scratch;

const NEW: &str = "grace@new.example";

struct Scene {
    app: TestApp,
    acme: OrgId,
    owner: UserId,
    admin: UserId,
}

async fn scene(engine: Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let owner = app.user_with_password("ada@acme.example", PASSWORD, &[(&acme, Role::Owner)]).await;
    let admin = app.user("alan@acme.example", &[(&acme, Role::Admin)]).await;
    Scene { app, acme, owner, admin }
}

async fn invite(browser: &Browser<'_>, org: &OrgId, email: &str, role: &str) -> Answer {
    let page = browser.get(&url::portal_members(org)).await;
    let form = PageForm::to(&page, &url::portal_invite(org)).with("email", email).with("role", role);
    browser.submit(&form).await
}

/// The link of the newest letter to an address.
async fn link(app: &TestApp, email: &str) -> String {
    app.letter_to(email).await.link(app, "Join")
}

/// The form below the members page whose address ends so.
async fn press(browser: &Browser<'_>, org: &OrgId, end: &str) -> PageForm {
    let page = browser.get(&url::portal_members(org)).await;
    let found = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with(end));
    found.unwrap_or_else(|| panic!("no form for {end} in {}", page.text))
}

const MEMBERS: &str = "SELECT u.email || ' ' || m.role AS value FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.org_id = 'acme' ORDER BY 1";

testkit::both_engines! {
    async fn who_is_invited_makes_an_account_and_belongs(engine: Scratch) {
        let Scene { app, acme, owner, .. } = scene(engine).await;
        let (ada, grace) = (app.signed_in(owner).await, app.browser());
        let sent = invite(&ada, &acme, NEW, "admin").await;
        assert!(ada.get(sent.location()).await.text.contains("The invitation is on its way."));
        assert!(ada.get(&url::portal_members(&acme)).await.text.contains(NEW));
        let letter = app.letter_to(NEW).await;
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("acme organization") && part.contains("an admin") && part.contains("ada@acme.example"), "{part}");
        }
        let link = link(&app, NEW).await;
        let rows = Rows::of(&app).await;
        for _ in 0..10 {
            assert_eq!(app.browser().follow(&link).await.status, 200);
        }
        rows.assert_unchanged(&app, "looking at an invitation").await;
        let page = grace.follow(&link).await;
        let token = link.strip_prefix("/invitations/").unwrap().strip_suffix("?from=letter").unwrap();
        let form = PageForm::to(&page, &url::invitation_register(token)).with("name", "Grace").with("password", PASSWORD);
        assert_eq!(grace.submit(&form.clone().with("password", "weak")).await.status, 400);
        let made = grace.submit(&form).await;
        assert_eq!(made.location(), url::device_joined(&acme));
        assert_eq!(grace.get(&url::portal_members(&acme)).await.status, 200, "an admin, signed in");
        assert_eq!(app.texts(MEMBERS).await, ["ada@acme.example owner", "alan@acme.example admin", "grace@new.example admin"]);
        for again in [app.browser().get(&url::invitation(token)).await, grace.submit(&form).await] {
            assert!([403, 410].contains(&again.status), "once: {} {}", again.status, again.text);
        }
        assert_eq!(app.browser().get(&url::invitation(token)).await.status, 410);
        assert!(!ada.get(&url::portal_members(&acme)).await.text.contains("Revoke"));
    }

    async fn an_account_accepts_what_is_sent_to_its_own_address(engine: Scratch) {
        let Scene { app, acme, owner, .. } = scene(engine).await;
        let grace_id = app.user(NEW, &[]).await;
        let eve_id = app.user("eve@new.example", &[]).await;
        let ada = app.signed_in(owner).await;
        invite(&ada, &acme, "Grace@NEW.example", "member").await;
        let link = link(&app, "Grace@NEW.example").await;
        let target = link.strip_suffix("?from=letter").unwrap();
        let guest = app.browser().follow(&link).await;
        assert!(guest.text.contains(&url::login_to(target).replace('/', "&#x2F;")) || guest.text.contains(&url::login_to(target)), "{}", guest.text);
        let eve = app.signed_in(eve_id).await;
        let other = eve.follow(&link).await;
        assert!(other.text.contains("sign out, then open it again"), "{}", other.text);
        let token = target.strip_prefix("/invitations/").unwrap();
        let forged = PageForm { action: target.to_owned(), fields: vec![("csrf_token".to_owned(), eve.token_for(("invitation-accept", token)))] };
        let rows = Rows::of(&app).await;
        assert_eq!(eve.submit(&forged).await.status, 403);
        rows.assert_unchanged(&app, "another account's answer").await;
        let grace = app.signed_in(grace_id).await;
        let form = PageForm::to(&grace.follow(&link).await, target);
        let (one, two) = tokio::join!(grace.submit(&form), grace.submit(&form));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410]);
        assert_eq!(grace.get(&url::device(&acme)).await.status, 200);
        // Who is more already is not made less.
        invite(&ada, &acme, "ada@acme.example", "member").await;
        assert_eq!(app.texts(MEMBERS).await.len(), 3);
    }

    async fn an_invitation_is_worth_what_its_sender_still_is(engine: Scratch) {
        let Scene { app, acme, owner, .. } = scene(engine).await;
        let other = app.user("eve@acme.example", &[(&acme, Role::Owner)]).await;
        let (ada, eve) = (app.signed_in(owner).await, app.signed_in(other).await);
        invite(&eve, &acme, NEW, "owner").await;
        let link = link(&app, NEW).await;
        let target = link.strip_suffix("?from=letter").unwrap().to_owned();
        let grace = app.browser();
        let page = grace.follow(&link).await;
        let token = target.strip_prefix("/invitations/").unwrap();
        let form = PageForm::to(&page, &url::invitation_register(token)).with("name", "Grace").with("password", PASSWORD);
        // Whoever may no more make owners has made none by a letter sent before.
        let (org, by) = (acme.clone(), model::audit::By::operator(&app.clock.moment()));
        let put = async |role| {
            let (org, by) = (org.clone(), by.clone());
            app.write(move |conn| directory::members::put(conn, &org, (other, role), &by)).await
        };
        put(Role::Admin).await;
        assert_eq!(app.browser().get(&target).await.status, 410);
        assert_eq!(grace.submit(&form).await.status, 410);
        put(Role::Owner).await;
        assert_eq!(app.browser().get(&target).await.status, 200);
        let by_operator = by.clone();
        app.write(move |conn| directory::users::set_state(conn, other, model::user::UserState::Disabled, &by_operator)).await;
        assert_eq!(app.browser().get(&target).await.status, 410);
        assert_eq!(grace.submit(&form).await.status, 410);
        assert_eq!(app.texts(MEMBERS).await.len(), 3);
        // It is an owner's word again once an owner sends it.
        let resend = press(&ada, &acme, "/resend").await;
        assert_eq!(ada.submit(&resend).await.status, 303);
        assert_eq!(grace.submit(&form).await.status, 303);
        assert!(app.texts(MEMBERS).await.contains(&"grace@new.example owner".to_owned()));
    }

    async fn an_invitation_ends_with_its_time_and_when_it_is_taken_back(engine: Scratch) {
        let Scene { app, acme, owner, .. } = scene(engine).await;
        let ada = app.signed_in(owner).await;
        invite(&ada, &acme, NEW, "member").await;
        assert_eq!(invite(&ada, &acme, NEW, "admin").await.status, 400, "one at a time");
        let first = link(&app, NEW).await;
        let target = first.strip_suffix("?from=letter").unwrap().to_owned();
        app.wait(7 * 24 * 3600 - 60);
        let ada = app.signed_in(owner).await;
        assert_eq!(app.browser().get(&target).await.status, 200);
        app.wait(60);
        assert_eq!(app.browser().get(&target).await.status, 410);
        assert!(ada.get(&url::portal_members(&acme)).await.text.contains("expired"));
        // Sent again, it is good for another seven days.
        let resend = press(&ada, &acme, "/resend").await;
        assert_eq!(ada.submit(&resend).await.status, 303);
        assert_eq!(link(&app, NEW).await, first);
        assert_eq!(app.browser().get(&target).await.status, 200);
        let page = app.browser();
        let token = target.strip_prefix("/invitations/").unwrap().to_owned();
        let form = PageForm::to(&page.get(&target).await, &url::invitation_register(&token)).with("name", "Grace").with("password", PASSWORD);
        let revoke = press(&ada, &acme, "/revoke").await;
        assert_eq!(ada.submit(&revoke).await.status, 303);
        assert_eq!(app.browser().get(&target).await.status, 410);
        assert_eq!(page.submit(&form).await.status, 410);
        for stale in [&resend, &revoke] {
            assert_eq!(ada.submit(stale).await.status, 409, "{stale:?}");
        }
        let actions = "SELECT action AS value FROM audit WHERE action LIKE 'invitation.%' ORDER BY id";
        assert_eq!(app.texts(actions).await, ["invitation.sent", "invitation.sent", "invitation.revoked"]);
        // And a new one is another.
        invite(&ada, &acme, NEW, "member").await;
        assert_ne!(link(&app, NEW).await, first);
    }

    async fn whoever_is_invited_may_decline(engine: Scratch) {
        let Scene { app, acme, owner, admin } = scene(engine).await;
        let ada = app.signed_in(owner).await;
        app.user("bob@new.example", &[]).await;
        let carol = app.user("carol@new.example", &[]).await;
        // Without an account, with one and signed out, with one and signed in.
        for (email, browser, actor) in [
            (NEW, app.browser(), "stranger".to_owned()),
            ("bob@new.example", app.browser(), "stranger".to_owned()),
            ("carol@new.example", app.signed_in(carol).await, format!("user:{carol}")),
        ] {
            invite(&ada, &acme, email, "admin").await;
            let link = link(&app, email).await;
            let page = browser.follow(&link).await;
            let decline = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with("/decline")).unwrap();
            assert_eq!(app.browser().submit(&decline).await.status, 403, "another browser");
            assert_eq!(app.number("SELECT count(*) AS value FROM invitations WHERE state = 'open'").await, 1);
            let declined = browser.submit(&decline).await;
            assert!(declined.status == 200 && declined.text.contains("Invitation declined"), "{}", declined.text);
            assert_eq!(app.number("SELECT count(*) AS value FROM invitations WHERE state = 'open'").await, 0);
            assert_eq!(browser.submit(&decline).await.status, 410, "twice");
            assert_eq!(browser.follow(&link).await.status, 410);
            assert!(!ada.get(&url::portal_members(&acme)).await.text.contains(email));
            let told = app.texts("SELECT actor AS value FROM audit WHERE action = 'invitation.declined' ORDER BY at DESC, id DESC").await;
            assert!(told.contains(&actor), "{told:?}");
        }
        assert_eq!(app.texts(MEMBERS).await.len(), 2, "{owner} and {admin} alone");
    }

    async fn an_admin_makes_nobody_an_owner_and_an_organization_keeps_one(engine: Scratch) {
        let Scene { app, acme, owner, admin } = scene(engine).await;
        let member = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let (ada, alan) = (app.signed_in(owner).await, app.signed_in(admin).await);
        let page = alan.get(&url::portal_members(&acme)).await;
        assert!(!page.text.contains("value=\"owner\"") && page.text.contains("value=\"admin\""), "{}", page.text);
        assert!(!page.text.contains(&url::portal_member_remove(&acme, owner)), "{}", page.text);
        let rows = Rows::of(&app).await;
        assert_eq!(invite(&alan, &acme, NEW, "owner").await.status, 403);
        let forged = |action: String, purpose: &str, user: UserId, role: &str| PageForm {
            action,
            fields: vec![
                ("csrf_token".to_owned(), alan.token_for((purpose, &user.to_string()))),
                ("role".to_owned(), role.to_owned()),
            ],
        };
        for form in [
            forged(url::portal_member_role(&acme, member), "member-role", member, "owner"),
            forged(url::portal_member_role(&acme, admin), "member-role", admin, "owner"),
            forged(url::portal_member_role(&acme, owner), "member-role", owner, "member"),
            forged(url::portal_member_remove(&acme, owner), "member-remove", owner, ""),
        ] {
            assert_eq!(alan.submit(&form).await.status, 403, "{form:?}");
        }
        let rows = rows.without(&["budgets"]);
        assert_eq!(rows.changed(&Rows::of(&app).await.without(&["budgets"])), [""; 0]);
        // The last owner stays one, and stays.
        let demote = press(&ada, &acme, &format!("{owner}/role")).await;
        assert_eq!(ada.submit(&demote).await.status, 409);
        assert_eq!(ada.submit(&press(&ada, &acme, &format!("{owner}/remove")).await).await.status, 409);
        let promote = press(&ada, &acme, &format!("{member}/role")).await.with("role", "owner");
        assert_eq!(ada.submit(&promote).await.status, 303);
        assert_eq!(ada.submit(&demote).await.status, 303);
        assert_eq!(app.texts(MEMBERS).await, ["ada@acme.example member", "alan@acme.example admin", "u1@acme.example owner"]);
        assert_eq!(alan.submit(&press(&alan, &acme, &format!("{owner}/remove")).await).await.status, 303);
        assert_eq!(app.texts(MEMBERS).await.len(), 2);
        assert_eq!(ada.get(&url::device(&acme)).await.status, 403);
    }

    async fn nobody_is_invited_who_belongs_or_can_not_be_written_to(engine: Scratch) {
        let Scene { app, acme, owner, .. } = scene(engine).await;
        let ada = app.signed_in(owner).await;
        let rows = Rows::of(&app).await.without(&["budgets"]);
        for (email, words) in [("", "not an e-mail address"), ("grace", "not an e-mail address"), ("ALAN@acme.example", "is a member already")] {
            let answer = invite(&ada, &acme, email, "member").await;
            assert!(answer.status == 400 && answer.text.contains(words), "{email}: {}", answer.text);
        }
        assert_eq!(rows.changed(&Rows::of(&app).await.without(&["budgets"])), [""; 0]);
        assert_eq!(app.spent("invitations_by_address").await, 0, "what is not written costs nothing");
        // Nor is a mailbox filled.
        invite(&ada, &acme, NEW, "member").await;
        let resend = press(&ada, &acme, "/resend").await;
        for _ in 0..4 {
            assert_eq!(ada.submit(&resend).await.status, 303);
        }
        assert_eq!(ada.submit(&resend).await.status, 429);
    }
}
