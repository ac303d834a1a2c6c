//! The bounds within which text is read.

/// What a piece of YAML may cost before reading it stops with a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest input in bytes; default 32 MiB.
    pub bytes: usize,
    /// Most documents in one input; default 100,000.
    pub documents: usize,
    /// Deepest nesting of lists and mappings, aliases expanded; default 100.
    pub depth: usize,
    /// Most values and keys in one document; default 2,000,000.
    pub nodes: usize,
    /// Most values and keys that the aliases of one document may add; default 100,000.
    pub alias_nodes: usize,
    /// Most bytes of text that the aliases of one document may add; default 8 MiB.
    pub alias_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            documents: 100_000,
            depth: 100,
            nodes: 2_000_000,
            alias_nodes: 100_000,
            alias_bytes: 8 << 20,
        }
    }
}
