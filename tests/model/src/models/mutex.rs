//! The mutex and the once: what was done before one thread leaves is seen by the next; and who waits
//! is woken, for a model in which somebody waits for ever has failed.

use std::cell::Cell;
use std::rc::Rc;

use crate::core;
use crate::models::Model;
use crate::object::Kind;
use crate::world::{Plan, World, world};

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
    Model {
        name: "who_waits_is_woken",
        preemptions: None,
        body: || contend(&[1, 2], &[]),
    },
    Model {
        name: "two_wait_for_a_third",
        preemptions: Some(3),
        body: || contend(&[1, 1, 1], &[]),
    },
    Model {
        name: "who_came_too_late_is_handed_the_mutex",
        preemptions: None,
        body: || contend(&[1, 3], &[]),
    },
    Model {
        name: "who_tries_takes_what_nobody_has",
        preemptions: Some(3),
        body: || contend(&[1, 1], &[2]),
    },
    Model {
        name: "one_initialises_and_the_others_see_it",
        preemptions: None,
        body: || initialise(2, 0),
    },
    Model {
        name: "three_ask_for_one_thing",
        preemptions: Some(2),
        body: || initialise(3, 0),
    },
    Model {
        name: "another_tries_again_after_a_failure",
        preemptions: Some(4),
        body: || initialise(2, 1),
    },
];

fn start() -> &'static World {
    World::start(&Plan {
        objects: vec![Kind::Plain],
        homes: vec![0; 2],
        places: 1,
        onces: 1,
        ..Plan::default()
    })
}

/// Threads that each lock so many times, and threads that try as often. The first one is this one.
fn contend(lock: &'static [usize], attempt: &'static [usize]) {
    let world = start();
    let locks = lock.iter().map(|rounds| (*rounds, true));
    let attempts = attempt.iter().map(|rounds| (*rounds, false));
    let mut work = locks.chain(attempts).map(|(rounds, waits)| {
        move || {
            for _ in 0..rounds {
                add(waits);
            }
        }
    });
    let mine = work.next().expect("somebody");
    let others: Vec<_> = (1..)
        .zip(work)
        .map(|(number, body)| world.spawn(number, body))
        .collect();
    mine();
    for other in others {
        other.join().expect("no panic");
    }
    assert!(core::mutex_try(world.place(0)), "nobody has it any more");
    world.object(0).decref();
    world.finish();
}

/// Writes what the mutex protects, if it can be had.
fn add(waits: bool) {
    let byte = world().place(0);
    if waits {
        core::mutex_lock(byte);
    } else if !core::mutex_try(byte) {
        return;
    }
    world().object(0).write();
    core::mutex_unlock(byte);
}

/// So many threads ask for the same thing; the first attempts fail.
fn initialise(threads: usize, failures: usize) {
    let world = start();
    let attempts = Rc::new(Cell::new(0));
    let done = Rc::new(Cell::new(0));
    let work = {
        let (attempts, done) = (Rc::clone(&attempts), Rc::clone(&done));
        move || {
            let once = world.once(0);
            while once.begin().expect("it does not ask for itself") {
                world.object(0).write();
                let attempt = attempts.replace(attempts.get() + 1);
                let succeeded = attempt >= failures;
                done.set(done.get() + usize::from(succeeded));
                once.end(succeeded);
            }
            assert!(once.is_done(), "somebody has initialised it");
            world.object(0).read();
        }
    };
    let others: Vec<_> = (1..threads)
        .map(|number| world.spawn(number, work.clone()))
        .collect();
    work();
    for other in others {
        other.join().expect("no panic");
    }
    assert_eq!((attempts.get(), done.get()), (failures + 1, 1));
    world.object(0).decref();
    world.finish();
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
