//! Publication of the table and of slot arrays. Objects stand for them: what matters is that their
//! fields are seen as they were when they were published.

use crate::core;
use crate::models::Model;
use crate::object::{Kind, Obj};
use crate::world::{Plan, World};

pub(super) const MODELS: &[Model] = &[
    Model {
        name: "a_published_table_is_complete",
        preemptions: None,
        body: table,
    },
    Model {
        name: "a_published_array_is_complete",
        preemptions: None,
        body: || array(1),
    },
    Model {
        name: "who_publishes_second_uses_the_first_array",
        preemptions: None,
        body: || array(2),
    },
];

fn table() {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain, Kind::Plain],
        homes: vec![0],
        ..Plan::default()
    });
    let publish = |number| {
        let mine = world.object(number);
        mine.write();
        let winner = core::publish_table(mine.0);
        Obj(core::table()).read();
        assert_eq!(core::table(), winner, "it changes once");
    };
    let other = world.spawn(1, move || publish(1));
    let table = core::table();
    if table != core::stubs() {
        Obj(table).read();
    }
    publish(0);
    other.join().expect("no panic");
    world.object(0).decref();
    world.object(1).decref();
    world.finish();
}

fn array(n_publishers: usize) {
    let world = World::start(&Plan {
        objects: vec![Kind::Plain, Kind::Plain],
        homes: vec![0],
        places: 1,
        ..Plan::default()
    });
    let publish = |number| {
        let mine = world.object(number);
        mine.write();
        Obj(core::slots_publish(world.place(0), 0, mine.0)).read();
    };
    let other = world.spawn(1, move || publish(1));
    if n_publishers == 2 {
        publish(0);
    } else {
        let found = core::slots_current(world.place(0));
        if found != 0 {
            Obj(found).read();
        }
    }
    other.join().expect("no panic");
    world.object(0).decref();
    world.object(1).decref();
    world.finish();
}
