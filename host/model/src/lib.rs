//! Plain types
