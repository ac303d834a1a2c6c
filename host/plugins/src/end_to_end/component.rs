//! Makes small components that are real plugins: a core module in text form, whose data lies as the canonical ABI has
//! it, in the world of a card plugin.

use std::fmt::Write as _;
use std::path::Path;

use host_contract::VERSION;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the data of a module begins.
const BASE: u32 = 4096;

/// A card plugin with one card. `describe` and `render` do what is said: `(i32.const N)` answers.
pub(super) struct CardPlugin<'a> {
    pub(super) id: &'a str,
    pub(super) version: &'a str,
    /// Instructions in place of the answer of `describe`.
    pub(super) describe: Option<&'a str>,
    /// Instructions in place of the answer of `render`, which is a view without blocks.
    pub(super) render: Option<&'a str>,
}

impl CardPlugin<'_> {
    pub(super) fn build(&self) -> Vec<u8> {
        let mut data = Data::default();
        let texts = [data.text(self.id), data.text(self.version), data.text("A title"), data.text("What it does")];
        // No home page, no upstreams, no schema.
        let description = data.words(&[&texts.concat()[..], &[0; 8]].concat());
        let card = [data.text("card"), data.text("Card")].concat();
        // For any entity, of medium width.
        let card = data.words(&[&card[..], &[0, 0], &[1]].concat());
        let cards = data.words(&[card, 1]);
        let view = data.words(&[0; 32]);
        let or = |instead: Option<&str>, at: u32| instead.map_or_else(|| format!("(i32.const {at})"), str::to_owned);
        let functions = [
            ("plugin", "describe", 0, or(self.describe, description)),
            ("ui-card", "cards", 0, format!("(i32.const {cards})")),
            ("ui-card", "render", 11, or(self.render, view)),
            ("ui-card", "act", 15, "unreachable".to_owned()),
        ];
        encode(&data, &functions)
    }
}

#[derive(Default)]
struct Data(Vec<u8>);

impl Data {
    fn words(&mut self, words: &[u32]) -> u32 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let at = BASE + u32::try_from(self.0.len()).unwrap();
        self.0.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        at
    }

    fn text(&mut self, text: &str) -> [u32; 2] {
        let at = BASE + u32::try_from(self.0.len()).unwrap();
        self.0.extend(text.as_bytes());
        [at, u32::try_from(text.len()).unwrap()]
    }
}

fn encode(data: &Data, functions: &[(&str, &str, usize, String)]) -> Vec<u8> {
    let mut segment = String::new();
    for byte in &data.0 {
        write!(segment, "\\{byte:02x}").unwrap();
    }
    let mut exports = String::new();
    for (interface, name, parameters, body) in functions {
        let parameters = "i32 ".repeat(*parameters);
        writeln!(
            exports,
            r#"(func (export "callboard:plugin/{interface}@{VERSION}#{name}") (param {parameters}) (result i32) {body})"#
        )
        .unwrap();
    }
    let module = format!(
        r#"(module
            (memory (export "memory") 8)
            (global $free (mut i32) (i32.const 65536))
            (data (i32.const {BASE}) "{segment}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
              (global.get $free)
              (global.set $free
                (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 7)) (i32.const -8))))
            {exports})"#
    );
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/next");
    let (package, _) = resolve.push_path(wit).unwrap();
    let world = resolve.select_world(&[package], Some("ui-card-plugin")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
