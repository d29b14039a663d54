//! The portal's audit log: what it shows, to whom, and what of it can be taken along.

use crate::page_form::PageForm;
use crate::stage::Stage;
use crate::support::{Answer, Browser, TestApp};
use model::audit::{Action, AuditEntry, By};
use model::id::{OrgId, UserId};
use model::org::Role;
use routes::url;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use testkit::Scratch;

/// The day that it is, and the one `later` days after it.
fn day(app: &TestApp, later: u64) -> String {
    let then = app.clock.now().after(Duration::from_secs(later * 24 * 60 * 60));
    views::text::iso(then)[..10].to_owned()
}

/// Writes `count` rows by the operator, one a millisecond, named by their numbers.
async fn log(app: &TestApp, org: Option<&OrgId>, action: Action, count: usize) {
    let entries: Vec<AuditEntry> = (0..count)
        .map(|number| {
            app.clock.advance(Duration::from_millis(1));
            By::operator(&app.clock.moment()).entry(org, action, format!("row-{number}"))
        })
        .collect();
    app.write(move |conn| entries.iter().try_for_each(|entry| store::tables::audit::insert(conn, entry))).await;
}

async fn page(browser: &Browser<'_>, org: &OrgId, filter: &[(&str, &str)]) -> Answer {
    browser.get(&url::portal_audit_filtered(org, filter)).await
}

/// The table's rows, as text between tags.
fn rows(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let Some(table) = page.text.split("<tbody").nth(1) else { return Vec::new() };
    let table = table.split("</tbody>").next().unwrap();
    table.split("<tr ").skip(1).map(str::to_owned).collect()
}

/// The numbers in the names of rows written by [`log`].
fn numbers(page: &Answer) -> Vec<usize> {
    let number = |row: &String| row.split("row-").nth(1)?.split('<').next()?.parse().ok();
    rows(page).iter().filter_map(number).collect()
}

fn link(page: &Answer, label: &str) -> Option<String> {
    let before = page.text.split(&format!("\">{label}</a>")).next().filter(|before| before.len() < page.text.len())?;
    Some(before.rsplit("href=\"").next()?.replace("&#x2F;", "/").replace("&amp;", "&"))
}

async fn export(browser: &Browser<'_>, org: &OrgId, filter: &[(&str, &str)], format: &str) -> Answer {
    let form = PageForm::to(&page(browser, org, filter).await, &url::portal_audit_export(org));
    browser.submit(&form.with("format", format)).await
}

fn lines(file: &Answer) -> Vec<Value> {
    assert_eq!(file.status, 200, "{}", file.text);
    file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads CSV as RFC 4180 has it.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut cells, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' if quoted && rest.peek() == Some(&'"') => cell.push(rest.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'));
                cells.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut cells));
            }
            other => cell.push(other),
        }
    }
    assert!(!quoted && cell.is_empty() && cells.is_empty());
    records
}

async fn end_membership(app: &TestApp, org: &OrgId, user: UserId) {
    let (org, by) = (org.clone(), By::operator(&app.clock.moment()));
    app.write(move |conn| directory::members::remove(conn, &org, user, &by)).await;
}

testkit::both_engines! {
    async fn what_was_done_is_said_in_words_with_names(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, acme) = (stage.ada().await, &stage.acme);
        let shown = page(&ada, &acme.org, &[]).await;
        let all = rows(&shown);
        let count = stage.app.number("SELECT count(*) AS value FROM audit WHERE org_id = 'acme'").await;
        assert_eq!(all.len(), usize::try_from(count).unwrap());
        let row = |what: &str, told: &str| all.iter().find(|row| row.contains(&format!("<bdi>{what}</bdi>")) && row.contains(told)).unwrap_or_else(|| panic!("no {what} {told}: {}", shown.text));
        assert!(row("Access approved", "Doorward MCP").contains("<code>scope</code> <bdi>read</bdi>"), "the server's own application has a name, too");
        let approved = row("Access approved", "Acme CLI");
        assert!(approved.contains("<bdi>Ada</bdi>") && approved.contains("ada@acme.example"), "{approved}");
        assert!(approved.contains("127.0.0.1") && approved.contains("<bdi>Acme CLI</bdi>") && approved.contains("UTC"), "{approved}");
        let redeemed = row("Approved access collected", &acme.cd.client_id);
        assert!(redeemed.contains(&acme.cd.client_id) && redeemed.contains("<code>user</code> <bdi>ada@acme.example</bdi>"), "{redeemed}");
        let member = row("Member added, or role changed", "command line");
        assert!(member.contains("The operator of the server") && member.contains("the command line"), "{member}");
        row("Invitation sent", "margaret@new.example");
        row("Application created", "<code>client_id</code>");
        // Nothing that happens in an organization is without words.
        for action in stage.app.texts("SELECT DISTINCT action AS value FROM audit WHERE org_id = 'acme'").await {
            assert!(!shown.text.contains(&format!("<bdi>{action}</bdi>")), "{action} has no words");
            assert!(shown.text.contains(&format!("<option value=\"{action}\"")), "{action} can't be chosen");
        }
        // What another version has written, or somebody by hand, is shown as it is.
        stage.app.sql("UPDATE audit SET action = 'thing.<b>done', actor = 'moon', details = 'no JSON' WHERE action = 'grant.approved' AND org_id = 'acme'").await;
        let strange = page(&ada, &acme.org, &[]).await;
        assert!(strange.text.contains("<bdi>thing.&lt;b&gt;done</bdi>"), "{}", strange.text);
        assert!(strange.text.contains("<span class=\"format\">moon</span>") && strange.text.contains("no JSON"));
        ada.accept("de");
        assert!(page(&ada, &acme.org, &[]).await.text.contains("Genehmigter Zugriff abgeholt"));
    }

    async fn what_is_wanted_can_be_said(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, org, app) = (stage.ada().await, &stage.acme.org, &stage.app);
        let approved = rows(&page(&ada, org, &[("action", "grant.approved")]).await);
        assert_eq!(approved.len(), 2, "{approved:?}");
        let by_ada = rows(&page(&ada, org, &[("email", " ADA@acme.example")]).await);
        assert!(!by_ada.is_empty() && by_ada.iter().all(|row| row.contains("ada@acme.example")), "{by_ada:?}");
        let both = [("action", "grant.approved"), ("email", "u1@acme.example")];
        let none = page(&ada, org, &both).await;
        assert!(rows(&none).is_empty() && none.text.contains("Nothing passes this filter."), "{}", none.text);
        // That nobody has an address looks like that its owner did nothing here.
        for email in ["nobody@acme.example", "ben@beta.example"] {
            let none = page(&ada, org, &[("email", email)]).await;
            assert!(rows(&none).is_empty() && none.text.contains("Nothing passes this filter."), "{email}");
        }
        let [first, second, third] = [0, 1, 2].map(|later| day(app, later));
        let count = rows(&page(&ada, org, &[("to", first.as_str())]).await).len();
        assert!(count > 5, "{count}");
        app.wait(24 * 60 * 60);
        log(app, Some(org), Action::KeyRotated, 3).await;
        let ada = stage.ada().await;
        assert_eq!(numbers(&page(&ada, org, &[("from", second.as_str())]).await), [2, 1, 0]);
        let all = [("from", second.as_str()), ("to", second.as_str()), ("action", "key.rotated")];
        assert_eq!(numbers(&page(&ada, org, &all).await), [2, 1, 0]);
        assert_eq!(rows(&page(&ada, org, &[("to", first.as_str())]).await).len(), count);
        assert!(rows(&page(&ada, org, &[("to", "2026-11-01")]).await).is_empty());
        assert!(rows(&page(&ada, org, &[("from", third.as_str())]).await).is_empty());
    }

    async fn what_is_wrong_with_the_filter_is_said_at_its_field(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, org) = (stage.ada().await, &stage.acme.org);
        let (today, tomorrow) = (day(&stage.app, 0), day(&stage.app, 1));
        for (field, value, sentence) in [
            ("action", "everything", "Choose one of these."),
            ("action", "user.created", "Choose one of these."),
            ("email", "ada", "This is not an e-mail address."),
            ("from", "yesterday", "This is not a day."),
            ("to", "2026-02-30", "This is not a day."),
        ] {
            let good = [("from", today.as_str()), ("to", today.as_str())].into_iter().filter(|(name, _)| *name != field);
            let wrong = page(&ada, org, &good.chain([(field, value)]).collect::<Vec<_>>()).await;
            assert_eq!(wrong.status, 400, "{field}={value}");
            let said = wrong.text.split(&format!("id=\"{field}-error\">")).nth(1).unwrap_or_else(|| panic!("{field}: {}", wrong.text));
            assert!(said.starts_with(sentence), "{field}: {said}");
            assert!(!wrong.text.contains("<tbody") && !wrong.text.contains("portal/audit/export"), "nothing is listed");
        }
        let turned = page(&ada, org, &[("from", tomorrow.as_str()), ("to", today.as_str())]).await;
        assert!(turned.status == 400 && turned.text.contains("This day is before the first one."), "{}", turned.text);
        for strange in ["before=x", "before=7", "action=a&action=b", "from=%00"] {
            let path = format!("{}?{strange}", url::portal_audit(org));
            assert_eq!(ada.get(&path).await.status, 404, "{strange}");
        }
        // A form of the page that was filled in by hand is told the same.
        let form = PageForm::to(&page(&ada, org, &[]).await, &url::portal_audit_export(org));
        let wrong = ada.submit(&form.clone().with("format", "csv").with("from", "soon")).await;
        assert!(wrong.status == 400 && wrong.text.contains("id=\"from-error\""), "{}", wrong.text);
        assert_eq!(ada.submit(&form.with("format", "xlsx")).await.status, 400);
        assert_eq!(stage.app.number("SELECT count(*) AS value FROM audit WHERE action = 'audit.exported'").await, 0);
    }

    async fn older_rows_are_on_further_pages(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, org) = (stage.ada().await, &stage.acme.org);
        log(&stage.app, Some(org), Action::KeyRotated, 120).await;
        log(&stage.app, Some(org), Action::MemberRemoved, 1).await;
        let today = day(&stage.app, 0);
        let filter = [("action", "key.rotated"), ("from", today.as_str())];
        let mut shown = page(&ada, org, &filter).await;
        assert!(link(&shown, "Newest").is_none());
        let (mut seen, mut pages) = (numbers(&shown), vec![numbers(&shown).len()]);
        while let Some(older) = link(&shown, "Older") {
            assert!(older.contains(&format!("action=key.rotated&from={today}&before=")), "{older}");
            // What is written meanwhile moves nothing.
            log(&stage.app, Some(org), Action::KeyRotated, 2).await;
            shown = ada.get(&older).await;
            let newest = link(&shown, "Newest").unwrap();
            assert_eq!(newest, url::portal_audit_filtered(org, &filter));
            seen.extend(numbers(&shown));
            pages.push(numbers(&shown).len());
        }
        assert_eq!(pages, [50, 50, 20]);
        assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
        // Exactly a page: nothing is older.
        let member = page(&ada, org, &[("action", "member.removed")]).await;
        assert!(rows(&member).len() == 1 && link(&member, "Older").is_none());
    }

    async fn rows_of_others_are_nowhere(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, acme) = (stage.ada().await, &stage.acme.org);
        let ids = "SELECT object AS value FROM audit WHERE org_id <> 'acme'";
        let theirs: BTreeSet<String> = stage.app.texts(ids).await.into_iter().filter(|object| object.len() > 30).collect();
        assert!(theirs.len() > 10, "{theirs:?}");
        // A member of both, known here, and whose deeds there are no business of acme's.
        let both = stage.both;
        stage.app.write(move |conn| conn.execute_sql(&format!("UPDATE audit SET actor = 'user:{both}' WHERE org_id <> 'acme'"))).await;
        let ndjson = export(&ada, acme, &[], "ndjson").await;
        let csv = export(&ada, acme, &[], "csv").await;
        let shown = page(&ada, acme, &[]).await;
        let filtered = page(&ada, acme, &[("email", "u3@both.example")]).await;
        assert!(rows(&filtered).is_empty(), "{}", filtered.text);
        for answer in [&ndjson, &csv, &shown] {
            // The owner of acme is the object of rows of acme, too.
            for id in theirs.iter().filter(|id| **id != stage.acme.owner.to_string() && **id != stage.acme.member.to_string() && **id != both.to_string()) {
                assert!(!answer.text.contains(id.as_str()), "{id}: {}", answer.text);
            }
        }
        assert!(lines(&ndjson).iter().all(|line| line["organization"] == "acme"));
        // The cursor of a row there leads nowhere but to rows here.
        let below = stage.app.texts("SELECT object AS value FROM audit WHERE action = 'session.started'").await;
        assert!(!below.is_empty());
        let path = url::portal_audit_filtered(acme, &[("before", "ffffffff-ffff-ffff-ffff-ffffffffffff")]);
        assert_eq!(rows(&ada.get(&path).await).len(), rows(&page(&ada, acme, &[]).await).len());
    }

    async fn the_log_is_for_admins(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let acme = &stage.acme.org;
        let form = PageForm::to(&page(&stage.ada().await, acme, &[]).await, &url::portal_audit_export(acme));
        let (member, stranger) = (stage.app.signed_in(stage.acme.member).await, stage.ben().await);
        for (browser, status) in [(&member, 403), (&stranger, 404)] {
            assert_eq!(page(browser, acme, &[]).await.status, status);
            assert_eq!(page(browser, acme, &[("from", "wrong")]).await.status, status, "whatever is wrong with the filter");
            let form = form.clone().with("csrf_token", &browser.token_for(("audit-export", acme.as_str())));
            assert_eq!(browser.submit(&form).await.status, status);
        }
        assert_eq!(stage.app.number("SELECT count(*) AS value FROM audit WHERE action = 'audit.exported'").await, 0);
        // What takes everything along wants a fresh proof, which leads back to the page.
        let ada = stage.ada().await;
        stage.app.wait(30 * 60);
        assert_eq!(page(&ada, acme, &[]).await.status, 200);
        let stale = export(&ada, acme, &[], "csv").await;
        assert_eq!(stale.location(), url::step_up_to(&url::portal_audit(acme)));
    }

    async fn who_has_left_is_named_without_an_address(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme.org);
        let eve = app.user("eve@acme.example", &[(acme, Role::Admin)]).await;
        stage.acme.cd.log_in(app, &app.signed_in(eve).await).await;
        let ada = stage.ada().await;
        assert!(page(&ada, acme, &[]).await.text.contains("eve@acme.example"));
        end_membership(app, acme, eve).await;
        app.sql("UPDATE users SET email = 'private@eve.example', email_key = 'private@eve.example' WHERE email = 'eve@acme.example'").await;
        let shown = page(&ada, acme, &[]).await;
        assert!(!shown.text.contains("private@eve.example") && shown.text.contains("not a member"), "{}", shown.text);
        let file = export(&ada, acme, &[("action", "grant.approved")], "ndjson").await;
        let by_eve: Vec<Value> = lines(&file).into_iter().filter(|line| line["actor"] == format!("user:{eve}")).collect();
        assert_eq!((by_eve.len(), &by_eve[0]["actor_name"], &by_eve[0]["actor_email"]), (1, &"Ada".into(), &Value::Null));
        app.sql("UPDATE users SET email = '', name = '', email_key = 'deleted' WHERE email = 'private@eve.example'").await;
        assert!(page(&ada, acme, &[]).await.text.contains("A deleted account"));
    }

    async fn a_file_has_what_passes_the_filter(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        app.sql("UPDATE users SET name = '=HYPERLINK(\"https://evil.example\",\"x\")' WHERE email = 'ada@acme.example'").await;
        app.sql("UPDATE audit SET object = '-two' || chr(10) || 'lines', details = '{\"program\":\"+1, \\\"so\\\"\"}' WHERE action = 'grant.approved'".replace("chr(10)", if app.db.is_postgres() { "chr(10)" } else { "char(10)" }).leak()).await;
        let csv = export(&ada, acme, &[("action", "grant.approved")], "csv").await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"audit-acme.csv\"");
        assert_eq!(csv.header("cache-control"), "no-store");
        let records = records(&csv.text);
        let [heading, row, _] = &records[..] else { panic!("{}", csv.text) };
        let cell = |name: &str| row[heading.iter().position(|column| column == name).unwrap()].as_str();
        assert_eq!(cell("actor_name"), "'=HYPERLINK(\"https://evil.example\",\"x\")");
        assert_eq!(cell("object"), "'-two\nlines");
        assert_eq!(cell("details"), "{\"program\":\"+1, \\\"so\\\"\"}");
        assert_eq!((cell("organization"), cell("actor_email"), cell("action")), ("acme", "ada@acme.example", "grant.approved"));
        assert_eq!((cell("address"), cell("position"), cell("hash")), ("127.0.0.1", "", ""));

        let ndjson = export(&ada, acme, &[("action", "grant.approved")], "ndjson").await;
        assert_eq!(ndjson.header("content-type"), "application/x-ndjson");
        assert_eq!(ndjson.header("content-disposition"), "attachment; filename=\"audit-acme.ndjson\"");
        let [line, _] = &lines(&ndjson)[..] else { panic!("{}", ndjson.text) };
        let mut names: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let mut columns: Vec<&str> = heading.iter().map(String::as_str).collect();
        names.sort_unstable();
        columns.sort_unstable();
        assert_eq!(names, columns, "both files have the same fields");
        assert_eq!((line["id"].as_str(), line["at"].as_str()), (Some(cell("id")), Some(cell("at"))));
        assert_eq!((&line["object"], &line["details"]["program"]), (&"-two\nlines".into(), &"+1, \"so\"".into()));
        assert_eq!(line["position"], Value::Null);

        // Each export is in the log, with its filter.
        let rows = app.texts("SELECT actor || ' ' || object || ' ' || details AS value FROM audit WHERE action = 'audit.exported' ORDER BY id").await;
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[0].starts_with(&format!("user:{} acme ", stage.acme.owner)) && rows[0].contains("\"action\":\"grant.approved\""), "{rows:?}");
        app.wait(1);
        assert_eq!(lines(&export(&ada, acme, &[("email", "ada@acme.example"), ("action", "audit.exported")], "ndjson").await).len(), 3, "its own among them");
        let last = app.texts("SELECT details AS value FROM audit WHERE action = 'audit.exported' ORDER BY id DESC LIMIT 1").await;
        assert!(last[0].contains(&format!("\"user\":\"{}\"", stage.acme.owner)) && !last[0].contains('@'), "{last:?}");
        // Whoever is no member here may have an account or none: that is not to be learnt.
        app.wait(1);
        export(&ada, acme, &[("email", "ben@beta.example")], "ndjson").await;
        let last = app.texts("SELECT details AS value FROM audit WHERE action = 'audit.exported' ORDER BY id DESC LIMIT 1").await;
        assert!(!last[0].contains("user"), "{last:?}");
        // Nothing is a file, too.
        let none = export(&ada, acme, &[("email", "nobody@acme.example")], "ndjson").await;
        assert_eq!((none.status, none.text.as_str()), (200, ""));
        let none = export(&ada, acme, &[("email", "nobody@acme.example")], "csv").await;
        assert_eq!((none.status, self::records(&none.text).len()), (200, 1));
    }

    async fn a_long_log_goes_out_whole_and_in_order(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, acme) = (stage.ada().await, &stage.acme.org);
        log(&stage.app, Some(acme), Action::KeyRotated, 2_500).await;
        let before = stage.app.db.hops();
        let file = export(&ada, acme, &[("action", "key.rotated")], "ndjson").await;
        let numbers: Vec<String> = lines(&file).iter().map(|line| line["object"].as_str().unwrap().to_owned()).collect();
        assert_eq!(numbers, (0..2_500).rev().map(|number| format!("row-{number}")).collect::<Vec<_>>());
        assert_eq!(stage.app.db.hops() - before, 5, "the page, the export's row, and a thousand rows at a time");
        let csv = export(&ada, acme, &[("action", "key.rotated")], "csv").await;
        assert_eq!(records(&csv.text).len(), 2_501, "one heading");
    }

    async fn who_is_no_admin_any_more_gets_no_more_of_a_file(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme.org);
        let eve = app.user("eve@acme.example", &[(acme, Role::Admin)]).await;
        let browser = app.signed_in(eve).await;
        log(app, Some(acme), Action::KeyRotated, 2_100).await;
        // More than what the ways between server and browser hold.
        let padding = format!("{{\"padding\":\"{}\"}}", "x".repeat(20_000));
        app.write(move |conn| conn.execute_sql(&format!("UPDATE audit SET details = '{padding}' WHERE action = 'key.rotated'"))).await;
        let form = PageForm::to(&page(&browser, acme, &[]).await, &url::portal_audit_export(acme)).with("format", "ndjson");
        let request = browser.request(reqwest::Method::POST, &form.action).header("sec-fetch-site", "same-origin");
        let mut answer = request.form(&form.fields).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut read = answer.chunk().await.unwrap().unwrap().len();
        end_membership(app, acme, eve).await;
        let broken = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => read += chunk.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken, "{read} bytes passed for the whole file");
        assert!(read < 42_000_000, "{read}");
    }
}
