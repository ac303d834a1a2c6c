//! Drives the binary from outside: HTTP, command line, files, signals.
