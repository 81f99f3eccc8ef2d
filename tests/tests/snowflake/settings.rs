//! The settings that `hoopctl connect` prints and gives, each put into the client it is for as it stands there.

use std::{path::Path, process::Command};

use hoop_tests::{Finished, Program, Stack, cards, peers};
use tempfile::TempDir;

/// What each client runs: it shows the masked number, and that the session is the gateway's.
const SQL: &str = "SELECT '4111111111111111' AS CARD";

/// The lines that are printed for a client, as somebody would copy them.
struct Printed {
    text: String,
    _program: Program,
}

fn printed(stack: &Stack, client: &str, lines: usize) -> Printed {
    let arguments = ["--output", "human", "connect", "snowflake", "--client", client];
    let mut program = Program::start(stack.hoopctl("alice").args(arguments));
    let text = (0..lines).map(|_| program.line()).collect::<Vec<_>>().join("\n");
    Printed { text, _program: program }
}

#[track_caller]
fn shows_the_masked_card(command: &mut Command) {
    let done = Finished::of(command).ok();
    assert!(done.stdout.contains(cards::VISA_MASKED), "{done:?}");
    assert!(!done.stdout.contains(cards::VISA), "{done:?}");
}

#[test]
fn the_python_and_the_node_lines_connect() {
    let stack = Stack::start();
    let python = printed(&stack, "python", 3);
    let script = format!("import snowflake.connector\nprint({}.cursor().execute(\"{SQL}\").fetchall())", python.text);
    shows_the_masked_card(peers::python("snowflake").args(["-c", &script]));

    let node = printed(&stack, "node", 3);
    let script = format!(
        "const snowflake = require('snowflake-sdk'); snowflake.configure({{ logLevel: 'OFF' }});\n\
         const connection = {};\n\
         connection.connect((error) => {{ if (error) throw error; connection.execute({{ sqlText: \"{SQL}\", complete: \
         (error, statement, rows) => {{ if (error) throw error; console.log(JSON.stringify(rows)); process.exit(0); }} }}) }})",
        node.text
    );
    let beside = peers::path("node_modules");
    shows_the_masked_card(Command::new("node").args(["-e", &script]).current_dir(beside.parent().unwrap()));
}

#[test]
fn the_go_driver_takes_the_data_source_name() {
    let stack = Stack::start();
    let go = printed(&stack, "go", 1);
    let script = format!(
        "import adbc_driver_snowflake.dbapi\n\
         with adbc_driver_snowflake.dbapi.connect(\"{}\") as connection, connection.cursor() as cursor:\n    \
         cursor.execute(\"{SQL}\")\n    print(cursor.fetchall())",
        go.text
    );
    shows_the_masked_card(peers::python("snowflake5").args(["-c", &script]));
}

#[test]
fn the_curl_lines_ask_the_sql_api() {
    let stack = Stack::start();
    let curl = printed(&stack, "curl", 2);
    let script = curl.text.replace("SELECT 1", "SELECT 4111111111111111");
    let done = Finished::of(Command::new("sh").args(["-c", &script])).ok().json();
    assert_eq!(done["code"], "090001", "{done}");
    let number = done["data"][0][0].as_str().unwrap();
    assert!(number.starts_with("411111") && number.ends_with("1111") && number != cards::VISA, "{done}");
}

#[test]
fn dbt_takes_the_profile() {
    let stack = Stack::start();
    let dbt = printed(&stack, "dbt", 7);
    let folder = TempDir::new().unwrap();
    let outputs = dbt.text.lines().map(|line| format!("      {line}\n")).collect::<String>();
    let profile = format!(
        "pay:\n  target: gateway\n  outputs:\n    gateway:\n{outputs}      threads: 1\n      \
                           database: PAYMENTS\n      schema: PUBLIC\n"
    );
    std::fs::write(folder.path().join("profiles.yml"), profile).unwrap();
    std::fs::write(folder.path().join("dbt_project.yml"), "name: pay\nconfig-version: 2\nprofile: pay\n").unwrap();
    let program = beside_python("dbt", "dbt");
    let mut command = Command::new(program);
    command.args(["--no-send-anonymous-usage-stats", "debug", "--connection", "--profiles-dir"]).arg(folder.path());
    let done = Finished::of(command.arg("--project-dir").arg(folder.path()).current_dir(folder.path())).ok();
    assert!(done.stdout.contains("All checks passed!"), "{done:?}");
}

fn beside_python(environment: &str, program: &str) -> std::path::PathBuf {
    Path::new(peers::python(environment).get_program()).with_file_name(program)
}

/// `hoopctl connect --exec` as somebody with a home of his own and no settings in it.
fn exec(stack: &Stack, home: &TempDir, command: &[&str]) -> Command {
    let mut hoopctl = stack.hoopctl("alice");
    hoopctl.args(["connect", "snowflake", "--exec", "--"]).args(command);
    hoopctl.env("HOME", home.path()).env_remove("SNOWFLAKE_HOME").envs([("TERM", "dumb"), ("NO_COLOR", "1")]);
    hoopctl
}

#[test]
fn what_exec_runs_finds_its_connection_by_itself() {
    let (stack, home) = (Stack::start(), TempDir::new().unwrap());
    let snow = beside_python("snow", "snow");
    let snow = snow.to_str().unwrap();
    shows_the_masked_card(&mut exec(&stack, &home, &[snow, "sql", "-q", SQL, "--format", "json"]));
    // It says again which role is its own.
    let tested = Finished::of(&mut exec(&stack, &home, &[snow, "connection", "test", "--format", "json"])).ok().json();
    assert_eq!(tested["Status"], "OK", "{tested}");

    let python = peers::python("snowflake");
    let script = format!("import snowflake.connector as s; print(s.connect().cursor().execute(\"{SQL}\").fetchall())");
    shows_the_masked_card(&mut exec(&stack, &home, &[python.get_program().to_str().unwrap(), "-c", &script]));
}

#[test]
fn the_folder_of_a_command_is_its_own_and_goes_with_it() {
    let (stack, home) = (Stack::start(), TempDir::new().unwrap());
    let script = "stat -c %a $SNOWFLAKE_HOME $SNOWFLAKE_HOME/connections.toml; echo $SNOWFLAKE_HOME; exit 7";
    let done = Finished::of(&mut exec(&stack, &home, &["sh", "-c", script]));
    assert_eq!(done.code, Some(7), "{done:?}");
    let [folder_mode, file_mode, folder] = done.stdout.trim().lines().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((folder_mode, file_mode), ("700", "600"));
    assert!(!Path::new(folder).exists(), "{folder} was left behind");
}
