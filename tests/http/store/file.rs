//! The database file: who can read it, who may open it, and what it contains.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use kestra_mcp::store::{
    Column, Hash, OpenError, SigningKey, Store, StoreError, Target, UpstreamState, check_ring,
    sqlite,
};

use super::{
    NOW, Stand, claim, code, credential, form, grant, key, login, refresh, ring_of, rotation,
    ticket, transaction, upstream, user,
};

async fn connect(path: &Path) -> sqlx::SqlitePool {
    let address = format!("sqlite:{}", path.display());
    sqlx::SqlitePool::connect(&address).await.unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let stand = Stand::new().await;
    let path = stand.path();
    let folder = path.parent().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    let ends = ["", "-shm", "-wal", ".lock"];
    assert_eq!(names, ends.map(|end| format!("kestra-mcp.db{end}")));
    // The mode of a file that others could read is fixed; a folder of the operator is left alone.
    stand.store.close().await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let again = sqlite::open(&path).await.unwrap();
    assert_eq!((mode(&path), mode(folder)), (0o600, 0o755));
    again.ping().await.unwrap();
}

#[tokio::test]
async fn a_write_is_durable_before_it_is_acknowledged() {
    let stand = Stand::with_grant("g").await;
    let path = stand.path();
    let pool = connect(&path).await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(mode, "wal");
    pool.close().await;
    // As after a crash: what is on the disk now, opened elsewhere.
    let copy = stand.folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    let log = |path: &Path| format!("{}-wal", path.display());
    fs::copy(log(&path), log(&copy)).unwrap();
    let copied = sqlite::open(&copy).await.unwrap();
    assert!(copied.grant("g").await.unwrap().is_some());
}

#[tokio::test]
async fn a_second_server_is_refused_and_a_command_is_not() {
    let stand = Stand::new().await;
    let path = stand.path();
    let second = sqlite::open(&path).await;
    let error = second.unwrap_err();
    assert!(matches!(error, StoreError::Taken { .. }), "{error}");
    // Under any path to the file.
    let link = stand.folder.path().join("link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(path.parent().unwrap(), &link).unwrap();
    #[cfg(unix)]
    assert!(matches!(
        sqlite::open(&link.join("kestra-mcp.db")).await,
        Err(StoreError::Taken { .. })
    ));
    let command = sqlite::beside(&path).await.unwrap();
    command.put_ticket(&ticket("from beside")).await.unwrap();
    let seen = stand.store.ticket(Hash::of("from beside"), NOW).await;
    assert!(seen.unwrap().is_some());
    stand.store.put_ticket(&ticket("from here")).await.unwrap();
    let seen = command.ticket(Hash::of("from here"), NOW).await;
    assert!(seen.unwrap().is_some());

    stand.store.close().await;
    let after = stand.store.ping().await;
    assert!(matches!(after, Err(StoreError::Unavailable(_))));
    let next = sqlite::open(&path).await.unwrap();
    next.ping().await.unwrap();
    drop(next);
    sqlite::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_command_creates_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent.db");
    let missing = sqlite::beside(&path).await;
    assert!(matches!(missing, Err(StoreError::Absent { .. })));
    assert!(!path.exists());
}

#[tokio::test]
async fn a_newer_database_and_a_file_that_is_not_one_are_refused() {
    let stand = Stand::new().await;
    let path = stand.path();
    let pool = connect(&path).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum,
        execution_time) VALUES (9999, 'newer', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&pool).await.unwrap();
    pool.close().await;
    stand.store.close().await;
    for error in [
        sqlite::open(&path).await.unwrap_err(),
        sqlite::beside(&path).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Version(_)), "{error:?}");
    }

    // A file of another program: a command leaves it as it was.
    let other = stand.folder.path().join("other.db");
    fs::write(&other, "").unwrap();
    let error = sqlite::beside(&other).await.unwrap_err();
    assert!(matches!(error, StoreError::Version(_)), "{error:?}");
    assert_eq!(fs::metadata(&other).unwrap().len(), 0);

    let other = stand.folder.path().join("text");
    fs::write(&other, "{\"an\": \"old token store\"}".repeat(100)).unwrap();
    let error = sqlite::open(&other).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(fs::read_to_string(&other).unwrap().starts_with("{\"an\""));
}

/// A running server may know only the tables that exist.
#[tokio::test]
async fn a_command_changes_no_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kestra-mcp.db");
    fs::write(&path, "").unwrap();
    let error = sqlite::beside(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Version(_)), "{error:?}");
    let pool = connect(&path).await;
    let tables = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema");
    let tables: i64 = tables.fetch_one(&pool).await.unwrap();
    assert_eq!(tables, 0);
    pool.close().await;
    let server = sqlite::open(&path).await.unwrap();
    sqlite::beside(&path).await.unwrap();
    drop(server);
}

/// t18
#[tokio::test]
async fn no_secret_can_be_read_from_the_files() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let ring = ring_of(&format!("a:{}", key(1)));
    check_ring(&**store, &ring).await.unwrap();
    let secret = |what: &str| format!("{what}-0123456789abcdefghijklmnopqrstuvwxyz");
    let hashed = [
        "code",
        "refresh",
        "successor",
        "cookie",
        "form",
        "state",
        "browser",
        "txn",
        "ticket",
        "login",
        "client-secret",
    ];
    let sealed = [
        "idp-refresh",
        "kestra-token",
        "nonce",
        "verifier",
        "private-key",
    ];
    let of = |what: &str| Hash::of(&secret(what));
    let seal = |column: Column, row: &str, what: &str| {
        ring.seal(&column.of(row, &[]), secret(what).as_bytes())
            .unwrap()
    };

    let mut decided = transaction("t");
    (decided.id, decided.client.secret) = (of("txn"), Some(of("client-secret")));
    store.put_client(&decided.client).await.unwrap();
    let spent = store.spend_transaction(decided.id, decided.expires);
    assert!(spent.await.unwrap());
    let mut one = form("f");
    (one.value, one.cookie, one.owner) = (of("form"), of("cookie"), of("txn"));
    store.put_form(&one).await.unwrap();
    let row = of("state").text();
    let leg = UpstreamState {
        state: of("state"),
        browser: of("browser"),
        nonce: seal(Column::NONCE, &row, "nonce"),
        verifier: seal(Column::VERIFIER, &row, "verifier"),
        target: Target::Authorization(Box::new(decided)),
        ..upstream("u")
    };
    store.put_upstream(&leg).await.unwrap();
    let mut one = grant("g", "ana");
    one.idp_refresh = Some(seal(Column::IDP_REFRESH, "g", "idp-refresh"));
    let mut one_code = code("g");
    one_code.code = of("code");
    store.put_grant(&one, &one_code).await.unwrap();
    let mut one = refresh("r", "g");
    one.token = of("refresh");
    store.put_refresh(&one).await.unwrap();
    let mut one = rotation("r", "s", "g");
    (one.token, one.successor.token) = (of("refresh"), of("successor"));
    one.successor_box = kestra_mcp::store::seal::seal_under(
        &secret("refresh"),
        "successor",
        secret("successor").as_bytes(),
    )
    .unwrap();
    assert!(store.rotate(&one, NOW).await.unwrap());
    let mut one = login("l", "ana");
    one.id = of("login");
    store.put_login(&one).await.unwrap();
    let mut one = ticket("k");
    one.id = of("ticket");
    store.put_ticket(&one).await.unwrap();
    let mut one = credential("1", "ana");
    one.secret = seal(Column::CREDENTIAL, "1", "kestra-token");
    store.put_credential(&one).await.unwrap();
    let one = SigningKey {
        kid: "k1".to_owned(),
        public: "{}".to_owned(),
        private: seal(Column::SIGNING_KEY, "k1", "private-key"),
        activate_at: NOW,
        drop_at: None,
    };
    store.put_signing_key(&one).await.unwrap();

    let mut dump = Vec::new();
    for file in fs::read_dir(stand.path().parent().unwrap()).unwrap() {
        dump.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |text: &[u8]| dump.windows(text.len()).any(|window| window == text);
    assert!(holds(b"A client") && holds(&of("code").0), "it is the dump");
    for what in hashed.iter().chain(&sealed) {
        assert!(!holds(secret(what).as_bytes()), "{what}");
        let digits: Vec<String> = secret(what)
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(!holds(digits.concat().as_bytes()), "{what}");
    }
    for key in [key(1).as_bytes(), &[1; 32]] {
        assert!(!holds(key));
    }
}

/// k8
#[tokio::test]
async fn a_credential_copied_to_another_person_does_not_open() {
    let stand = Stand::new().await;
    let store = &stand.store;
    let ring = ring_of(&format!("a:{}", key(1)));
    let mut of_ana = credential("1", "ana");
    let of_bob = credential("2", "bob");
    let bound = |id: &'static str| {
        [
            "https://id.example.com",
            id,
            "https://kestra.example.com",
            "main",
        ]
    };
    let (ana, bob) = (bound("subject of ana"), bound("subject of bob"));
    let place = Column::CREDENTIAL.of("1", &ana);
    of_ana.secret = ring.seal(&place, b"token of ana").unwrap();
    store.put_credential(&of_ana).await.unwrap();
    store.put_credential(&of_bob).await.unwrap();
    let pool = connect(&stand.path()).await;
    for copy in [
        "UPDATE kestra_credential SET secret = (SELECT secret FROM kestra_credential
            WHERE id = '1') WHERE id = '2'",
        "UPDATE kestra_credential SET id = id || 'x' WHERE id = '1'",
        "UPDATE kestra_credential SET id = '1' WHERE id = '2'",
    ] {
        sqlx::query(copy).execute(&pool).await.unwrap();
        let url = &of_bob.kestra_url;
        let copied = store.credential("bob", url, "main").await.unwrap().unwrap();
        let opened = ring.open(&Column::CREDENTIAL.of(&copied.id, &bob), &copied.secret);
        assert_eq!(opened.unwrap_err(), OpenError::Forged);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_and_not_a_miss() {
    let stand = Stand::with_grant("g").await;
    let store = &stand.store;
    store.put_ticket(&ticket("k")).await.unwrap();
    store.put_upstream(&upstream("u")).await.unwrap();
    let pool = connect(&stand.path()).await;
    for spoil in [
        "UPDATE oauth_grant SET roles = 'no json'",
        "UPDATE upstream_state SET target = '{}'",
        "UPDATE user_account SET name = CAST(x'ff' AS TEXT) WHERE id = 'bob'",
    ] {
        sqlx::query(spoil).execute(&pool).await.unwrap();
    }
    let corrupt = |error: StoreError| matches!(error, StoreError::Corrupt { .. });
    assert!(corrupt(store.grant("g").await.unwrap_err()));
    let (state, browser) = (Hash::of("u"), Hash::of("browser"));
    let spent = store.spend_upstream(state, browser, "default", NOW).await;
    assert!(corrupt(spent.unwrap_err()));
    assert!(corrupt(store.user("bob").await.unwrap_err()));
    assert_eq!(store.user("ana").await.unwrap(), Some(user("ana")));
}

/// The least time that each call takes.
async fn fastest(stand: &Stand) -> BTreeMap<&'static str, Duration> {
    let store = &stand.store;
    let (first, of_first) = (grant("g", "ana"), code("g"));
    store.put_grant(&first, &of_first).await.unwrap();
    store.put_refresh(&refresh("r0", "g")).await.unwrap();
    store.put_login(&login("l", "ana")).await.unwrap();
    store.put_credential(&credential("1", "ana")).await.unwrap();
    let mut fastest = BTreeMap::new();
    macro_rules! timed {
        ($call:ident $arguments:tt) => {{
            let since = Instant::now();
            let answer = store.$call $arguments.await.unwrap();
            let took = since.elapsed();
            let least = fastest.entry(stringify!($call)).or_insert(took);
            *least = took.min(*least);
            answer
        }};
    }
    for nth in 0..100 {
        let id = format!("of-ana-{nth}");
        let (grant, code) = (grant(&id, "ana"), code(&id));
        timed!(put_grant(&grant, &code));
        timed!(redeem_code(&claim(&code), NOW));
        assert!(timed!(grant("g")).is_some());
        assert!(!timed!(is_revoked("none")));
        assert!(timed!(credential("ana", "https://kestra.example.com", "main")).is_some());
        timed!(touch_credential("1", None, Some(NOW)));
        timed!(touch_grant("g", NOW));
        assert!(timed!(login(Hash::of("l"), NOW)).is_some());
        assert_eq!(timed!(grants_of("ana", NOW)).len(), nth + 2);
        assert!(timed!(lease("g", "me", NOW, NOW + 1)));
        let (old, new) = (format!("r{nth}"), format!("r{}", nth + 1));
        assert!(timed!(rotate(&rotation(&old, &new, "g"), NOW)));
        assert!(timed!(refresh(Hash::of(&old))).is_some());
        assert_eq!(timed!(upsert_user(&user("ana"))).id, "ana");
    }
    assert_eq!(store.sweep(NOW).await.unwrap(), 0);
    fastest
}

/// A statement that walks a table takes some 20 ms here; with an index it takes some 50 us.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_people_slow_no_call() {
    let (few, many) = (Stand::new().await, Stand::new().await);
    let pool = connect(&many.path()).await;
    let n = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    for fill in [
        "INSERT INTO user_account SELECT 'u' || i, 'https://id.example.com', 's' || i, 'n', NULL
         FROM n",
        "INSERT INTO kestra_credential SELECT 'c' || i, 'u' || i, 'https://kestra.example.com',
         'main', 'token', randomblob(200), NULL, ?1, NULL FROM n",
        "INSERT INTO oauth_grant SELECT 'g' || i, 'u' || i, 'c' || i, 'n', 'p', 's', 'r', '[]', ?1,
         randomblob(200), NULL, NULL, ?1, ?1 + 9000000, NULL, NULL, NULL FROM n",
        "INSERT INTO refresh_token SELECT randomblob(32), 'g' || i, ?1 + 9000000, NULL, NULL, NULL,
         NULL FROM n",
        "INSERT INTO auth_code SELECT randomblob(32), 'g' || i, 'c', 'r', 'h', 'r', ?1 + 60000, NULL
         FROM n",
        "INSERT INTO web_login SELECT randomblob(32), 'u' || i, 'p', '[]', ?1, ?1, ?1 + 9000000
         FROM n",
        "INSERT INTO revoked_access SELECT 'j' || i, ?1 + 9000000 FROM n",
        "INSERT INTO client SELECT 'c' || i, 'registered', '{}', ?1, ?1 FROM n",
    ] {
        let fill = sqlx::AssertSqlSafe(format!("{n} {fill}"));
        sqlx::query(fill).bind(NOW).execute(&pool).await.unwrap();
    }
    let (few, many) = (fastest(&few).await, fastest(&many).await);
    for (call, least) in many {
        let most = few[call] * 3 + Duration::from_millis(2);
        assert!(
            least < most,
            "{call}: {least:?}, with few people {:?}",
            few[call]
        );
    }
}
