//! The site: the islands' WebAssembly with its glue, one style sheet, the start script and the files of `static/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    bundle::{
        assets::{Assets, brotli_size},
        styles,
    },
    cargo::cargo,
    checkout::Checkout,
    files::{sha256, write_if_changed},
    process::{command_line, find_program, output_of, run, say},
};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "site";
const PACKAGE: &str = "frontend-site";

/// What `wasm-opt` may take for granted; every browser of the last years knows these.
const OPTIMISER: &[&str] = &[
    "-Oz",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds the site into the bundle; what did not change is neither bound, optimised nor compressed again.
pub fn build(checkout: &Checkout) -> Result<()> {
    let arguments = ["build", "--profile", PROFILE, "--target", TARGET, "-p", PACKAGE];
    run("building the site", &mut cargo(checkout, arguments))?;
    let raw = checkout.cargo_target.join(TARGET).join(PROFILE).join(format!("{}.wasm", PACKAGE.replace('-', "_")));
    let module = bound(checkout, &raw)?;

    let frontend = checkout.root.join("frontend");
    let site = frontend.join("site");
    let mut assets = Assets::default();
    add_folder(&mut assets, &site.join("static"))?;
    assets.add_text("site.css", &styles::collect(&frontend)?);
    assets.add("site.wasm", module.wasm);
    assets.add("site.js", module.glue);
    let boot = site.join("boot.js");
    assets.add_text("boot.js", &fs::read_to_string(&boot).with_context(|| format!("reading {}", boot.display()))?);

    let folder = checkout.bundle().join("site");
    for path in assets.publish(&folder)? {
        let size = brotli_size(&path).unwrap_or_default() as f64 / 1e3;
        say(format_args!("site {}: {size:.1} kB compressed", path.file_name().unwrap_or_default().display()));
    }
    Ok(())
}

/// A module and the script through which a page calls it.
struct Bound {
    glue: Vec<u8>,
    wasm: Vec<u8>,
}

/// Binds and shrinks the module, or takes what an earlier call made of the same bytes with the same tools.
fn bound(checkout: &Checkout, raw: &Path) -> Result<Bound> {
    let bytes = fs::read(raw).with_context(|| format!("reading the site's module {}", raw.display()))?;
    let optimiser = find_program("wasm-opt");
    let tools = optimiser.as_ref().and_then(|path| output_of(&path.to_string_lossy(), &["--version"]));
    let tools = format!("{}\n{OPTIMISER:?}\n{}", tools.unwrap_or_default(), include_str!("site.rs"));
    let cache = checkout.own_target("bundle-cache");
    let stamp = sha256(format!("{}\n{tools}", sha256(&bytes)).as_bytes());

    let (stamp_file, glue_file, wasm_file) = (cache.join("stamp"), cache.join("site.js"), cache.join("site.wasm"));
    if fs::read_to_string(&stamp_file).is_ok_and(|present| present == stamp)
        && let (Ok(glue), Ok(wasm)) = (fs::read(&glue_file), fs::read(&wasm_file))
    {
        return Ok(Bound { glue, wasm });
    }

    let mut module = bind(bytes)?;
    match optimiser {
        Some(program) => module.wasm = optimised(&program, &cache, module.wasm)?,
        None => say(format_args!(
            "skipping `wasm-opt`, for there is none in PATH: the site's module stays a little larger; to shrink it, install \
             binaryen"
        )),
    }
    _ = fs::remove_file(&stamp_file);
    write_if_changed(&glue_file, &module.glue)?;
    write_if_changed(&wasm_file, &module.wasm)?;
    write_if_changed(&stamp_file, stamp.as_bytes())?;
    Ok(module)
}

fn bind(bytes: Vec<u8>) -> Result<Bound> {
    say(format_args!("binding the site's module to JavaScript"));
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("site", bytes).typescript(false).remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).context("choosing the form of the glue")?;
    let mut output = bindgen.generate_output().context("binding the site's module")?;
    let inline = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty()).map(|(package, _)| package);
    let foreign: Vec<_> = inline.chain(output.local_modules().keys()).chain(output.npm_dependencies().keys()).collect();
    if !foreign.is_empty() {
        bail!(
            "dependencies of {PACKAGE} bring JavaScript of their own ({foreign:?}); leave them out, or teach the site's \
             build to publish such files"
        );
    }
    Ok(Bound { glue: output.js().as_bytes().to_vec(), wasm: output.wasm_mut().emit_wasm() })
}

/// Runs `wasm-opt`; one that cannot read the module is reported, and the module is used as it is.
fn optimised(program: &Path, folder: &Path, wasm: Vec<u8>) -> Result<Vec<u8>> {
    let (input, output) = (folder.join("input.wasm"), folder.join("output.wasm"));
    write_if_changed(&input, &wasm)?;
    let mut command = Command::new(program);
    command.args(OPTIMISER).arg(&input).arg("-o").arg(&output);
    say(format_args!("shrinking the site's module: {}", command_line(&command)));
    let result = command.output().with_context(|| format!("starting {}", program.display()))?;
    let optimised = if result.status.success() { fs::read(&output).ok() } else { None };
    for file in [&input, &output] {
        _ = fs::remove_file(file);
    }
    let Some(optimised) = optimised else {
        let reason = String::from_utf8_lossy(&result.stderr);
        let reason = reason.lines().last().unwrap_or_default();
        say(format_args!("`wasm-opt` ended with {} ({reason}): the site's module stays as it is", result.status));
        return Ok(wasm);
    };
    Ok(optimised)
}

/// Adds the files directly in a folder, by name.
fn add_folder(assets: &mut Assets, folder: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        files.push(entry.with_context(|| format!("listing {}", folder.display()))?.path());
    }
    files.sort();
    for file in files.iter().filter(|file| file.is_file()) {
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.with_context(|| format!("{} has a name that is no text", file.display()))?;
        assets.add(name, fs::read(file).with_context(|| format!("reading {}", file.display()))?);
    }
    Ok(())
}
