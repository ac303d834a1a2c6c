//! scaffolder
