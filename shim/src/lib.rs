//! Placeholder until the shim lands.
#![no_std]
