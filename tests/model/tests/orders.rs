//! No order in `orders.h` is stronger than needed: each one, weakened by any single step, breaks the
//! model that is named here for it. A site that is not here fails its test.

use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};

use libtest_mimic::{Arguments, Failed, Trial};
use model::explore::explore;
use model::models;
use model::site::{self, Weakening};

const BROKEN: &[(&str, Ordering, &str)] = &[
    ("CELL_READ", Relaxed, "a_load_of_null_acquires"),
    (
        "CELL_VALIDATE",
        Relaxed,
        "a_new_object_at_the_old_address_is_acquired",
    ),
    ("CELL_SWAP", Acquire, "a_store_publishes_the_fields"),
    ("CELL_SWAP", Release, "a_swap_of_null_acquires"),
    (
        "CELL_EXCHANGE",
        Acquire,
        "a_compare_exchange_publishes_the_fields",
    ),
    (
        "CELL_EXCHANGE",
        Release,
        "a_compare_exchange_of_null_acquires",
    ),
    ("HAZARD_CLAIM_FENCE", AcqRel, "a_load_survives_a_store"),
    ("HAZARD_SCAN_FENCE", AcqRel, "a_load_survives_a_store"),
    ("HAZARD_SCAN", Relaxed, "the_owner_sees_what_a_reader_took"),
    (
        "HAZARD_GIFT",
        Relaxed,
        "a_reader_that_owns_sees_what_it_was_given",
    ),
    (
        "HAZARD_GIFT_LOST",
        Relaxed,
        "the_owner_sees_what_a_reader_took",
    ),
    ("HAZARD_CLEAR", Acquire, "the_owner_sees_what_a_reader_took"),
    (
        "HAZARD_CLEAR",
        Release,
        "a_reader_that_owns_sees_what_it_was_given",
    ),
    ("HAZARD_NEXT_READ", Relaxed, "two_readers_add_a_block"),
    ("HAZARD_NEXT_PUBLISH", Relaxed, "two_readers_add_a_block"),
    ("HAZARD_NEXT_LOST", Relaxed, "two_readers_add_a_block"),
    (
        "HAZARD_NEXT_SCAN",
        Relaxed,
        "a_reader_adds_a_block_when_a_fork_lost_all_slots",
    ),
    (
        "TRY_SHARED_TAKE",
        Relaxed,
        "a_try_that_succeeds_acquires_what_came_before_enabling",
    ),
    (
        "ENABLE_SET",
        Relaxed,
        "a_try_that_succeeds_acquires_what_came_before_enabling",
    ),
    ("TABLE_PUBLISH", Relaxed, "a_published_table_is_complete"),
    ("SLOTS_PUBLISH", Relaxed, "a_published_array_is_complete"),
    (
        "SLOTS_LOST",
        Relaxed,
        "who_publishes_second_uses_the_first_array",
    ),
    ("SLOTS_GET", Relaxed, "a_published_array_is_complete"),
    (
        "MUTEX_TAKE",
        Relaxed,
        "who_locks_sees_what_the_last_one_did",
    ),
    (
        "MUTEX_LEAVE",
        Relaxed,
        "who_locks_sees_what_the_last_one_did",
    ),
    ("ONCE_DONE_GET", Relaxed, "what_is_done_is_seen_to_be_done"),
    ("ONCE_DONE_SET", Relaxed, "what_is_done_is_seen_to_be_done"),
];

/// What damage looks like; anything else, such as a model that never ends, is no proof.
const DAMAGE: &[&str] = &["Causality violation", "freed", "leaked"];

fn breaks(weakening: Weakening) -> Result<(), Failed> {
    let row = BROKEN
        .iter()
        .find(|(site, order, _)| *site == weakening.site && *order == weakening.order)
        .ok_or("no model is named for it: weaken it for good, or show why not")?;
    match explore(models::named(row.2), Some(weakening)) {
        Ok(executions) => Err(format!("`{}` holds in all {executions} executions", row.2).into()),
        Err(text) if DAMAGE.iter().any(|damage| text.contains(damage)) => Ok(()),
        Err(text) => Err(format!("`{}` fails in another way: {text}", row.2).into()),
    }
}

fn every_row_is_a_weakening() -> Result<(), Failed> {
    for (site, order, _) in BROKEN {
        if !site::weakenings().any(|each| each.site == *site && each.order == *order) {
            return Err(format!("{site} cannot be weakened to {order:?} in one step").into());
        }
    }
    Ok(())
}

fn main() {
    let mut trials: Vec<_> = site::weakenings()
        .map(|weakening| {
            let name = format!("{}_is_needed_beyond_{:?}", weakening.site, weakening.order);
            Trial::test(name, move || breaks(weakening))
        })
        .collect();
    trials.push(Trial::test(
        "every_row_is_a_weakening",
        every_row_is_a_weakening,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
