use super::*;
use model::id::OrgId;
use model::secret::Purpose;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use store::Class;
use tempfile::TempDir;

fn config(folder: &Path, more: &[(&str, &str)]) -> Config {
    let mut env = BTreeMap::from([("DOORWARD_DATA_DIR".to_owned(), folder.join("data").display().to_string())]);
    env.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Config::load(None, &env).unwrap().0
}

fn place() -> (TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &[]);
    (folder, config)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn problem(config: &Config) -> String {
    Engine::open(config).unwrap_err().to_string()
}

fn csrf(engine: &Engine) -> [u8; 32] {
    *engine.keyring.key(Purpose::Csrf).expose()
}

/// Seals a signing key of an organization in the database, as creating one does.
fn fill(engine: &Engine) {
    let (acme, moment) = (OrgId::parse("acme").unwrap(), clock::moment());
    let name = model::name::DisplayName::parse("Acme").unwrap();
    let key = issuer::keys::make(&acme, model::algorithm::Algorithm::Es256, &engine.keyring, &moment).unwrap();
    let write = move |conn: &mut Conn| {
        directory::organizations::create(conn, &acme, &name, &model::audit::By::operator(&moment))?;
        issuer::keys::add_first(conn, &acme, &key, moment.now())
    };
    engine.db.blocking().write("fill", Class::Durable, write).unwrap();
}

#[test]
fn the_first_start_makes_folder_and_key_for_the_owner_alone() {
    let (_folder, config) = place();
    let first = Engine::open(&config).unwrap();
    assert_eq!((mode(&config.data_dir), mode(&config.master_key_file)), (0o700, 0o600));
    let text = fs::read_to_string(&config.master_key_file).unwrap();
    assert!(text.starts_with("1:") && text.len() == 2 + 43 + 1, "{}", text.len());
    fill(&first);
    assert_eq!(csrf(&Engine::open(&config).unwrap()), csrf(&first));
    let names: Vec<PathBuf> = fs::read_dir(&config.data_dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.iter().all(|path| !path.to_string_lossy().contains(".master-key-")), "{names:?}");
}

#[test]
fn a_missing_key_beside_data_stops_the_start() {
    let (_folder, config) = place();
    fill(&Engine::open(&config).unwrap());
    fs::remove_file(&config.master_key_file).unwrap();
    let said = problem(&config);
    assert!(said.contains("is missing") && said.contains("Restore"), "{said}");
    assert!(!config.master_key_file.exists());
}

#[test]
fn a_missing_key_beside_an_empty_database_is_made_again() {
    let (_folder, config) = place();
    let first = csrf(&Engine::open(&config).unwrap());
    fs::remove_file(&config.master_key_file).unwrap();
    assert_ne!(csrf(&Engine::open(&config).unwrap()), first);
}

#[test]
fn another_databases_key_stops_the_start() {
    let ((_folder, config), (_other_folder, other)) = (place(), place());
    fill(&Engine::open(&config).unwrap());
    Engine::open(&other).unwrap();
    fs::copy(&other.master_key_file, &config.master_key_file).unwrap();
    let said = problem(&config);
    assert!(said.contains("does not open the keys in this database"), "{said}");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (_folder, config) = place();
    Engine::open(&config).unwrap();
    for open in [0o640, 0o604, 0o660] {
        chmod(&config.master_key_file, open);
        let said = problem(&config);
        assert!(said.contains(&format!("{open:04o}")) && said.contains("chmod 600"), "{said}");
    }
    chmod(&config.master_key_file, 0o400);
    Engine::open(&config).unwrap();
}

#[test]
fn a_file_without_a_key_is_refused_and_kept() {
    let (_folder, config) = place();
    Engine::open(&config).unwrap();
    let good = fs::read_to_string(&config.master_key_file).unwrap();
    for bad in ["", "1:", "1:c2hvcnQ\n", &good.replacen("1:", "2:", 1), &good[2..], "\u{fffd}"] {
        fs::write(&config.master_key_file, bad).unwrap();
        let said = problem(&config);
        assert!(said.contains("holds no master key"), "{said}");
        assert_eq!(fs::read_to_string(&config.master_key_file).unwrap(), bad);
    }
}

#[test]
fn starters_at_the_same_time_end_with_one_key() {
    for _ in 0..5 {
        let (_folder, config) = place();
        let barrier = std::sync::Barrier::new(6);
        let start = || {
            barrier.wait();
            csrf(&Engine::open(&config).unwrap())
        };
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let starters: Vec<_> = (0..6).map(|_| scope.spawn(start)).collect();
            starters.into_iter().map(|starter| starter.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }
}

#[test]
fn a_key_made_by_a_faster_starter_is_taken_although_the_database_is_no_longer_empty() {
    let (_folder, config) = place();
    let made_meanwhile = || {
        fill(&Engine::open(&config).unwrap());
        Ok(false)
    };
    make_folder(&config.data_dir).unwrap();
    let key = master_key::read_or_make(&config.master_key_file, made_meanwhile, &clock::moment()).unwrap();
    assert_eq!(key.expose(), master_key::read(&config.master_key_file).unwrap().unwrap().expose());
}

#[test]
fn a_data_folder_that_cannot_be_made_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let below_a_file = folder.path().join("file/data").display().to_string();
    let said = problem(&config(folder.path(), &[("DOORWARD_DATA_DIR", &below_a_file)]));
    assert!(said.contains("can't be made") && said.contains("DOORWARD_DATA_DIR"), "{said}");
}

#[test]
fn a_postgresql_that_is_down_stops_commands_and_not_the_server() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens on the discard port.
    let config =
        config(folder.path(), &[("DOORWARD_DATABASE_URL", "postgres://doorward:hunter2@127.0.0.1:9/doorward")]);
    let said = problem(&config);
    assert!(said.contains("can't be reached") && !said.contains("hunter2"), "{said}");
    let engine = Engine::open_to_serve(&config, |problem| panic!("{problem}")).unwrap();
    assert!(engine.db.blocking().ready().is_err());
    // Only a database that has proved to be empty gets a new key.
    assert!(!config.master_key_file.exists());
}
