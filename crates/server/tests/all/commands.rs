//! The operator's commands as scripts use them: arguments in, one JSON value or a sentence and an exit code out.

use model::secret::{Keyring, Purpose};
use serde_json::{Value, json};
use server::commands::{self, Surroundings};
use server::config::Config;
use server::engine::Engine;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Class;
use tempfile::TempDir;
use testkit::{EngineKind, Scratch, both_engines_sync};

const PASSWORD: &str = "correct horse battery staple";

/// A place where commands run: a database, a data folder, an environment.
pub struct Operator {
    pub env: BTreeMap<String, String>,
    pub scratch: Scratch,
    _folder: TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Answer {
    pub exit: u8,
    pub out: String,
    pub err: String,
}

impl Operator {
    pub fn new(scratch: Scratch) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").display().to_string();
        let env = [
            ("DOORWARD_DATA_DIR", data.as_str()),
            ("DOORWARD_DATABASE_URL", scratch.url()),
            ("DOORWARD_DATABASE_THREADS", "2"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { env, scratch, _folder: folder }
    }

    /// The same with Acme Corp and its owner Ada.
    pub fn with_acme(scratch: Scratch) -> Self {
        let operator = Self::new(scratch);
        operator.json("org create acme-corp --name Acme");
        let owner =
            "user create --email ada@acme.example --name Ada --org acme-corp --role owner --password-stdin --verified";
        operator.json_given(owner, &format!("{PASSWORD}\n"));
        operator
    }

    pub fn run_given(&self, line: &str, stdin: &str) -> Answer {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        // No argument of these tests holds a space but in quotes.
        let args = line
            .split('"')
            .enumerate()
            .flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() });
        let surroundings = Surroundings {
            stdin: &mut stdin.as_bytes(),
            env: &self.env,
            out: &mut out,
            err: &mut err,
            configured: &|_| Ok(()),
        };
        let exit = commands::run(std::iter::once("doorward-server").chain(args), surroundings);
        Answer { exit, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }

    pub fn run(&self, line: &str) -> Answer {
        self.run_given(line, "")
    }

    /// The one JSON value of a command that succeeds, with nothing else said.
    pub fn json_given(&self, line: &str, stdin: &str) -> Value {
        let answer = self.run_given(&format!("{line} --json"), stdin);
        assert_eq!((answer.exit, answer.err.as_str()), (0, ""), "{line}: {answer:?}");
        serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{line}: {error}: {answer:?}"))
    }

    pub fn json(&self, line: &str) -> Value {
        self.json_given(line, "")
    }

    /// The sentence of a command that is refused with this exit code, with nothing on standard output.
    pub fn refused(&self, exit: u8, line: &str) -> String {
        let answer = self.run_given(&format!("{line} --json"), PASSWORD);
        assert_eq!((answer.exit, answer.out.as_str()), (exit, ""), "{line}: {answer:?}");
        assert!(!answer.err.trim().is_empty(), "{line}");
        answer.err
    }

    pub fn texts(&self, sql: &'static str) -> Vec<String> {
        self.scratch.db().blocking().read("texts", move |conn| conn.texts_by_sql(sql)).unwrap()
    }

    fn sql(&self, sql: &'static str) {
        self.scratch.db().blocking().write("sql", Class::Durable, move |conn| conn.changed_by_sql(sql)).unwrap();
    }

    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) AS value FROM {table}");
        self.scratch.db().blocking().read("count", move |conn| conn.numbers_by_sql(&sql)).unwrap()[0]
    }
}

/// The names of an object's members.
fn members(value: &Value) -> Vec<&str> {
    // Objects have no order of their own; which one a map keeps depends on what else is built.
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

both_engines_sync! {
    fn an_organizations_settings_are_changed_one_by_one(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let all = json!({
            "org_id": "acme-corp", "name": "Acme", "colour": null, "logo": null, "algorithm": "ES256", "refresh_grace": 60,
            "refresh_idle_days": 30, "refresh_absolute_days": 90, "code_expiry": 1800, "poll_interval": 5,
            "device_login": "on", "device_login_apps": [], "device_scope_ceiling": "", "longest_token_days": 365,
            "new_device": "unknown", "registration": "invitation", "second_factor": "optional", "second_factor_grace_days": 7,
        });
        let mut expected = all.as_object().unwrap().clone();
        let changes: [(&str, &str, &str, Value); 14] = [
            ("--name", "\"Acme & Sons\"", "name", json!("Acme & Sons")),
            ("--colour", "#1F6FEB", "colour", json!("#1f6feb")),
            ("--algorithm", "EdDSA", "algorithm", json!("EdDSA")),
            ("--refresh-grace", "0", "refresh_grace", json!(0)),
            ("--refresh-idle-days", "7", "refresh_idle_days", json!(7)),
            ("--refresh-absolute-days", "14", "refresh_absolute_days", json!(14)),
            ("--code-expiry", "300", "code_expiry", json!(300)),
            ("--poll-interval", "2", "poll_interval", json!(2)),
            ("--registration", "domain:Acme.Example", "registration", json!("domain:acme.example")),
            ("--new-device", "always", "new_device", json!("always")),
            ("--device-login-app", "doorward-cli", "device_login_apps", json!(["doorward-cli"])),
            ("--device-login", "listed", "device_login", json!("listed")),
            ("--device-scope-ceiling", "\"openid email\"", "device_scope_ceiling", json!("email openid")),
            ("--longest-token-days", "30", "longest_token_days", json!(30)),
        ];
        for (option, value, field, stored) in changes {
            expected.insert(field.to_owned(), stored);
            let told = operator.json(&format!("org set acme-corp {option} {value}"));
            assert_eq!(told, Value::Object(expected.clone()), "{option}");
        }
        // The key is there before a token needs it, once.
        operator.json("org set acme-corp --algorithm EdDSA");
        let algorithms = operator.texts("SELECT alg AS value FROM signing_keys ORDER BY alg");
        assert_eq!(algorithms, ["ES256", "EdDSA"]);
        // Each change has one row, which names what is different; what was so already has none.
        operator.json("org set acme-corp --poll-interval 2");
        let rows = operator.texts("SELECT actor || ' ' || details AS value FROM audit WHERE action = 'organization.changed' ORDER BY id");
        assert_eq!(rows.len(), 14, "{rows:?}");
        assert!(rows.contains(&r#"operator {"algorithm":"EdDSA"}"#.to_owned()), "{rows:?}");
        for (line, about) in [
            ("org set acme-corp", "--name"),
            ("org set acme-corp --name \" \"", "name"),
            ("org set acme-corp --colour red", "colour"),
            ("org set acme-corp --colour #12345g", "colour"),
            ("org set acme-corp --algorithm HS256", "ES256"),
            ("org set acme-corp --refresh-grace 301", "--refresh-grace"),
            ("org set acme-corp --longest-token-days 366", "--longest-token-days"),
            ("org set acme-corp --longest-token-days 0", "--longest-token-days"),
            ("org set acme-corp --refresh-idle-days 15", "--refresh-idle-days"),
            ("org set acme-corp --refresh-absolute-days 366", "--refresh-absolute-days"),
            ("org set acme-corp --code-expiry 59", "--code-expiry"),
            ("org set acme-corp --poll-interval 61", "--poll-interval"),
            ("org set acme-corp --device-login maybe", "--device-login"),
            ("org set acme-corp --device-scope-ceiling a\\b", "--device-scope-ceiling"),
        ] {
            let said = operator.refused(2, line);
            assert!(said.contains(about), "{line}: {said}");
        }
        operator.refused(1, "org set nowhere --poll-interval 2");
        operator.refused(1, "org set nowhere --device-login-app doorward-cli");
        assert!(operator.refused(1, "org set acme-corp --device-login-app nobody").contains("nobody"));
        operator.json("org create beta");
        assert!(operator.refused(2, "org set beta --device-login listed").contains("--device-login-app"));
        assert_eq!(operator.json("org set acme-corp --poll-interval 2"), Value::Object(expected));
    }

    fn an_organization_comes_with_a_key_and_the_reference_client(scratch: Scratch) {
        let operator = Operator::new(scratch);
        let created = operator.json("org create acme-corp --name \"Acme Corp\"");
        assert_eq!(created, json!({"org_id": "acme-corp", "issuer": "http://localhost:8080/orgs/acme-corp"}));
        let keys = operator.json("key list --org acme-corp");
        assert_eq!((keys.as_array().unwrap().len(), &keys[0]["alg"], &keys[0]["published_until"]), (1, &json!("ES256"), &Value::Null));
        let apps = operator.json("app list --org acme-corp");
        assert_eq!(apps.as_array().unwrap().len(), 1);
        assert_eq!((&apps[0]["client_id"], &apps[0]["kind"]), (&json!("doorward-cli"), &json!("public")));
        assert_eq!(apps[0]["grants"], json!(["device_code", "refresh_token"]));
        assert_eq!(operator.json("org list")[0]["name"], "Acme Corp");
        let said = operator.refused(1, "org create acme-corp");
        assert!(said.contains("never used again"), "{said}");
        assert_eq!((operator.count("organizations"), operator.count("signing_keys"), operator.count("applications")), (2, 1, 3), "with the server's own");
        let audited = operator.texts("SELECT action AS value FROM audit WHERE actor = 'operator' ORDER BY action");
        assert_eq!(audited, ["application.created", "organization.created"]);
    }

    fn an_account_is_made_with_its_membership_and_its_password(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let users = operator.json("user list");
        assert_eq!((&users[0]["email"], &users[0]["verified"], &users[0]["state"]), (&json!("ada@acme.example"), &json!(true), &json!("active")));
        let owners = operator.json("member list --org acme-corp");
        assert_eq!((&owners[0]["user_id"], &owners[0]["role"]), (&users[0]["user_id"], &json!("owner")));
        let created = operator.json("user create --email Bob@Acme.Example --name Bob");
        assert_eq!(members(&created), ["email", "user_id"]);
        assert_eq!(created["email"], "Bob@Acme.Example");
        assert_eq!(operator.count("users WHERE password_hash LIKE '$argon2id$%'"), 1);
        assert!(operator.refused(1, "user create --email bob@acme.example --name Bob").contains("has an account already"));
        assert!(operator.refused(1, "user create --email eve@acme.example --name Eve --org nowhere").contains("no organization nowhere"));
        assert_eq!((operator.count("users"), operator.count("memberships")), (2, 1), "what was refused left nothing behind");
    }

    fn one_newline_is_dropped_from_a_password_and_no_more(scratch: Scratch) {
        let operator = Operator::new(scratch);
        for (user, given, kept) in [("a", "tandem bicycle 77 \n", "tandem bicycle 77 "), ("b", "tandem bicycle 77\r\n", "tandem bicycle 77"), ("c", "tandem bicycle 77\n\n", "tandem bicycle 77\n")] {
            operator.json_given(&format!("user create --email {user}@acme.example --name Ada --password-stdin"), given);
            let address = format!("{user}@acme.example");
            let find = move |conn: &mut store::Conn| store::tables::users::by_email(conn, &address);
            let (_, hash) = operator.scratch.db().blocking().read("user", find).unwrap().unwrap();
            let verified = async {
                let passwords = login::password::Passwords::new(1, None).unwrap();
                passwords.verify(model::secret::Secret::new(kept.to_owned()), hash).await.unwrap()
            };
            assert!(testkit::run(verified), "{given:?}");
        }
    }

    fn weak_passwords_are_refused_unless_the_operator_insists(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let create = "user create --email bob@acme.example --name Bob --password-stdin";
        for (weak, why) in [("", "no password"), ("short", "too short"), ("password1", "easily guessed"), ("bob@acme.example", "easily guessed"), (&"x".repeat(1025), "too long"), (&"x".repeat(9000), "too long")] {
            let answer = operator.run_given(create, weak);
            assert!(answer.exit == 1 && answer.err.contains(why) && answer.out.is_empty(), "{weak}: {answer:?}");
            let weak = weak.replace("bob@", "ada@");
            let answer = operator.run_given("user set-password --email ada@acme.example --password-stdin", &weak);
            assert!(answer.exit == 1 && answer.err.contains(why), "{weak}: {answer:?}");
        }
        assert_eq!(operator.run_given(&format!("{create} --allow-weak-password"), "").exit, 1);
        operator.json_given(&format!("{create} --allow-weak-password"), "password1\n");
        let changed = operator.json_given("user set-password --email ADA@acme.example --password-stdin", "another tandem bicycle 7");
        assert_eq!(changed["email"], "ada@acme.example");
        assert_eq!(operator.count("audit WHERE action = 'user.password_set'"), 1);
    }

    fn accounts_go_off_and_on(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let disabled = operator.json("user disable --email Ada@acme.example");
        assert_eq!((&disabled["email"], &disabled["state"]), (&json!("ada@acme.example"), &json!("disabled")));
        assert_eq!(operator.run("user disable --email ada@acme.example").out, "The account of ada@acme.example is already disabled.\n");
        assert_eq!(operator.json("user enable --email ada@acme.example")["state"], "active");
        assert_eq!(operator.count("audit WHERE action IN ('user.disabled', 'user.enabled')"), 2);
        let letters = operator.texts("SELECT recipient || ' ' || payload AS value FROM outbox");
        assert_eq!(letters.len(), 1, "one as it went off, none of it being off, none as it went on: {letters:?}");
        assert!(letters[0].starts_with("ada@acme.example ") && letters[0].contains("\"change\":\"disabled\""), "{letters:?}");
        for command in ["disable", "enable", "set-password --password-stdin"] {
            assert!(operator.refused(1, &format!("user {command} --email eve@acme.example")).contains("Nobody has the address"));
        }
    }

    fn lost_second_factors_are_taken_away(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let remove = "user remove-second-factors --email ada@acme.example";
        let nothing = operator.json(remove);
        assert_eq!((&nothing["authenticator_app"], &nothing["passkeys"]), (&json!(false), &json!(0)));
        operator.sql("INSERT INTO totp (user_id, sealed_secret, created_at, confirmed_at, last_step) SELECT id, id, 1, 1, 0 FROM users WHERE email = 'ada@acme.example'");
        operator.sql("INSERT INTO recovery_codes (user_id, digest, created_at) SELECT id, id, 1 FROM users WHERE email = 'ada@acme.example'");
        assert_eq!(operator.json(remove)["authenticator_app"], true);
        assert_eq!(operator.count("totp") + operator.count("recovery_codes"), 0);
        assert_eq!(operator.count("audit WHERE action = 'user.totp_removed'"), 1);
        let letters = operator.texts("SELECT payload AS value FROM outbox");
        assert!(letters.len() == 1 && letters[0].contains("totp_removed"), "{letters:?}");
        assert!(operator.refused(1, "user remove-second-factors --email eve@acme.example").contains("Nobody has the address"));
    }

    fn an_address_that_an_intruder_has_changed_is_given_back(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        operator.json("user create --email bob@acme.example --name Bob");
        operator.sql("UPDATE users SET email = 'eve@evil.example', email_key = 'eve@evil.example' WHERE email = 'ada@acme.example'");
        operator.sql("INSERT INTO known_devices (id, user_id, digest, address, program, created_at, last_used_at, expires_at) SELECT id, id, id, '127.0.0.1', '', 1, 1, 9000000000000 FROM users WHERE email = 'eve@evil.example'");
        operator.sql("INSERT INTO upstream_identities (provider_owner, provider_id, issuer, subject, id, user_id, email, created_at) SELECT '~server', 'idp', 'https://idp.example', 'eve', id, id, 'eve@evil.example', 1 FROM users WHERE email = 'eve@evil.example'");
        operator.sql("INSERT INTO totp (user_id, sealed_secret, created_at, confirmed_at, last_step) SELECT id, id, 1, 1, 0 FROM users WHERE email = 'eve@evil.example'");
        let back = operator.json("user set-email --email eve@evil.example --to ada@acme.example");
        assert_eq!(back["email"], "ada@acme.example");
        assert_eq!((&back["unlinked"], &back["authenticator_app"], &back["passkeys"]), (&json!(1), &json!(true), &json!(0)));
        assert_eq!(operator.count("upstream_identities"), 0);
        assert_eq!(operator.count("audit WHERE action = 'user.upstream_unlinked'"), 1);
        assert_eq!(operator.count("users WHERE email_key = 'ada@acme.example' AND email_verified_at IS NOT NULL"), 1);
        assert_eq!(operator.count("known_devices"), 0, "all that the other address let in ends");
        assert_eq!(operator.count("audit WHERE action = 'user.email_changed'"), 1);
        let mut told = operator.texts("SELECT recipient AS value FROM outbox");
        told.sort();
        assert_eq!(told, ["ada@acme.example", "eve@evil.example"]);
        for wrong in ["bob@acme.example", "nothing"] {
            let said = operator.refused(1, &format!("user set-email --email ada@acme.example --to {wrong}"));
            assert!(said.contains("no address, or another account has it"), "{said}");
        }
        assert!(operator.refused(1, "user set-email --email eve@acme.example --to x@acme.example").contains("Nobody has the address"));
    }

    fn an_organization_is_deleted_with_its_id_as_a_confirmation(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        for unsure in ["", " --confirm acme"] {
            let said = operator.refused(1, &format!("org delete acme-corp{unsure}"));
            assert!(said.contains("Nothing was deleted") && said.contains("--confirm acme-corp"), "{said}");
        }
        assert_eq!(operator.json("org delete acme-corp --confirm acme-corp")["state"], "deleted");
        assert_eq!(operator.json("org list"), json!([]));
        assert_eq!(operator.count("memberships"), 0);
        assert_eq!(operator.count("audit WHERE action = 'organization.deleted' AND org_id = 'acme-corp'"), 1);
        assert!(operator.refused(1, "org delete acme-corp --confirm acme-corp").contains("no organization"));
        assert!(operator.refused(1, "org create acme-corp").contains("ids are never used again"));
    }

    fn members_come_and_go_and_the_last_owner_stays(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        operator.json("org create beta");
        operator.json("user create --email bob@acme.example --name Bob");
        let added = operator.json("member add --org beta --email bob@acme.example");
        assert_eq!(members(&added), ["email", "org_id", "role", "user_id"]);
        assert_eq!((&added["org_id"], &added["role"]), (&json!("beta"), &json!("member")));
        assert_eq!(operator.json("member add --org beta --email bob@acme.example --role admin")["role"], "admin");
        assert_eq!(operator.json("member list --org beta")[0]["role"], "admin");
        for last in ["remove --email ada@acme.example", "add --email ada@acme.example --role member"] {
            let said = operator.refused(1, &format!("member {last} --org acme-corp"));
            assert!(said.contains("last owner"), "{said}");
        }
        assert_eq!(operator.json("member list --org acme-corp")[0]["role"], "owner");
        operator.json("member add --org acme-corp --email bob@acme.example --role owner");
        operator.json("member add --org acme-corp --email ada@acme.example --role member");
        assert_eq!(operator.json("member remove --org acme-corp --email ada@acme.example")["email"], "ada@acme.example");
        assert!(operator.refused(1, "member remove --org acme-corp --email ada@acme.example").contains("is not a member"));
        for command in ["add", "remove"] {
            assert!(operator.refused(1, &format!("member {command} --org nowhere --email ada@acme.example")).contains("no organization"));
            assert!(operator.refused(1, &format!("member {command} --org beta --email eve@acme.example")).contains("Nobody has"));
        }
        assert!(operator.refused(1, "member list --org nowhere").contains("no organization"));
    }

    fn applications_are_registered_with_the_scopes_that_the_organization_lacks(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let created = operator.json("app create --org acme-corp --name \"Acme CLI\" --public --grant device_code --grant refresh_token --scope \"openid read:things\"");
        assert_eq!(members(&created), ["client_id"]);
        let apps = operator.json("app list --org acme-corp");
        let app = apps.as_array().unwrap().iter().find(|app| app["client_id"] == created["client_id"]).unwrap();
        assert_eq!((&app["name"], &app["scope"], &app["state"]), (&json!("Acme CLI"), &json!("openid read:things"), &json!("active")));
        assert_eq!(operator.count("applications WHERE name = 'Acme CLI' AND scopes = default_scopes"), 1);
        assert_eq!(operator.texts("SELECT sentence AS value FROM scopes WHERE name = 'read:things'"), ["read:things"]);
        let confidential = operator.json("app create --org acme-corp --name Reports --confidential --grant client_credentials");
        assert_eq!(members(&confidential), ["client_id", "client_secret"]);
        assert!(confidential["client_secret"].as_str().unwrap().len() >= 43);
        for (wrong, why) in [
            ("--public --grant client_credentials --scope fresh", "--confidential"),
            ("--public --grant refresh_token --scope fresh", "device_code"),
            ("--public --grant device_code --scope \"a\\b\"", "--scope"),
        ] {
            let said = operator.refused(2, &format!("app create --org acme-corp --name X {wrong}"));
            assert!(said.contains(why), "{said}");
        }
        assert_eq!(operator.count("scopes WHERE name = 'fresh'"), 0, "what was refused left nothing behind");
        assert!(operator.refused(1, "app create --org nowhere --name X --public --grant device_code").contains("no organization"));
    }

    fn applications_go_off_and_on_and_away(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let created = operator.json("app create --org acme-corp --name Reports --confidential --grant client_credentials");
        let client_id = created["client_id"].as_str().unwrap();
        let of = |command: &str| format!("app {command} --org acme-corp --client-id={client_id}");
        assert_eq!(operator.json(&of("disable")), json!({"client_id": client_id, "state": "disabled"}));
        assert_eq!(operator.run(&of("disable")).out, "Reports is already disabled.\n");
        assert_eq!(operator.json(&of("enable"))["state"], "active");
        let rotated = operator.json(&of("rotate-secret"));
        assert_eq!(members(&rotated), ["client_id", "client_secret"]);
        assert_ne!(rotated["client_secret"], created["client_secret"]);
        assert_eq!(operator.count("application_secrets"), 2);
        operator.json(&of("rotate-secret"));
        assert_eq!(operator.count("application_secrets"), 2);
        assert!(operator.refused(1, "app rotate-secret --org acme-corp --client-id doorward-cli").contains("no secret"));
        operator.json("org create beta");
        assert!(operator.refused(1, &format!("app delete --org beta --client-id={client_id}")).contains("has no application"));
        assert_eq!(operator.json(&of("delete"))["state"], "deleted");
        for command in ["disable", "enable", "delete", "rotate-secret"] {
            assert!(operator.refused(1, &of(command)).contains("has no application"));
        }
        assert_eq!(operator.json("app disable --org acme-corp --client-id doorward-cli")["state"], "disabled");
        assert!(operator.refused(1, "app delete --org acme-corp --client-id doorward-cli").contains("Disable it"));
    }

    fn a_rotated_key_is_published_before_it_signs(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let first = operator.json("key list --org acme-corp")[0].clone();
        let second = operator.json("key rotate --org acme-corp");
        assert_eq!(members(&second), ["alg", "kid", "org_id", "signs_from"]);
        let millis = operator.scratch.db().blocking().read("keys", |conn| conn.numbers_by_sql("SELECT signs_from - created_at AS value FROM signing_keys ORDER BY created_at")).unwrap();
        assert_eq!(millis, [0, 360_000], "as long as a list may be kept, and a minute");
        let keys = operator.json("key list --org acme-corp");
        assert_eq!(keys.as_array().unwrap().len(), 2);
        let [old, new] = [&first, &second].map(|key| keys.as_array().unwrap().iter().find(|listed| listed["kid"] == key["kid"]).unwrap().clone());
        assert!(old["published_until"].is_string() && new["published_until"].is_null(), "{keys}");
        // The first of its algorithm has no one to wait for, and neither has one that is asked for now.
        for (line, alg) in [("--alg EdDSA", "EdDSA"), ("--alg ES256 --now", "ES256")] {
            let key = operator.json(&format!("key rotate --org acme-corp {line}"));
            let listed = operator.json("key list --org acme-corp");
            let listed = listed.as_array().unwrap().iter().find(|listed| listed["kid"] == key["kid"]).unwrap().clone();
            assert_eq!((&key["alg"], &listed["signs_from"]), (&json!(alg), &listed["created_at"]));
        }
        assert_eq!(operator.count("audit WHERE action = 'key.rotated'"), 3);
        // One that leaked goes at once, and the others of its algorithm with it.
        let alone = operator.json("key rotate --org acme-corp --now --withdraw");
        let listed = operator.json("key list --org acme-corp");
        let of_alg: Vec<&Value> = listed.as_array().unwrap().iter().filter(|key| key["alg"] == "ES256").map(|key| &key["kid"]).collect();
        assert_eq!(of_alg, [&alone["kid"]]);
        assert_eq!(listed.as_array().unwrap().len(), 2);
        assert!(operator.refused(2, "key rotate --org acme-corp --withdraw").contains("--now"));
        assert!(operator.refused(1, "key rotate --org nowhere").contains("no organization"));
        assert!(operator.refused(2, "key rotate --org acme-corp --alg HS256").contains("HS256"));
    }

    fn a_doctor_finds_nothing_wrong_and_then_what_is(scratch: Scratch) {
        let mut operator = Operator::with_acme(scratch);
        let healthy = operator.run("doctor");
        assert_eq!((healthy.exit, healthy.err.as_str()), (0, ""), "{healthy:?}");
        for line in ["The database answers", "All migrations are applied", "opens the signing keys of all organizations (1)", "wait to go out: 0", "http://localhost:8080"] {
            assert!(healthy.out.contains(line), "{line}: {}", healthy.out);
        }
        assert!(operator.json("doctor").as_array().unwrap().iter().all(|finding| finding["level"] != "wrong"));
        assert!(!healthy.out.contains("passkeys"), "{}", healthy.out);
        let before = operator.env.insert("DOORWARD_PUBLIC_URL".to_owned(), "http://127.0.0.1:8080".to_owned());
        let by_address = operator.run("doctor");
        assert_eq!(by_address.exit, 0, "{by_address:?}");
        let told = "public_url has an IP address as its host, so passkeys are off; all else works.";
        assert_eq!(by_address.out.matches(told).count(), 1, "{}", by_address.out);
        match before {
            Some(before) => operator.env.insert("DOORWARD_PUBLIC_URL".to_owned(), before),
            None => operator.env.remove("DOORWARD_PUBLIC_URL"),
        };
        // A file of places, and one that is none.
        let places = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/places.mmdb");
        operator.env.insert("DOORWARD_GEOIP_FILE".to_owned(), places.to_owned());
        let well = operator.run("doctor");
        assert!(well.exit == 0 && well.out.contains("database of places"), "{well:?}");
        operator.env.insert("DOORWARD_GEOIP_FILE".to_owned(), file!().to_owned());
        let ill = operator.run("doctor");
        assert!(ill.exit == 1 && ill.out.contains("geoip_file"), "{ill:?}");
        operator.env.remove("DOORWARD_GEOIP_FILE");
        // Another master key.
        let data = operator.env["DOORWARD_DATA_DIR"].clone();
        let key = Path::new(&data).join("master.key");
        let kept = std::fs::read(&key).unwrap();
        let mut other = kept.clone();
        other[5] = if other[5] == b'A' { b'B' } else { b'A' };
        std::fs::write(&key, other).unwrap();
        let ill = operator.run("doctor --json");
        assert!(ill.exit == 1 && ill.err.contains("wrong"), "{ill:?}");
        let findings: Value = serde_json::from_str(&ill.out).unwrap();
        let wrong: Vec<&Value> = findings.as_array().unwrap().iter().filter(|finding| finding["level"] == "wrong").collect();
        assert!(wrong.len() == 1 && wrong[0]["finding"].as_str().unwrap().contains("(acme-corp)"), "{findings}");
        // None at all.
        std::fs::remove_file(&key).unwrap();
        assert!(operator.run("doctor").out.contains("is missing"));
        assert!(!key.exists(), "a doctor makes nothing");
        std::fs::write(&key, kept).unwrap();
        // No database.
        operator.env.insert("DOORWARD_DATABASE_URL".to_owned(), format!("sqlite://{data}/another.db"));
        let ill = operator.run("doctor");
        assert!(ill.exit == 1 && ill.out.contains("There is no database"), "{ill:?}");
        assert!(!Path::new(&data).join("another.db").exists(), "a doctor makes nothing");
        operator.env.insert("DOORWARD_DATABASE_URL".to_owned(), "postgres://doorward:hunter2@127.0.0.1:9/doorward".to_owned());
        let ill = operator.run("doctor");
        assert!(ill.exit == 1 && ill.out.contains("can't be reached") && !ill.out.contains("hunter2"), "{ill:?}");
    }

    fn commands_migrate_by_themselves(scratch: Scratch) {
        let kind = scratch.kind();
        drop(scratch);
        let operator = Operator::new(Scratch::unmigrated(kind));
        assert!(operator.run("doctor").out.contains("is not up to date"));
        assert_eq!(operator.json("org list"), json!([]));
        assert_eq!(operator.json("migrate"), json!({"migrated": true}));
        assert_eq!(operator.run("migrate").out, "The database is up to date.\n");
    }

    fn an_application_for_web_views_needs_no_grant(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let before = operator.count("applications");
        let create = "app create --org acme-corp --name X --public --scope openid";
        for (rest, why) in [
            ("", "--grant"),
            ("--grant device_code --post-registration-url https://app.example/welcome", "--embedded"),
            ("--embedded --post-registration-url http://app.example/welcome", "https"),
            ("--embedded --post-registration-url https://app.example/welcome#x", "#"),
            ("--embedded --post-registration-url com.example.app:/welcome", "https"),
        ] {
            let said = operator.refused(2, &format!("{create} {rest}"));
            assert!(said.contains(why), "{rest}: {said}");
        }
        operator.refused(2, "app create --instance --name X --public --embedded");
        assert_eq!(operator.count("applications"), before);
        let made = operator.json(&format!("{create} --embedded --post-registration-url http://127.0.0.1:9/welcome"));
        let all = operator.json("app list --org acme-corp");
        let listed = all.as_array().unwrap().iter().find(|app| app["client_id"] == made["client_id"]).unwrap().clone();
        assert_eq!((&listed["embedded"], &listed["grants"]), (&json!(true), &json!([])));
        assert_eq!(listed["post_registration_url"], "http://127.0.0.1:9/welcome");
    }

    fn the_server_itself_has_applications_and_scopes(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let own = operator.json("app list --instance");
        let names: Vec<&str> = own.as_array().unwrap().iter().map(|app| app["client_id"].as_str().unwrap()).collect();
        assert_eq!(names, ["doorward-mcp", "~unregistered"]);
        let made = operator.json("app create --instance --name Reports --public --grant device_code --token-kind mcp --scope read:financial");
        let client = made["client_id"].as_str().unwrap();
        let listed = operator.json("app list --instance");
        let app = listed.as_array().unwrap().iter().find(|app| app["client_id"] == client).unwrap().clone();
        assert_eq!((&app["token_kind"], &app["scope"]), (&json!("mcp"), &json!("read:financial")));
        let scopes = operator.json("scope list --instance");
        let names: Vec<&str> = scopes.as_array().unwrap().iter().map(|scope| scope["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["read", "read:financial", "write"]);
        operator.json("scope set --instance --name read:financial --sentence \"See your books\"");
        let service = operator.json("app create --instance --name Service --confidential --grant client_credentials");
        assert!(service["client_secret"].as_str().unwrap().len() > 40);
        operator.json(&format!("app disable --instance --client-id {client}"));
        operator.json(&format!("app delete --instance --client-id {client}"));
        for (line, why) in [
            ("app create --instance --name X --public --grant device_code", "--token-kind"),
            ("app create --instance --name X --public --grant refresh_token --grant device_code --token-kind mcp", "--grant device_code"),
            ("app create --org acme-corp --instance --name X --public --grant device_code --token-kind mcp", "cannot be used with"),
            ("app list", "--instance"),
        ] {
            let said = operator.refused(2, line);
            assert!(said.contains(why), "{line}: {said}");
        }
        let said = operator.refused(1, "app delete --instance --client-id doorward-mcp");
        assert!(said.contains("always there"), "{said}");
        let said = operator.refused(1, "app disable --instance --client-id nobody");
        assert!(said.contains("The server itself has no application"), "{said}");
        operator.json("app disable --instance --client-id doorward-mcp");
        // An organization's applications may have keys, too, and its policy may name the server's.
        operator.json("app create --org acme-corp --name Keys --public --grant device_code --token-kind api_key --scope read");
        operator.json("org set acme-corp --device-login-app doorward-mcp");
        assert_eq!(operator.json("org list").as_array().unwrap().len(), 1, "the server itself is no organization");
    }

    fn an_application_that_signs_in_in_the_browser_says_where_answers_go(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let before = operator.count("applications");
        let create = "app create --org acme-corp --name X --public --grant";
        for (rest, why) in [
            ("authorization_code", "--redirect-uri"),
            ("authorization_code --redirect-uri http://a.example/cb", "127.0.0.1"),
            ("authorization_code --redirect-uri https://a.example/#x", "#"),
            ("authorization_code --redirect-uri myapp:/cb", "com.example.app"),
            ("device_code --post-logout-redirect-uri nowhere", "https://app.example"),
        ] {
            let said = operator.refused(2, &format!("{create} {rest}"));
            assert!(said.contains(why), "{rest}: {said}");
        }
        assert_eq!(operator.count("applications"), before);
        operator.json(&format!("{create} authorization_code --redirect-uri https://a.example/cb --redirect-uri http://127.0.0.1/cb --post-logout-redirect-uri https://a.example/"));
        let listed = operator.json("app list --org acme-corp");
        let made = listed.as_array().unwrap().iter().find(|app| app["name"] == "X").unwrap();
        assert_eq!(made["redirect_uris"], json!(["https://a.example/cb", "http://127.0.0.1/cb"]));
    }

    fn a_wrong_command_line_is_told_apart_from_what_fails(scratch: Scratch) {
        let mut operator = Operator::new(scratch);
        for line in [
            "",
            "org",
            "org create ACME",
            "org create acme;x",
            "org create acme --name \" \"",
            "user create --email nobody --name Ada",
            "user create --email ada@acme.example --name Ada --role owner",
            "user create --email ada@acme.example --name Ada --allow-weak-password",
            "user set-password --email ada@acme.example",
            "member add --org acme --email ada@acme.example --role king",
            "app create --org acme --name X --grant device_code",
            "app create --org acme --name X --grant device_code --public --confidential",
            "app create --org acme --name X --public",
            "app create --org acme --name X --public --grant password",
            "app create --name X --public --grant device_code",
            "bogus",
        ] {
            operator.refused(2, line);
        }
        let help = operator.run("--help");
        assert!(help.exit == 0 && help.out.contains("doctor") && help.err.is_empty(), "{help:?}");
        operator.env.insert("DOORWARD_LISTEN".to_owned(), "nowhere".to_owned());
        assert!(operator.refused(1, "org list").starts_with("DOORWARD_LISTEN is \"nowhere\""));
        operator.env.insert("DOORWARD_LISTEN".to_owned(), String::new());
        operator.env.insert("DOORWARD_LISTNE".to_owned(), "nowhere".to_owned());
        let warned = operator.run("org list --json");
        assert_eq!((warned.exit, warned.out.as_str()), (0, "[]\n"));
        assert!(warned.err.contains("DOORWARD_LISTNE is not a setting"), "{warned:?}");
    }

    fn people_get_tables_and_sentences(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        assert_eq!(operator.run("member list --org acme-corp").out, "E-MAIL            NAME  ROLE   STATE\nada@acme.example  Ada   owner  active\n");
        let created = operator.run("org create beta");
        assert_eq!(created.out, "Created beta with the application doorward-cli. Its issuer is http://localhost:8080/orgs/beta\n");
        let secret = operator.run("app create --org beta --name Reports --confidential --grant client_credentials").out;
        assert!(secret.contains("Client id: ") && secret.contains("Client secret, shown this once: "), "{secret}");
        assert!(!secret.contains("New in the catalogue"), "{secret}");
        // A logo is a file, or nothing.
        let file = tempfile::tempdir().unwrap();
        let (good, bad) = (file.path().join("good.png"), file.path().join("bad.png"));
        std::fs::write(&good, crate::logos::PICTURE).unwrap();
        std::fs::write(&bad, "<svg/>").unwrap();
        let set = |logo: &str| operator.run(&format!("org set beta --json --logo {logo}"));
        assert!(!set(good.to_str().unwrap()).out.contains("\"logo\":null"));
        for wrong in [bad.to_str().unwrap(), "/nowhere/logo.png"] {
            let refused = set(wrong);
            assert!(refused.exit == 2 && refused.err.contains(&format!("--logo {wrong}: ")), "{refused:?}");
        }
        assert!(set("\"\"").out.contains("\"logo\":null"));
        // What is misspelt is seen.
        let scoped = operator.run("app create --org beta --name Desk --public --grant device_code --scope \"openid raed\"").out;
        assert!(scoped.contains("New in the catalogue of scopes: raed. "), "{scoped}");
        let capped = operator.run("org set beta --device-scope-ceiling \"read raed wirte\"").out;
        assert_eq!(capped, "The settings of beta are stored. No catalogue has these scopes of the ceiling: wirte.\n");
    }
}

#[test]
fn a_busy_sqlite_is_waited_for() {
    let operator = Operator::with_acme(Scratch::new(EngineKind::Sqlite));
    let other = operator.scratch.open(operator.scratch.config());
    let (held, holds) = std::sync::mpsc::channel();
    let holder = std::thread::spawn(move || {
        // Longer than SQLite itself waits, shorter than a command does.
        let hold = move |_: &mut store::Conn| {
            let _nobody_waits = held.send(());
            std::thread::sleep(Duration::from_millis(3_000));
            Ok(())
        };
        other.blocking().write("hold", Class::Relaxed, hold).unwrap();
    });
    holds.recv().unwrap();
    assert_eq!(operator.json("org list").as_array().unwrap().len(), 1, "reading does not wait");
    operator.json("org create beta");
    holder.join().unwrap();
}

/// Hands connections on to `server` once it may; until then each ends at once. The port is its own from the beginning: one that
/// nothing listens at is somebody else's a moment later.
fn forward(server: SocketAddr) -> (SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (address, open) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
    let may = open.clone();
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        std::thread::spawn(move || {
            let _broken = std::io::copy(&mut from, &mut to);
            let _closed = to.shutdown(Shutdown::Write);
        });
    };
    std::thread::spawn(move || {
        for client in listener.incoming().filter(|_| may.load(Ordering::SeqCst)) {
            let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
            copy(client.try_clone().unwrap(), server.try_clone().unwrap());
            copy(server, client);
        }
    });
    (address, open)
}

#[test]
fn a_postgresql_that_comes_late_is_migrated_when_it_comes() {
    let scratch = Scratch::unmigrated(EngineKind::Postgres);
    let url = url::Url::parse(scratch.url()).unwrap();
    let postgres = url.socket_addrs(|| Some(5432)).unwrap()[0];
    let (address, open) = forward(postgres);
    let mut late = url.clone();
    late.set_host(Some("127.0.0.1")).unwrap();
    late.set_port(Some(address.port())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let env = |url: &str| {
        let data = folder.path().display().to_string();
        BTreeMap::from([("DOORWARD_DATA_DIR".to_owned(), data), ("DOORWARD_DATABASE_URL".to_owned(), url.to_owned())])
    };
    let (config, _) = Config::load(None, &env(late.as_str())).unwrap();
    assert!(Engine::open(&config).is_err());
    let (tell, told) = std::sync::mpsc::channel::<String>();
    let engine = Engine::open_to_serve(&config, move |problem| tell.send(problem.to_string()).unwrap()).unwrap();
    assert!(engine.db.blocking().ready().is_err());
    open.store(true, Ordering::SeqCst);
    // Nobody is left to say anything once it is settled; before that the database must not go.
    let ended = told.recv_timeout(Duration::from_secs(60));
    assert_eq!(ended, Err(std::sync::mpsc::RecvTimeoutError::Disconnected), "it is reachable and was not migrated");
    assert!(engine.db.blocking().ready().is_ok());
    let key_file = folder.path().join("master.key");
    // The key that was made is the one that the server runs with.
    let made = Keyring::new(server::engine::master_key::read(&key_file).unwrap().unwrap());
    assert_eq!(made.key(Purpose::Csrf).expose(), engine.keyring.key(Purpose::Csrf).expose());
    assert!(engine.db.blocking().read("organizations", store::tables::organizations::all).unwrap().is_empty());
}
