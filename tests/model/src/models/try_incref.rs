//! Try-incref against the rest of biased reference counting.

use crate::models::Model;
use crate::object::Kind;
use crate::world::{Plan, World};

pub(super) const MODELS: &[Model] = &[
    Model {
        name: "a_try_against_the_last_decref_of_the_owner",
        preemptions: None,
        body: || last_decref(true, 1),
    },
    Model {
        name: "two_tries_against_the_last_decref_of_the_owner",
        preemptions: None,
        body: || last_decref(true, 2),
    },
    Model {
        name: "a_try_that_was_not_enabled_fails_or_holds",
        preemptions: None,
        body: || last_decref(false, 1),
    },
    Model {
        name: "a_try_that_succeeds_acquires_what_came_before_enabling",
        preemptions: None,
        body: enabling_releases,
    },
    Model {
        name: "two_threads_enable",
        preemptions: None,
        body: two_threads_enable,
    },
    Model {
        name: "a_try_of_the_owner_succeeds",
        preemptions: None,
        body: try_of_the_owner,
    },
];

/// Others try, knowing only an address that stays valid, while the owner drops the last reference.
fn last_decref(enable: bool, n_tries: usize) {
    let world = World::start(&Plan {
        objects: vec![Kind::Biased { owner: 0 }],
        homes: vec![0; n_tries],
        ..Plan::default()
    });
    let object = world.object(0);
    if enable {
        object.enable_try_incref();
    }
    let tries: Vec<_> = (1..=n_tries)
        .map(|number| {
            world.spawn(number, move || {
                let taken = object.try_incref();
                if taken {
                    object.read();
                    object.decref();
                }
                taken
            })
        })
        .collect();
    object.decref();
    for thread in tries {
        let taken = thread.join().expect("no panic");
        assert!(enable || !taken, "nobody allowed it");
    }
    world.finish();
}

/// The owner enables after others know the address, and what it wrote before is seen by them.
fn enabling_releases() {
    let world = World::start(&Plan {
        objects: vec![Kind::Biased { owner: 0 }],
        homes: vec![0],
        ..Plan::default()
    });
    let object = world.object(0);
    let other = world.spawn(1, move || {
        if object.try_incref() {
            object.read();
            object.decref();
        }
    });
    object.write();
    object.enable_try_incref();
    other.join().expect("no panic");
    object.decref();
    world.finish();
}

/// The owner and another thread that has a reference both enable; then a try must succeed.
fn two_threads_enable() {
    let world = World::start(&Plan {
        objects: vec![Kind::Biased { owner: 0 }],
        homes: vec![0],
        ..Plan::default()
    });
    let object = world.object(0);
    object.incref();
    let other = world.spawn(1, move || {
        object.enable_try_incref();
        assert!(object.try_incref(), "it is enabled and alive");
        object.decref();
        object.decref();
    });
    object.enable_try_incref();
    object.decref();
    other.join().expect("no panic");
    world.finish();
}

/// The owner needs no permission.
fn try_of_the_owner() {
    let world = World::start(&Plan {
        objects: vec![Kind::Biased { owner: 0 }],
        homes: vec![0],
        ..Plan::default()
    });
    let object = world.object(0);
    object.incref();
    let other = world.spawn(1, move || object.decref());
    assert!(object.try_incref(), "the caller owns it");
    object.decref();
    object.decref();
    other.join().expect("no panic");
    world.finish();
}
