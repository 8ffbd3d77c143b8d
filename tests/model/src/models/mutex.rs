//! The byte of a mutex and the flag of a once: what was done before one thread leaves is seen by the
//! next. Who waits for a mutex does so under locks, which need no model.

use crate::core;
use crate::models::Model;
use crate::object::Kind;
use crate::world::{Plan, World};

pub(super) const MODELS: &[Model] = &[
    Model {
        name: "who_locks_sees_what_the_last_one_did",
        preemptions: None,
        body: mutex,
    },
    Model {
        name: "what_is_done_is_seen_to_be_done",
        preemptions: None,
        body: once,
    },
];

fn start() -> &'static World {
    World::start(&Plan {
        objects: vec![Kind::Plain],
        homes: vec![0],
        places: 1,
        ..Plan::default()
    })
}

fn mutex() {
    let world = start();
    let work = || {
        if core::mutex_try(world.place(0)) {
            world.object(0).write();
            assert!(core::mutex_leave(world.place(0)), "it was locked");
        }
    };
    let other = world.spawn(1, work);
    work();
    work();
    other.join().expect("no panic");
    world.object(0).decref();
    world.finish();
}

fn once() {
    let world = start();
    let other = world.spawn(1, || {
        world.object(0).write();
        core::once_set_done(world.place(0));
    });
    if core::once_done(world.place(0)) {
        world.object(0).read();
    }
    other.join().expect("no panic");
    world.object(0).decref();
    world.finish();
}
