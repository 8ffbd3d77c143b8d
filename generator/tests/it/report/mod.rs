//! How what was found is shown, counted and suppressed.

mod formats;
mod gate;
mod reports;
mod suppressions;
