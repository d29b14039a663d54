use super::*;
use model::secret::Secret;
use model::time::Timestamp;
use serde_json::json;
use std::sync::Barrier;
use std::thread;

fn key(org: &str) -> LoginKey {
    LoginKey {
        server: "https://auth.example".into(),
        org: org.into(),
        dialect: Dialect::Rfc8628,
        client_id: "acme-cli".into(),
    }
}

fn login(org: &str, access_token: &str) -> Login {
    Login {
        key: key(org),
        tokens: Tokens {
            access_token: Secret::new(access_token.into()),
            expires_at: Timestamp::from_seconds(1_700_000_000),
            refresh_token: Some(Secret::new("rt".into())),
            id_token: None,
            scope: "openid".into(),
        },
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("config/doorward"));
    (folder, store)
}

fn only(org: &str) -> Selection {
    Selection { org: Some(org.into()), ..Selection::default() }
}

fn found(store: &Store, selection: &Selection) -> Option<String> {
    store.find(selection).unwrap().map(|login| format!("{} {}", login.key.org, login.tokens.access_token.expose()))
}

#[tokio::test]
async fn several_logins_are_kept_and_the_last_is_the_current_one() {
    let (_folder, store) = store();
    assert_eq!(found(&store, &Selection::default()), None);
    store.keep(login("acme", "a1")).await.unwrap();
    store.keep(login("beta", "b1")).await.unwrap();
    assert_eq!(found(&store, &Selection::default()).unwrap(), "beta b1");
    assert_eq!(found(&store, &only("acme")).unwrap(), "acme a1");
    store.keep(login("acme", "a2")).await.unwrap();
    assert_eq!(found(&store, &Selection::default()).unwrap(), "acme a2");
    assert_eq!(found(&store, &only("gamma")), None);

    let back = store.get(&key("acme")).unwrap().unwrap();
    assert_eq!(back.tokens.expires_at, Timestamp::from_seconds(1_700_000_000));
    assert_eq!(back.tokens.refresh_token.unwrap().expose(), "rt");
}

#[tokio::test]
async fn without_a_current_one_the_only_one_is_meant_and_several_are_not_guessed() {
    let (_folder, store) = store();
    for org in ["acme", "beta", "gamma"] {
        store.keep(login(org, "t")).await.unwrap();
    }
    store.remove(&key("gamma")).await.unwrap();
    assert!(matches!(store.find(&Selection::default()), Err(StoreError::Several)));
    assert_eq!(found(&store, &only("beta")).unwrap(), "beta t");
    store.remove(&key("acme")).await.unwrap();
    assert_eq!(found(&store, &Selection::default()).unwrap(), "beta t");
}

#[tokio::test]
async fn one_place_may_have_a_login_of_each_dialect() {
    let (_folder, store) = store();
    store.keep(login("acme", "tokens")).await.unwrap();
    let mut lasting = login("acme", "key");
    lasting.key = LoginKey { dialect: Dialect::ApiKey, client_id: String::new(), ..key("acme") };
    store.keep(lasting.clone()).await.unwrap();
    let by = |dialect| Selection { dialect: Some(dialect), ..Selection::default() };
    assert_eq!(found(&store, &by(Dialect::Rfc8628)).unwrap(), "acme tokens");
    assert_eq!(found(&store, &by(Dialect::ApiKey)).unwrap(), "acme key");
    assert_eq!(found(&store, &by(Dialect::Mcp)), None);
    assert_eq!(found(&store, &lasting.key.clone().into()).unwrap(), "acme key");
    store.remove(&lasting.key).await.unwrap();
    assert_eq!(found(&store, &only("acme")).unwrap(), "acme tokens");
}

#[tokio::test]
async fn what_was_kept_before_there_were_dialects_is_read_and_written_as_it_was() {
    let (_folder, store) = store();
    let old = json!({
        "version": 1,
        "current": {"server": "https://auth.example", "org": "acme", "client_id": "acme-cli"},
        "logins": [{
            "server": "https://auth.example", "org": "acme", "client_id": "acme-cli", "access_token": "at",
            "expires_at": 1_700_000_000, "refresh_token": "rt", "scope": "openid",
        }],
    });
    fs::create_dir_all(&store.folder).unwrap();
    fs::write(store.folder.join(FILE), old.to_string()).unwrap();
    assert_eq!(store.find(&Selection::default()).unwrap().unwrap().key, key("acme"));
    store.remove(&key("beta")).await.unwrap();
    let written: serde_json::Value = serde_json::from_slice(&fs::read(store.folder.join(FILE)).unwrap()).unwrap();
    assert_eq!(written, old);
}

#[tokio::test]
async fn a_damaged_file_is_neither_believed_nor_overwritten() {
    let (_folder, store) = store();
    store.keep(login("acme", "t")).await.unwrap();
    let path = store.folder.join(FILE);
    for damage in ["", "{", r#"{"version":2,"current":null,"logins":[]}"#] {
        fs::write(&path, damage).unwrap();
        assert!(matches!(store.find(&Selection::default()), Err(StoreError::Damaged(_))));
        assert!(matches!(store.keep(login("beta", "t")).await, Err(StoreError::Damaged(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), damage);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (_folder, store) = store();
    fs::create_dir_all(&store.folder).unwrap();
    fs::set_permissions(&store.folder, fs::Permissions::from_mode(0o755)).unwrap();
    // What a crash left behind, with permissions of its own.
    fs::write(store.folder.join(NEW_FILE), "half").unwrap();
    fs::set_permissions(store.folder.join(NEW_FILE), fs::Permissions::from_mode(0o644)).unwrap();
    store.keep(login("acme", "t")).await.unwrap();
    assert_eq!(mode(&store.folder), 0o700);
    assert_eq!(mode(&store.folder.join(FILE)), 0o600);
    assert_eq!(mode(&store.folder.join(LOCK_FILE)), 0o600);
    assert!(!store.folder.join(NEW_FILE).exists());
}

#[test]
fn parallel_writers_lose_nothing_and_readers_never_see_half_a_file() {
    let (_folder, store) = store();
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        for number in 0..16 {
            let (store, barrier) = (&store, &barrier);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                barrier.wait();
                for round in 0..5 {
                    runtime.block_on(store.keep(login(&format!("org{number}"), &round.to_string()))).unwrap();
                    assert!(store.get(&key(&format!("org{number}"))).unwrap().is_some());
                }
            });
        }
    });
    assert_eq!(store.read().unwrap().logins.len(), 16);
    assert!(store.read().unwrap().logins.iter().all(|login| login.access_token == "4"));
}

#[test]
fn nothing_secret_is_printed() {
    assert!(!format!("{:?}", login("acme", "hunter2")).contains("hunter2"));
}
