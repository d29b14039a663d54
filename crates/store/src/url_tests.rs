use super::*;

fn conninfo(url: &str) -> String {
    match parse(url) {
        Ok(Target::Postgres { conninfo, .. }) => conninfo,
        Ok(Target::Sqlite(_)) => panic!("{url} is PostgreSQL's"),
        Err(error) => panic!("{url}: {error}"),
    }
}

fn refusal(url: &str) -> String {
    parse(url).err().unwrap_or_else(|| panic!("{url} should be refused")).to_string()
}

#[test]
fn a_url_becomes_a_connection_string() {
    let text = conninfo("postgres://me:p%40ss%27@127.0.0.1:5601/door?sslmode=prefer");
    assert!(
        text.starts_with(r"user='me' password='p@ss\'' host='127.0.0.1' port='5601' dbname='door' sslmode='prefer'"),
        "{text}"
    );
    assert!(text.contains("connect_timeout='3'"), "{text}");
    assert!(conninfo("postgresql://me@[::1]:5601/door").contains("host='::1' port='5601'"));
    assert!(conninfo("postgres:///door?host=/run/postgresql").contains("host='/run/postgresql'"));
    assert!(conninfo("postgres://me@%2Ftmp%2Fsock/door").contains("host='/tmp/sock'"));
    assert!(conninfo("postgres://localhost,127.0.0.1:2/door").contains("host='localhost,127.0.0.1' port=',2'"));
    let own = conninfo("postgres://localhost/door?connect_timeout=9");
    assert!(own.contains("connect_timeout='9'") && !own.contains("connect_timeout='3'"), "{own}");
}

#[test]
fn a_host_elsewhere_needs_a_word() {
    for url in [
        "postgres://me:hunter2@db.example.com/door",
        "postgres://me:hunter2@10.0.0.1/door?sslmode=prefer",
        "postgres://me:hunter2@localhost,db.example.com/door",
        "postgres://me:hunter2@localhost/door?host=db.example.com",
        "postgres://me:hunter2@localhost/door?hostaddr=10.0.0.1",
        "postgres://me:hunter2@/door",
        "postgres://me:hunter2@localhost/door?service=x",
        "postgres://me:hunter2@localhost/door?sslmode=require",
        "postgres://me:hunter2%@localhost/door",
        "mysql://me:hunter2@localhost/door",
        "hunter2",
    ] {
        let sentence = refusal(url);
        assert!(!sentence.contains("hunter2"), "{sentence}");
        assert!(
            sentence.contains("sslmode") || sentence.contains("write ") || sentence.contains("must begin"),
            "{sentence}"
        );
    }
    assert!(conninfo("postgres://me@db.example.com/door?sslmode=disable").contains("host='db.example.com'"));
}

#[test]
fn a_url_for_people_has_no_password() {
    assert_eq!(redacted("postgres://me:hun@ter2@127.0.0.1:5432/door?password=x"), "postgres://127.0.0.1:5432/door");
    assert_eq!(redacted("sqlite:///data/doorward.db"), "sqlite:///data/doorward.db");
    assert_eq!(redacted("hunter2"), "(not a database URL)");
}

#[test]
fn sqlite_needs_a_folder() {
    assert!(matches!(parse("sqlite:///tmp/x.db"), Ok(Target::Sqlite(path)) if path == Path::new("/tmp/x.db")));
    assert!(matches!(parse("sqlite://x.db"), Ok(Target::Sqlite(path)) if path.is_absolute() && path.ends_with("x.db")));
    assert!(refusal("sqlite:///no/such/folder/x.db").contains("/no/such/folder"));
    for url in ["sqlite://", "sqlite://:memory:", "sqlite:///tmp/", "sqlite:///tmp/x.db?mode=ro"] {
        assert!(refusal(url).contains("names no file"), "{url}");
    }
}
