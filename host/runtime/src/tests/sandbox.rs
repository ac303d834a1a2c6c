//! What the empty WASI gives: lines, a workspace and nothing around it.

use std::path::Path;

use tokio::io::AsyncWriteExt;
use wasmtime_wasi::cli::StdoutStream;
use wasmtime_wasi::filesystem::WasiFilesystemView;
use wasmtime_wasi::p2::bindings::filesystem::preopens::Host as _;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, HostDescriptor, OpenFlags, PathFlags};

use super::*;
use crate::meter::Meter;
use crate::state::{Scope, new_store};
use crate::stdio::Outlet;

fn scope(book: &Arc<Book>) -> Scope {
    Scope {
        limits: limits(),
        meter: Arc::new(Meter::new(Duration::from_secs(1))),
        lines: Arc::new(Lines::new(book.clone())),
        outlet: Outlet::default(),
    }
}

#[tokio::test]
async fn output_becomes_lines_and_the_last_words_a_reason() {
    let book = Arc::new(Book::default());
    let scope = scope(&book);
    let (out, err) = (scope.outlet.stream(false), scope.outlet.stream(true));
    out.p2_stream().write("lost: no call is open\n".into()).unwrap();
    scope.outlet.open(scope.lines.clone(), scope.meter.clone());
    out.p2_stream().write("one\ntw".into()).unwrap();
    err.p2_stream().write("thread panicked at src/lib.rs:1:2:\nno ".into()).unwrap();
    out.p2_stream().write("o".into()).unwrap();
    std::pin::Pin::from(err.async_stream()).write_all(b"name").await.unwrap();
    assert_eq!(*book.lines.lock().unwrap(), ["one", "thread panicked at src/lib.rs:1:2:"]);
    scope.outlet.close();
    assert_eq!(book.lines.lock().unwrap()[2..], ["two", "no name"]);
    assert_eq!(scope.meter.last_words().as_deref(), Some("thread panicked at src/lib.rs:1:2: no name"));
    let flood = "x".repeat(100_000);
    scope.outlet.open(scope.lines.clone(), scope.meter.clone());
    out.p2_stream().write(flood.into()).unwrap();
    assert!(book.lines.lock().unwrap()[4].ends_with("bytes more)"));
}

#[tokio::test]
async fn a_workspace_is_the_only_directory_and_cannot_be_left() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "s").unwrap();
    let workspace = tempfile::tempdir().unwrap();
    std::fs::write(workspace.path().join("inside"), "i").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path().join("secret"), workspace.path().join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path(), workspace.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("inside", workspace.path().join("good-link")).unwrap();
    }
    let runtime = runtime();
    let scope = scope(&Arc::default());
    let mut store = new_store(runtime.engine(), &scope, Some(workspace.path()), ()).unwrap();
    let mut files = store.data_mut().filesystem();
    let directories = files.get_directories().unwrap();
    assert_eq!(directories.len(), 1);
    assert_eq!(directories[0].1, "/workspace");
    let root = directories[0].0.rep();
    let absolute = outside.path().join("secret").display().to_string();
    let climb = format!("../{}/secret", outside.path().file_name().unwrap().to_str().unwrap());
    for (path, flags, opens) in [
        ("inside", OpenFlags::empty(), true),
        ("good-link", OpenFlags::empty(), true),
        ("made", OpenFlags::CREATE, true),
        ("link", OpenFlags::empty(), false),
        ("folder/secret", OpenFlags::empty(), false),
        ("folder/made", OpenFlags::CREATE, false),
        (&climb, OpenFlags::empty(), false),
        ("..", OpenFlags::DIRECTORY, false),
        (&absolute, OpenFlags::empty(), false),
    ] {
        let access = DescriptorFlags::READ
            | if flags == OpenFlags::CREATE { DescriptorFlags::WRITE } else { DescriptorFlags::empty() };
        let directory = wasmtime::component::Resource::new_borrow(root);
        let opened = files.open_at(directory, PathFlags::SYMLINK_FOLLOW, path.to_owned(), flags, access).await;
        assert_eq!(opened.is_ok(), opens, "{path}");
    }
    assert!(workspace.path().join("made").exists() && !outside.path().join("made").exists());
}

#[tokio::test]
async fn without_a_workspace_there_are_no_files() {
    let runtime = runtime();
    let mut store = new_store(runtime.engine(), &scope(&Arc::default()), None, ()).unwrap();
    assert!(store.data_mut().filesystem().get_directories().unwrap().is_empty());
}

#[tokio::test]
async fn a_workspace_that_is_gone_is_a_fault_of_the_host() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    let workspace = Some(Path::new("/nowhere/at/all").to_owned());
    let setup = CallSetup { workspace, ..setup(&Arc::default(), limits(), Reuse::Warm) };
    let fault = call::<(u32,)>(&runtime, &guest, setup, "answer").await.result.unwrap_err();
    assert_eq!(fault.code, FaultCode::Host);
    assert!(fault.message.contains("/nowhere/at/all"), "{fault}");
}

#[tokio::test]
async fn where_no_pool_can_be_had_instances_are_made_on_demand() {
    // The pool refuses memories that are larger than the address space which it reserves for each.
    let options = RuntimeOptions { max_memory: 1 << 40, threads: 1, ..RuntimeOptions::default() };
    let on_demand = Runtime::new(options).unwrap();
    assert!(!on_demand.is_pooled() && runtime().is_pooled());
    let guest = prepare(&on_demand, guest()).await;
    let outcome = call::<(u32,)>(&on_demand, &guest, setup(&Arc::default(), limits(), Reuse::Fresh), "answer").await;
    assert_eq!(outcome.result, Ok((42,)));
}
