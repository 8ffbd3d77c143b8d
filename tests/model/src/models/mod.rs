//! The situations that are explored.

mod atomic_ref;
mod mutex;
mod publication;
mod try_incref;

/// One situation.
pub struct Model {
    /// What it shows, as a test is named.
    pub name: &'static str,
    /// How many times a thread may be stopped where it could go on; without a bound all executions
    /// are explored. Every bound here is the largest that takes seconds; one more was explored
    /// once and found nothing. The environment variable `PYSHIM_MODEL_DEEPER` adds to all of them.
    pub preemptions: Option<usize>,
    /// One execution, from `World::start` to `World::finish`.
    pub body: fn(),
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Model> {
    [
        atomic_ref::MODELS,
        try_incref::MODELS,
        publication::MODELS,
        mutex::MODELS,
    ]
    .into_iter()
    .flatten()
}

/// The one of that name.
pub fn named(name: &str) -> &'static Model {
    all()
        .find(|model| model.name == name)
        .unwrap_or_else(|| panic!("no model is named `{name}`"))
}
