//! Files of the site under names that change with their content, so that browsers may keep them for ever.
//!
//! `boot.js` becomes `boot-1f2e3d4c5b.js`; beside it stand `boot-1f2e3d4c5b.js.br` and `.gz`. `manifest.json` maps the
//! logical name to the hashed one.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::files::{remove_others, sha256, write_if_changed};

/// The file that maps logical names to hashed ones.
pub const MANIFEST: &str = "manifest.json";

/// Formats that are compressed already.
const COMPRESSED: &[&str] = &["png", "jpg", "jpeg", "webp", "avif", "woff2", "gz", "br"];

/// The files of one site, gathered before any is written.
#[derive(Debug, Default)]
pub struct Assets {
    files: BTreeMap<String, (String, Vec<u8>)>,
}

impl Assets {
    /// Adds a file; what it quotes as `"./NAME"` of a file added before is replaced by the hashed name.
    pub fn add_text(&mut self, name: &str, text: &str) {
        let linked = self.link(text);
        self.add(name, linked.into_bytes());
    }

    /// Adds a file as it is.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.to_owned(), (hashed_name(name, &bytes), bytes));
    }

    /// The logical names with their hashed ones.
    pub fn manifest(&self) -> BTreeMap<&str, &str> {
        self.files.iter().map(|(name, (hashed, _))| (name.as_str(), hashed.as_str())).collect()
    }

    /// Writes what is new, removes what is no longer wanted, and gives the paths of the files that it wrote.
    pub fn publish(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut wanted = vec![MANIFEST.to_owned()];
        let mut written = Vec::new();
        for (hashed, bytes) in self.files.values() {
            let path = folder.join(hashed);
            if write_if_changed(&path, bytes)? {
                written.push(path);
            }
            wanted.push(hashed.clone());
            if is_compressed(hashed) {
                continue;
            }
            for (extension, compress) in [("br", brotli as fn(&[u8]) -> Result<Vec<u8>>), ("gz", gzip)] {
                let name = format!("{hashed}.{extension}");
                // The name holds the content's hash: a file of this name is the right one.
                if !folder.join(&name).exists() {
                    write_if_changed(&folder.join(&name), &compress(bytes)?)?;
                }
                wanted.push(name);
            }
        }
        let mut manifest = serde_json::to_vec_pretty(&self.manifest()).context("writing the manifest")?;
        manifest.push(b'\n');
        write_if_changed(&folder.join(MANIFEST), &manifest)?;
        remove_others(folder, |name| wanted.iter().any(|other| other == name))?;
        Ok(written)
    }

    fn link(&self, text: &str) -> String {
        self.files.iter().fold(text.to_owned(), |text, (name, (hashed, _))| {
            text.replace(&format!("\"./{name}\""), &format!("\"./{hashed}\""))
        })
    }
}

/// Size of a file on the wire, as a browser of today asks for it.
pub fn brotli_size(path: &Path) -> Option<u64> {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    fs::metadata(name).ok().map(|metadata| metadata.len())
}

/// The name with ten digits of the content's hash before the extension.
fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash = sha256(bytes);
    let short = &hash[..10];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{short}.{extension}"),
        None => format!("{name}-{short}"),
    }
}

fn is_compressed(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| COMPRESSED.contains(&extension))
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters).context("compressing with brotli")?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).context("compressing with gzip")?;
    encoder.finish().context("compressing with gzip")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn names_change_with_the_content() {
        let cases = [
            ("boot.js", &b"abc"[..], "boot-ba7816bf8f.js"),
            ("a.b.css", b"abc", "a.b-ba7816bf8f.css"),
            ("plain", b"abc", "plain-ba7816bf8f"),
            ("boot.js", b"", "boot-e3b0c44298.js"),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(hashed_name(name, bytes), expected);
        }
    }

    #[test]
    fn links_to_files_added_before_are_replaced() {
        let mut assets = Assets::default();
        assets.add("site.js", b"abc".to_vec());
        assets.add_text("boot.js", r#"import("./site.js"); import("./other.js"); // ./site.js"#);
        let (_, boot) = &assets.files["boot.js"];
        assert_eq!(
            std::str::from_utf8(boot).unwrap(),
            r#"import("./site-ba7816bf8f.js"); import("./other.js"); // ./site.js"#
        );
    }

    #[test]
    fn a_site_is_published_compressed_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut assets = Assets::default();
        assets.add("site.css", b"abc".repeat(100));
        assets.add("logo.png", b"picture".to_vec());
        let written = assets.publish(folder.path()).unwrap();
        assert_eq!(written.len(), 2);

        let name = assets.manifest()["site.css"].to_owned();
        let mut unzipped = Vec::new();
        let zipped = fs::read(folder.path().join(format!("{name}.gz"))).unwrap();
        flate2::read::GzDecoder::new(&*zipped).read_to_end(&mut unzipped).unwrap();
        assert_eq!(unzipped, b"abc".repeat(100));
        let mut inflated = Vec::new();
        let packed = fs::read(folder.path().join(format!("{name}.br"))).unwrap();
        brotli::BrotliDecompress(&mut &*packed, &mut inflated).unwrap();
        assert_eq!(inflated, unzipped);
        assert!(!folder.path().join(format!("{}.br", assets.manifest()["logo.png"])).exists());

        assert!(assets.publish(folder.path()).unwrap().is_empty(), "nothing is written twice");
    }

    #[test]
    fn files_of_an_older_build_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut old = Assets::default();
        old.add("site.css", b"old".to_vec());
        old.publish(folder.path()).unwrap();
        let mut new = Assets::default();
        new.add("site.css", b"new".to_vec());
        new.publish(folder.path()).unwrap();

        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 4, "the file, two compressed forms and the manifest");
        let manifest: BTreeMap<String, String> =
            serde_json::from_slice(&fs::read(folder.path().join(MANIFEST)).unwrap()).unwrap();
        assert!(folder.path().join(&manifest["site.css"]).exists());
    }
}
