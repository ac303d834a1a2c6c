//! From bytes to a component: compilers, caches and what is refused.

use std::path::Path;

use super::*;
use crate::engine::{self, Purpose};
use crate::{CompileCommand, CompileError, compile_child_main};

fn small() -> Arc<[u8]> {
    assemble(r#"(component (core module (memory 1)) (type string) (export "a-name" (type 0)))"#)
}

fn cached(directory: &Path, compiler: Option<CompileCommand>) -> Runtime {
    let options = RuntimeOptions {
        cache: Some(directory.to_owned()),
        compiler,
        threads: 1,
        compile_time: Duration::from_secs(60),
        ..RuntimeOptions::default()
    };
    Runtime::new(options).unwrap()
}

/// This test program, told to behave as the compiler's process.
fn this_program() -> CompileCommand {
    CompileCommand {
        program: std::env::current_exe().unwrap(),
        args: ["--include-ignored", "--nocapture", "--quiet", "--exact", "tests::loading::behave_as_the_compiler"]
            .map(Into::into)
            .to_vec(),
    }
}

#[test]
#[ignore = "is not a test, but the compiler's process of others"]
#[expect(clippy::exit, reason = "the exit status is what the test is about")]
fn behave_as_the_compiler() {
    let mut paths = std::env::args().rev();
    let (Some(output), Some(input)) = (paths.next(), paths.next()) else { return };
    if !Path::new(&input).exists() {
        return;
    }
    if let Err(error) = compile_child_main(Path::new(&input), Path::new(&output)) {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn shell(script: &str) -> CompileCommand {
    CompileCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()] }
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn names_of_imports_and_exports_are_read() {
    let component = runtime().load(guest()).await.unwrap();
    assert_eq!(component.imports(), ["wait"]);
    assert!(component.exports().contains(&"polite-hog".to_owned()));
    assert_eq!(component.sha256().len(), 64);
}

#[tokio::test]
async fn refuses_what_is_no_component_with_a_reason() {
    let runtime = runtime();
    let whole = guest();
    let mut damaged = small().to_vec();
    let end = damaged.len() - 3;
    damaged[end] ^= 0xff;
    for (bytes, code) in [
        (Vec::new(), "not-webassembly"),
        (b"<html>not found</html>".to_vec(), "not-webassembly"),
        (assemble("(module)").to_vec(), "not-a-component"),
        (whole[..whole.len() / 2].to_vec(), "truncated"),
        (whole[..7].to_vec(), "truncated"),
        (damaged, "invalid-component"),
        (
            assemble("(component (core module $m (memory 5000)) (core instance (instantiate $m)))").to_vec(),
            "too-demanding",
        ),
    ] {
        let error = runtime.load(bytes.into()).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().len() > 20);
    }
}

#[tokio::test]
async fn compiled_code_is_kept_and_damaged_code_is_compiled_anew() {
    let directory = tempfile::tempdir().unwrap();
    cached(directory.path(), Some(this_program())).load(small()).await.unwrap();
    let [file] = files(directory.path()).try_into().unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.ends_with(".cwasm") && name.len() == 64 + 1 + 16 + 6, "{name}");
    let code = std::fs::read(&file).unwrap();

    // What is there is taken: a compiler that fails is not asked.
    let unwanted = || Some(shell("exit 1"));
    cached(directory.path(), unwanted()).load(small()).await.unwrap();

    // What is damaged is not.
    for damage in [&code[..code.len() - 1], &[code.as_slice(), b"x"].concat(), b"", b"\x7fELF"] {
        std::fs::write(&file, damage).unwrap();
        assert!(cached(directory.path(), unwanted()).load(small()).await.is_err());
        std::fs::write(&file, damage).unwrap();
        cached(directory.path(), Some(this_program())).load(small()).await.unwrap();
        assert_eq!(std::fs::read(&file).unwrap().len(), code.len());
    }

    // Nor is code that is sound but not for this engine.
    let cache = crate::cache::Cache::open(directory.path(), &name[65..81], 1 << 30).unwrap();
    cache.put(&name[..64], &crate::cache::Trusted::from_compiler(b"\x7fELF and so on".to_vec())).unwrap();
    cached(directory.path(), Some(this_program())).load(small()).await.unwrap();
    assert_eq!(std::fs::read(&file).unwrap().len(), code.len());
}

#[tokio::test]
async fn loads_at_the_same_time_share_one_compilation() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = cached(directory.path(), Some(this_program()));
    let (first, second) = tokio::join!(runtime.load(small()), runtime.load(small()));
    assert_eq!(first.unwrap().sha256(), second.unwrap().sha256());
    assert_eq!(files(directory.path()).len(), 1);
}

#[tokio::test]
async fn a_compiler_that_fails_breaks_or_hangs_is_told_apart() {
    let wrong = assemble("(component)");
    let wrong: Arc<[u8]> = [&wrong[..], &[7, 1, 9]].concat().into();
    let directory = tempfile::tempdir().unwrap();
    let load = async |compiler, time, wasm| {
        let options = RuntimeOptions {
            cache: Some(directory.path().to_owned()),
            compiler: Some(compiler),
            compile_time: time,
            threads: 1,
            pooling: false,
            ..RuntimeOptions::default()
        };
        match Runtime::new(options).unwrap().load(wasm).await.unwrap_err() {
            crate::LoadError::Compile(error) => error,
            error => panic!("{error}"),
        }
    };
    let minute = Duration::from_secs(60);
    let error = load(this_program(), minute, wrong).await;
    assert!(matches!(&error, CompileError::Invalid(reason) if reason.contains("offset")), "{error}");
    let error = load(shell("kill -9 $$"), minute, small()).await;
    assert!(matches!(error, CompileError::Crashed(_)), "{error}");
    let error = load(shell("exec sleep 600"), Duration::from_millis(50), small()).await;
    assert_eq!(error, CompileError::Timeout(Duration::from_millis(50)));
    let gone = CompileCommand { program: "/nowhere/compiler".into(), args: vec![] };
    assert!(matches!(load(gone, minute, small()).await, CompileError::Host(_)));
    assert_eq!(files(directory.path()), [] as [std::path::PathBuf; 0], "scratch files were left");
}

#[tokio::test]
async fn artifacts_go_from_every_engine_to_every_other() {
    let options = RuntimeOptions::default();
    let purposes = [Purpose::Compile, Purpose::RunPooled, Purpose::RunOnDemand];
    let mut engines: Vec<_> = purposes.iter().map(|&purpose| engine::build(&options, purpose).unwrap()).collect();
    let other = RuntimeOptions { instances: 7, max_memory: 1 << 20, stack: 1 << 20, ..options };
    engines.push(engine::build(&other, Purpose::RunPooled).unwrap());
    for from in &engines {
        let code = crate::cache::Trusted::from_compiler(from.precompile_component(&guest()).unwrap());
        for to in &engines {
            crate::runtime::deserialize(to, &code).unwrap();
            assert_eq!(crate::runtime::compatibility(from), crate::runtime::compatibility(to));
        }
    }
}
