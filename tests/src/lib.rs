//! Shared pieces of the conformance tests.
