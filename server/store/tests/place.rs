//! Where the tests' databases lie: in a SQLite file each, or, where the tests are run once more for it,
//! in a PostgreSQL of their own.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use sea_orm::{ConnectionTrait, Database};
use store::Store;
use tempfile::TempDir;
use uuid::Uuid;

/// Set where the tests run against PostgreSQL: the address of its server, without a database.
const SERVER: &str = "TRUBKA_TEST_POSTGRES";

/// A place for one test. The folder goes with it.
pub struct Place {
    folder: TempDir,
    url: Option<String>,
}

impl Place {
    /// An empty one.
    pub async fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match std::env::var(SERVER) {
            Ok(server) => Some(new_database(&server).await),
            Err(_) => None,
        };
        Self { folder, url }
    }

    /// Its address, if it is PostgreSQL's.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The database in it.
    pub async fn open(&self) -> Store {
        match &self.url {
            Some(url) => Store::connect(url).await.unwrap(),
            None => Store::open(&self.folder.path().join("trubka.db"))
                .await
                .unwrap(),
        }
    }
}

async fn new_database(server: &str) -> String {
    let name = format!("t{}", Uuid::now_v7().simple());
    let admin = Database::connect(url(server, "postgres")).await.unwrap();
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    admin.close().await.unwrap();
    url(server, &name)
}

fn url(server: &str, database: &str) -> String {
    format!("postgres://trubka@{server}/{database}")
}

/// Every test of this program once more, against PostgreSQL.
#[test]
fn all_of_it_holds_on_postgresql() {
    if std::env::var(SERVER).is_ok() {
        return;
    }
    let server = Postgres::start();
    let again = Command::new(std::env::current_exe().unwrap())
        .env(SERVER, &server.address)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{said}");
    let passed = |name: &str| said.contains(&format!("{name} ... ok"));
    assert!(
        passed("contacts::any_part_of_a_name_or_number_is_found_in_any_case"),
        "{said}"
    );
}

/// A PostgreSQL on a free port of this computer; it ends with the value.
struct Postgres {
    server: Child,
    address: String,
    _folder: TempDir,
}

impl Postgres {
    fn start() -> Self {
        // Where the user it runs as gets in, whatever TMPDIR says.
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let data = folder.path().join("data");
        let is_root = nobody_else_may_own(folder.path());
        let initdb = [
            "-U",
            "trubka",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ];
        let made = program("initdb", is_root)
            .args(initdb)
            .arg("-D")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut server = program("postgres", is_root)
            .arg("-D")
            .arg(&data)
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "-c",
                "fsync=off",
                "-k",
                "",
            ])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(server.stderr.take().unwrap());
        let mut lines = said.lines().map_while(Result::ok);
        let is_ready = |line: &String| line.contains("ready to accept connections");
        assert!(
            lines.any(|line| is_ready(&line)),
            "PostgreSQL did not start"
        );
        // Whatever else it says is read, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            server,
            address: format!("127.0.0.1:{port}"),
            _folder: folder,
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// PostgreSQL runs for nobody who is root: then the folder becomes its own user's.
fn nobody_else_may_own(folder: &Path) -> bool {
    let uid = Command::new("id").arg("-u").output().unwrap();
    let is_root = uid.stdout.trim_ascii() == b"0";
    if is_root {
        let given = Command::new("chown").arg("postgres").arg(folder).status();
        assert!(given.unwrap().success());
    }
    is_root
}

/// One of PostgreSQL's, of the newest version there is.
fn program(name: &str, as_postgres: bool) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").unwrap();
    let mut folders: Vec<PathBuf> = versions.map(|one| one.unwrap().path()).collect();
    folders.sort();
    let program = folders.pop().unwrap().join("bin").join(name);
    if !as_postgres {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    command
}
