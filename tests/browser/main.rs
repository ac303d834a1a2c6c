//! Looks at the pages as people do.
