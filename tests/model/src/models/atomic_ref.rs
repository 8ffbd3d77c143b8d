//! Readers and writers of an atomic reference.
//!
//! Slots: a block has two in this build. Threads that begin their search at the same one collide.

use crate::core::AtomicRef;
use crate::models::Model;
use crate::object::{Kind, Obj};
use crate::world::{Plan, World, world};

pub(super) const MODELS: &[Model] = &[
    Model {
        name: "a_load_survives_a_store",
        preemptions: None,
        body: || reader_against(|cell, b| cell.store(Some(b))),
    },
    Model {
        name: "a_load_survives_a_store_of_null",
        preemptions: None,
        body: || reader_against(|cell, _| cell.store(None)),
    },
    Model {
        name: "a_load_survives_a_swap_that_drops",
        preemptions: None,
        body: || {
            reader_against(|cell, b| {
                let old = cell.swap(Some(b)).expect("the cell was full");
                old.read();
                old.decref();
            });
        },
    },
    Model {
        name: "a_load_survives_a_compare_exchange",
        preemptions: Some(6),
        body: || {
            reader_against(|cell, b| {
                let a = world().object(0);
                a.incref();
                assert!(
                    !cell.compare_exchange(Some(b), None),
                    "another value is there"
                );
                assert!(
                    cell.compare_exchange(Some(a), Some(b)),
                    "only this thread writes"
                );
                a.decref();
            });
        },
    },
    Model {
        name: "a_load_survives_a_store_of_the_same_value",
        preemptions: Some(6),
        body: || {
            reader_against(|cell, _| {
                cell.store(Some(world().object(0)));
                cell.store(None);
            });
        },
    },
    Model {
        name: "a_store_publishes_the_fields",
        preemptions: None,
        body: || publishes(|cell, object| cell.store(Some(object))),
    },
    Model {
        name: "a_compare_exchange_publishes_the_fields",
        preemptions: None,
        body: || {
            publishes(|cell, object| {
                assert!(
                    cell.compare_exchange(None, Some(object)),
                    "the cell was empty"
                );
            });
        },
    },
    Model {
        name: "a_load_of_null_acquires",
        preemptions: None,
        body: || emptied(|cell| cell.load().inspect(|old| old.decref()).is_none()),
    },
    Model {
        name: "a_swap_of_null_acquires",
        preemptions: None,
        body: || emptied(|cell| cell.swap(None).inspect(|old| old.decref()).is_none()),
    },
    Model {
        name: "a_compare_exchange_of_null_acquires",
        preemptions: None,
        body: || emptied(|cell| cell.compare_exchange(None, Some(world().object(2)))),
    },
    Model {
        name: "a_new_object_at_the_old_address_is_acquired",
        preemptions: None,
        body: new_object_at_the_old_address,
    },
    Model {
        name: "the_owner_sees_what_a_reader_took",
        preemptions: None,
        body: || biased(2, 1),
    },
    Model {
        name: "a_reader_that_owns_sees_what_it_was_given",
        preemptions: None,
        body: || biased(1, 1),
    },
    Model {
        name: "two_readers_with_slots_of_their_own",
        preemptions: Some(4),
        body: || two_readers([0, 1]),
    },
    Model {
        name: "two_readers_collide_in_a_slot",
        preemptions: Some(4),
        body: || two_readers([0, 0]),
    },
    Model {
        name: "two_writers",
        preemptions: None,
        body: two_writers,
    },
    Model {
        name: "a_reader_beside_two_writers",
        preemptions: Some(5),
        body: reader_and_two_writers,
    },
    Model {
        name: "a_slot_passes_to_a_reader_of_another_cell",
        preemptions: Some(4),
        body: two_cells,
    },
    Model {
        name: "a_reader_adds_a_block_when_a_fork_lost_all_slots",
        preemptions: None,
        body: || lost_in_a_fork(1),
    },
    Model {
        name: "two_readers_add_a_block",
        preemptions: Some(3),
        body: || lost_in_a_fork(2),
    },
];

/// Loads, uses what it got, and drops it.
fn read(cell: AtomicRef) -> bool {
    let value = cell.load();
    if let Some(object) = value {
        object.read();
        object.decref();
    }
    value.is_some()
}

/// One thread reads while another replaces `a`, which the cell alone refers to, and gets `b`.
fn reader_against(write: fn(AtomicRef, Obj)) {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain, Kind::Plain],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let reader = world.spawn(1, || read(world.cell(0)));
    let writer = world.spawn(2, move || {
        let b = world.object(1);
        write(world.cell(0), b);
        b.decref();
    });
    reader.join().expect("no panic");
    writer.join().expect("no panic");
    world.finish();
}

/// A thread that finds the object in the cell finds its fields written.
fn publishes(write: fn(AtomicRef, Obj)) {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain],
        cells: vec![None],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let reader = world.spawn(1, || read(world.cell(0)));
    let writer = world.spawn(2, move || {
        let object = world.object(0);
        object.write();
        write(world.cell(0), object);
        object.decref();
    });
    reader.join().expect("no panic");
    writer.join().expect("no panic");
    world.finish();
}

/// A thread that finds the cell empty sees what was written before it was emptied; here, the fields
/// of an object that the cell has nothing to do with.
fn emptied(is_empty: fn(AtomicRef) -> bool) {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain, Kind::Plain, Kind::Plain],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let finder = world.spawn(1, move || {
        if is_empty(world.cell(0)) {
            world.object(1).read();
        }
        world.object(2).decref();
    });
    let emptier = world.spawn(2, || {
        world.object(1).write();
        world.cell(0).store(None);
    });
    finder.join().expect("no panic");
    emptier.join().expect("no panic");
    world.object(1).decref();
    world.finish();
}

/// The value is dropped, freed, made anew at its address, and stored again while a reader stands
/// between its two looks at the cell.
fn new_object_at_the_old_address() {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let reader = world.spawn(1, || read(world.cell(0)));
    let writer = world.spawn(2, || {
        let object = world.object(0);
        world.cell(0).store(None);
        if object.is_freed() {
            object.renew();
            world.cell(0).store(Some(object));
            object.decref();
        }
    });
    reader.join().expect("no panic");
    writer.join().expect("no panic");
    world.finish();
}

/// A reader and a writer, one of which owns the object and counts its references apart.
fn biased(owner: usize, n_loads: usize) {
    let world = World::start(&Plan {
        objects: vec![Kind::Biased { owner }],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let reader = world.spawn(1, move || {
        for _ in 0..n_loads {
            read(world.cell(0));
        }
    });
    let writer = world.spawn(2, || {
        if let Some(old) = world.cell(0).swap(None) {
            old.read();
            old.decref();
        }
    });
    reader.join().expect("no panic");
    writer.join().expect("no panic");
    world.finish();
}

fn two_readers(homes: [usize; 2]) {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain],
        cells: vec![Some(0)],
        homes: homes.to_vec(),
        ..Plan::default()
    });
    let readers = [1, 2].map(|number| world.spawn(number, || read(world.cell(0))));
    // The main thread writes: one thread less to explore.
    world.cell(0).store(None);
    for reader in readers {
        reader.join().expect("no panic");
    }
    world.finish();
}

/// Each value that is put in comes out once.
fn two_writers() {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain; 3],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let swapper = world.spawn(1, || {
        let b = world.object(1);
        let old = world
            .cell(0)
            .swap(Some(b))
            .expect("nobody empties the cell");
        b.decref();
        old.read();
        old.decref();
    });
    let exchanger = world.spawn(2, || {
        let c = world.object(2);
        let current = world.cell(0).load().expect("nobody empties the cell");
        let exchanged = world.cell(0).compare_exchange(Some(current), Some(c));
        current.read();
        current.decref();
        c.decref();
        exchanged
    });
    swapper.join().expect("no panic");
    exchanger.join().expect("no panic");
    world.finish();
}

fn reader_and_two_writers() {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain; 2],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        ..Plan::default()
    });
    let reader = world.spawn(1, || read(world.cell(0)));
    let writer = world.spawn(2, || world.cell(0).store(Some(world.object(1))));
    world.cell(0).store(None);
    reader.join().expect("no panic");
    writer.join().expect("no panic");
    world.object(1).decref();
    world.finish();
}

/// Two cells name one object. Readers of either share a slot, so a writer of the first cell can give
/// to a reader of the second.
fn two_cells() {
    let world = World::start(&Plan {
        objects: vec![Kind::Biased { owner: 0 }],
        cells: vec![Some(0), None],
        homes: vec![0, 0],
        ..Plan::default()
    });
    world.cell(1).store(Some(world.object(0)));
    let readers = [0, 1].map(|cell| world.spawn(cell + 1, move || read(world.cell(cell))));
    world.cell(0).store(None);
    world.cell(1).store(None);
    for reader in readers {
        reader.join().expect("no panic");
    }
    world.finish();
}

/// Both slots of the first block are held by threads that a fork left behind.
fn lost_in_a_fork(n_readers: usize) {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain],
        cells: vec![Some(0)],
        homes: vec![0, 1],
        lost: vec![(0, 0), (1, 0)],
        spare_blocks: n_readers,
        ..Plan::default()
    });
    let readers: Vec<_> = (1..=n_readers)
        .map(|number| world.spawn(number, || read(world.cell(0))))
        .collect();
    world.cell(0).store(None);
    for reader in readers {
        reader.join().expect("no panic");
    }
    world.finish();
}
