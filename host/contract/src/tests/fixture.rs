//! Makes components of a core module in text form and a world. What the module gives back lies in its data, laid out
//! as the canonical ABI has it.

use std::fmt::Write;
use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::VERSION;

/// Where the data of a module begins.
const BASE: u32 = 4096;

/// Data of a module. Everything is made of words of 32 bits.
#[derive(Default)]
pub(super) struct Data(Vec<u8>);

impl Data {
    /// Puts words down, on a boundary of eight bytes, and tells where.
    pub(super) fn words(&mut self, words: &[u32]) -> u32 {
        while !self.0.len().is_multiple_of(8) {
            self.0.push(0);
        }
        let at = BASE + u32::try_from(self.0.len()).unwrap();
        self.0.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        at
    }

    /// Puts a text down; the result is what stands for it in a record.
    pub(super) fn text(&mut self, text: &str) -> [u32; 2] {
        let at = BASE + u32::try_from(self.0.len()).unwrap();
        self.0.extend(text.as_bytes());
        [at, u32::try_from(text.len()).unwrap()]
    }

    /// The words of a description.
    pub(super) fn description(&mut self, id: &str, version: &str) -> u32 {
        let texts = [self.text(id), self.text(version), self.text("A title"), self.text("")];
        let words = [&texts.concat()[..], &[0, 0, 0], &[0, 0], &[0, 0, 0]].concat();
        self.words(&words)
    }

    fn segment(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "\\{byte:02x}");
            text
        })
    }
}

/// What to do in one exported function: its interface and name, its parameters and result, and its instructions.
pub(super) struct Function(pub(super) &'static str, pub(super) &'static str, pub(super) String);

/// A component of a world of the contract.
pub(super) fn component(world: &str, imports: &str, data: &Data, functions: &[Function]) -> Vec<u8> {
    let exports = functions.iter().fold(String::new(), |mut text, Function(name, signature, body)| {
        let (interface, function) = name.split_once('#').unwrap();
        let _ =
            writeln!(text, r#"(func (export "callboard:plugin/{interface}@{VERSION}#{function}") {signature} {body})"#);
        text
    });
    let module = format!(
        r#"(module
            {imports}
            (memory (export "memory") 8)
            (global $free (mut i32) (i32.const 65536))
            (data (i32.const {BASE}) "{segment}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
              (global.get $free)
              (global.set $free
                (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 7)) (i32.const -8))))
            {exports})"#,
        segment = data.segment(),
    );
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/next");
    let (package, _) = resolve.push_path(wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// A card plugin whose functions do what is said; those that are not mentioned trap.
pub(super) fn card_plugin(imports: &str, data: &Data, bodies: &[(&str, String)]) -> Vec<u8> {
    let functions: Vec<_> = [
        ("plugin#describe", "(result i32)"),
        ("ui-card#cards", "(result i32)"),
        ("ui-card#render", "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)"),
        ("ui-card#act", "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)"),
    ]
    .into_iter()
    .map(|(name, signature)| {
        let body = bodies.iter().find(|(function, _)| name.ends_with(&format!("#{function}")));
        Function(name, signature, body.map_or_else(|| "unreachable".to_owned(), |(_, body)| body.clone()))
    })
    .collect();
    component("ui-card-plugin", imports, data, &functions)
}
