//! What the writer and the threads of PostgreSQL sustain: the statements of a device grant, on its own tables, without the
//! server. On SQLite *savepoint a job*: one closure in a savepoint, as many to a group as wait. On PostgreSQL *four
//! statements*: select, insert, update, insert in a transaction on each of eight connections.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on has nobody to tell but its reader")]

use criterion::{Criterion, Throughput};
use model::context::Origin;
use model::fault::Fault;
use model::grant::Grant;
use model::id::{ApplicationId, ClientId, OrgId};
use model::moment::Moment;
use model::secret::{Digest, Purpose};
use model::terms::{Backoff, GrantTerms, OrgBinding, TokenProfile};
use model::user_code::UserCodeFormat;
use protocol::scope::Scopes;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use store::tables::applications;
use store::tables::code_directory::{self, Directions};
use store::tables::grants::{self, CodeDigests};
use store::{Class, Conn, Db, DbConfig};
use testkit::clock::TestClock;
use testkit::{EngineKind, Scratch};
use tokio::runtime::Runtime;

/// Callers that wait at the same time.
const CALLERS: u64 = 64;

const CLASSES: [(&str, Class); 2] = [("relaxed", Class::Relaxed), ("durable", Class::Durable)];

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    sqlite(&mut criterion, &runtime);
    if std::env::var_os("DOORWARD_TEST_POSTGRES").is_some() {
        postgres(&mut criterion, &runtime);
    } else {
        println!("PostgreSQL is left out: DOORWARD_TEST_POSTGRES names no server");
    }
    criterion.final_summary();
}

fn sqlite(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = criterion.benchmark_group("sqlite, a savepoint a job");
    group.throughput(Throughput::Elements(CALLERS));
    for (name, class) in CLASSES {
        let scratch = Scratch::new(EngineKind::Sqlite);
        let bench = Bench::new(scratch.db());
        group.bench_function(format!("grant, {name}"), |bencher| {
            bencher.iter(|| bench.all_at_once(runtime, class, Bench::add));
        });
        group.bench_function(format!("client read and grant, {name}"), |bencher| {
            bencher.iter(|| bench.all_at_once(runtime, class, Bench::read_and_add));
        });
    }
    group.finish();
}

fn postgres(criterion: &mut Criterion, runtime: &Runtime) {
    let scratch = Scratch::new(EngineKind::Postgres);
    let bench = Bench::new(scratch.open(DbConfig { pg_threads: 8, ..scratch.config() }));
    let mut group = criterion.benchmark_group("postgres, 8 connections");
    group.throughput(Throughput::Elements(CALLERS));
    for (name, class) in CLASSES {
        group.bench_function(format!("four statements, {name}"), |bencher| {
            bencher.iter(|| bench.all_at_once(runtime, class, Bench::four_statements));
        });
    }
    group.finish();
}

/// An organization with an application, and what a grant of it is made of.
#[derive(Clone)]
struct Bench {
    db: Db,
    org: OrgId,
    application: ApplicationId,
    clock: TestClock,
}

impl Bench {
    fn new(db: Db) -> Self {
        let clock = TestClock::default();
        let application = ApplicationId::draw(&clock.moment());
        let blob: String = application.uuid().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        db.maintenance(|conn| {
            let id = if conn.is_postgres() { format!("'\\x{blob}'") } else { format!("x'{blob}'") };
            conn.execute_sql(
                "INSERT INTO organizations (org_id, name, signing_alg, refresh_absolute_ms, refresh_idle_ms, refresh_grace_ms, state, created_at) \
                 VALUES ('acme', 'Acme', 'ES256', 1, 1, 1, 'active', 1)",
            )?;
            conn.execute_sql(&format!(
                "INSERT INTO applications (org_id, id, client_id, revision, state, kind, name, grants, scopes, default_scopes, code_expiration_ms, \
                 poll_interval_ms, user_code_format, prefilled_uri, access_lifetime_ms, created_at) VALUES ('acme', {id}, 'cli', 0, 'active', 'public', \
                 'CLI', 'device_code refresh_token', 'openid profile', 'openid profile', 1800000, 5000, 'XXXX-XXXX', TRUE, 3600000, 1)",
                id = id.replace("\\\\", "\\"),
            ))
        })
        .unwrap();
        Self { db, org: OrgId::parse("acme").unwrap(), application, clock }
    }

    fn add(&self, conn: &mut Conn) -> Result<Grant, Fault> {
        // Ids grow with time, and so does their place in the index.
        self.clock.advance(Duration::from_millis(1));
        let moment = self.clock.moment();
        let grant = self.grant(&moment);
        let digest = |purpose| Digest::of(purpose, &grant.id.to_string());
        let codes = CodeDigests { device_code: digest(Purpose::DeviceCode), user_code: digest(Purpose::Csrf) };
        let directions = Directions { org_id: self.org.clone(), grant_id: grant.id };
        assert!(code_directory::insert(conn, &codes.user_code, &directions, grant.expires_at, None)?);
        grants::insert(conn, &self.org, &grant, &codes)?;
        Ok(grant)
    }

    fn read_and_add(&self, conn: &mut Conn) -> Result<Grant, Fault> {
        black_box(applications::by_client_id(conn, &self.org, &ClientId::from_wire("cli"))?);
        self.add(conn)
    }

    fn four_statements(&self, conn: &mut Conn) -> Result<Grant, Fault> {
        let grant = self.read_and_add(conn)?;
        grants::grow_interval(conn, &self.org, grant.id, Duration::from_secs(10))?;
        Ok(grant)
    }

    fn grant(&self, moment: &Moment) -> Grant {
        let terms = GrantTerms {
            profile: TokenProfile::Jwt,
            binding: OrgBinding::Fixed(self.org.clone()),
            backoff: Backoff::AddFive,
            interval: Duration::from_secs(5),
            lifetime: Duration::from_secs(1800),
            scopes: Scopes::parse("openid profile").unwrap(),
            resources: Vec::new(),
            code_challenge: None,
            user_code_format: UserCodeFormat::FourFour,
        };
        let origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), program: "bench".to_owned() };
        Grant::open(moment, (self.org.clone(), self.application), None, terms, origin)
    }

    fn all_at_once(&self, runtime: &Runtime, class: Class, job: fn(&Self, &mut Conn) -> Result<Grant, Fault>) {
        runtime.block_on(async {
            let asked: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (db, bench) = (self.db.clone(), self.clone());
                    tokio::spawn(async move { db.write("bench", class, move |conn| job(&bench, conn)).await })
                })
                .collect();
            for answer in asked {
                answer.await.unwrap().unwrap();
            }
        });
    }
}
