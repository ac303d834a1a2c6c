//! The rules of the house that a program can check. Each finding says what is wrong, where, and what to do.
//!
//! Rules are pure functions over plain values; only this module and [`tree`] read the checkout.

pub mod edges;
pub mod manifests;
pub mod owners;
pub mod text;
pub mod tree;
pub mod wit;

use std::{fmt, fs};

use anyhow::{Context as _, Result};
use cargo_metadata::DependencyKind;

use crate::checkout::Checkout;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// A file, a folder or a package.
    pub place: String,
    /// What is wrong there and what to do about it.
    pub message: String,
}

impl Finding {
    /// A finding at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

/// What a check of the whole checkout gave.
#[derive(Debug, Default)]
pub struct Report {
    /// Broken rules; any of them fails the check.
    pub findings: Vec<Finding>,
    /// Things worth knowing that fail nothing.
    pub notes: Vec<String>,
}

/// A member of the workspace, as the rules see it.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    pub dependencies: Vec<Dependency>,
}

/// One line of a member's dependency tables.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: String,
    /// Only tests, examples and benchmarks see it.
    pub only_tests: bool,
}

/// Checks every rule.
pub fn check(checkout: &Checkout) -> Result<Report> {
    let members = members(checkout);
    let mut report = Report::default();
    report.findings.extend(edges::check(&members));
    report.findings.extend(owners::check(&members));
    for package in &checkout.packages {
        let path = package.manifest_path.as_std_path();
        let manifest = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        report.findings.extend(manifests::check(&package.name, &manifest));
    }

    report.findings.extend(tree::check_top_level(&tree::top_level(&checkout.root)?));
    let files = tree::files(&checkout.root)?;
    report.findings.extend(tree::check_lengths(&files));
    report.notes.extend(tree::note_lengths(&files));
    report.findings.extend(files.iter().flat_map(text::check));
    report.findings.extend(wit::check(&checkout.root.join("wit"))?);
    report.findings.sort();
    report.findings.dedup();
    Ok(report)
}

fn members(checkout: &Checkout) -> Vec<Member> {
    let dependencies = |package: &cargo_metadata::Package| {
        let one = |dependency: &cargo_metadata::Dependency| Dependency {
            name: dependency.name.clone(),
            only_tests: dependency.kind == DependencyKind::Development,
        };
        package.dependencies.iter().map(one).collect()
    };
    checkout
        .packages
        .iter()
        .map(|package| Member { name: package.name.to_string(), dependencies: dependencies(package) })
        .collect()
}

#[cfg(test)]
pub(crate) fn member(name: &str, dependencies: &[&str], only_tests: &[&str]) -> Member {
    let with = |names: &[&str], only_tests| {
        names.iter().map(|name| Dependency { name: (*name).to_owned(), only_tests }).collect::<Vec<_>>()
    };
    Member { name: name.to_owned(), dependencies: [with(dependencies, false), with(only_tests, true)].concat() }
}
