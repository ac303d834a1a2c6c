//! Running other programs, and talking to the person who waits. Standard output stays free for what they print.

use std::{
    ffi::OsStr,
    fmt,
    path::PathBuf,
    process::{Command, ExitCode, ExitStatus, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Writes one line to standard error.
#[expect(clippy::print_stderr, reason = "the one place where the task runner talks")]
pub fn say(line: fmt::Arguments<'_>) {
    eprintln!("xtask: {line}");
}

/// Says what is done and with which command, runs it, and fails when it does.
pub fn run(purpose: &str, command: &mut Command) -> Result<()> {
    let line = command_line(command);
    say(format_args!("{purpose}: {line}"));
    let status = command.status().with_context(|| format!("starting `{line}`"))?;
    if status.success() {
        return Ok(());
    }
    bail!("{purpose} failed with {status}; the command was: {line}")
}

/// Runs a program to its end and passes its exit code on.
pub fn exit_code(command: &mut Command) -> Result<ExitCode> {
    let line = command_line(command);
    let status = command.status().with_context(|| format!("starting `{line}`"))?;
    Ok(code_of(status))
}

/// What a program printed, or nothing when it cannot be started or fails.
pub fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The exit code of a finished program; one that was ended by a signal counts as shells count it.
pub fn code_of(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let by_signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let by_signal: Option<i32> = None;
    let code = status.code().or(by_signal.map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// The first file of this name in the folders of `PATH` that may be executed.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_executable(file))
}

fn is_executable(file: &std::path::Path) -> bool {
    let Ok(metadata) = std::fs::metadata(file) else { return false };
    #[cfg(unix)]
    let allowed = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let allowed = true;
    metadata.is_file() && allowed
}

/// A command as one could type it.
pub fn command_line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./=:,+@%".contains(c));
    if plain { word.into_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let cases: &[(&[&str], &str)] = &[
            (&["build", "--release"], "cargo build --release"),
            (&["test", "a b"], "cargo test 'a b'"),
            (&["-E", "it's"], r"cargo -E 'it'\''s'"),
            (&[""], "cargo ''"),
        ];
        for (arguments, expected) in cases {
            let mut command = Command::new("/somewhere/bin/cargo");
            command.args(*arguments);
            assert_eq!(command_line(&command), *expected);
        }
    }

    #[test]
    fn a_program_that_is_not_there_has_no_output() {
        assert_eq!(output_of("callboard-no-such-program", &[]), None);
        assert_eq!(find_program("callboard-no-such-program"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_names_purpose_and_command() {
        let error = run("trying", Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("trying failed") && error.contains("sh -c 'exit 3'"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn exit_codes_are_passed_on() {
        use std::os::unix::process::ExitStatusExt as _;

        for (status, expected) in [(0, 0), (3 << 8, 3), (15, 143)] {
            let code = code_of(ExitStatus::from_raw(status));
            assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(expected)));
        }
    }
}
